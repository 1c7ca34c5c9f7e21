import HTTPWire
import Testing

@Suite struct AddressTests {
    @Test(arguments: [
        ("203.0.113.77/24", "203.0.113.0/24"),
        ("192.0.2.10", "192.0.2.10/32"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:db8::1", "2001:db8::1/128"),
        ("2001:DB8:0:0:8:800:200C:417A/64", "2001:db8::/64"),
        ("::/0", "::/0"),
        ("::", "::/128"),
        ("1::", "1::/128"),
        ("2001:db8:0:1:0:0:0:1/128", "2001:db8:0:1::1/128"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3/128"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0/128"),
        ("::ffff:192.0.2.1/120", "::ffff:c000:200/120"),
        ("fe80::1:2/10", "fe80::/10"),
    ])
    func `a block is read and written in its canonical form`(_ text: String, _ canonical: String) throws {
        let block = try #require(IPNetwork(text))
        #expect(block.description == canonical)
        #expect(IPNetwork(canonical) == block)
    }

    @Test(arguments: [
        "", "/", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/08",
        "1.2.3.4/8/8", " 1.2.3.4", "a.b.c.d", "::1/129", "::1/", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "12345::",
        "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "g::", "fe80::1%eth0", "[::1]", "1.2.3.4::",
        "::1.2.3", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:",
    ])
    func `what is no block is refused`(_ text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test(arguments: [
        ("192.0.2.0/28", "192.0.2.15", true), ("192.0.2.0/28", "192.0.2.16", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false),
        ("::/0", "192.0.2.1", false), ("0.0.0.0/0", "::1", false), ("::ffff:0:0/96", "192.0.2.1", false),
    ])
    func `a block holds its addresses and none of the other family`(
        _ block: String, _ peer: String, _ isInside: Bool
    ) throws {
        #expect(try #require(IPNetwork(block)).contains(try #require(IPAddress(peer))) == isInside)
    }

    @Test func `a mapped peer is its IPv4 address, and one without an address is nowhere`() {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1]
        #expect(IPAddress(bytes: mapped) == IPAddress("192.0.2.1"))
        #expect(IPAddress(bytes: [192, 0, 2, 1]) == IPAddress("192.0.2.1"))
        #expect(IPAddress(bytes: [UInt8](repeating: 0, count: 15) + [1]) == IPAddress("::1"))
        for count in [0, 3, 5, 15, 17] { #expect(IPAddress(bytes: [UInt8](repeating: 1, count: count)) == nil) }
    }
}
