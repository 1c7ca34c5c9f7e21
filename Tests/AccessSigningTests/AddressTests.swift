import AccessSigning
import Crypto
import Testing

@Suite struct AddressTests {
    private static let key = Result { try PrivateKey.generateP256() }

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
        ("192.0.2.0/28", "192.0.2.15", true),
        ("192.0.2.0/28", "192.0.2.16", false),
        ("0.0.0.0/0", "255.255.255.255", true),
        ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/32", "2001:db9::", false),
        ("2001:db8::7", "2001:db8::7", true),
        ("2001:db8::7", "2001:db8::8", false),
        ("2001:db8::/127", "2001:db8::1", true),
        ("::/0", "2001:db8::1", true),
        // Fails closed where the families differ, whatever the block would cover as a number.
        ("::/0", "192.0.2.1", false),
        ("0.0.0.0/0", "2001:db8::1", false),
        ("0.0.0.0/0", "::1", false),
        ("::ffff:0:0/96", "192.0.2.1", false),
    ])
    func `an address condition admits its block and never the other family`(
        _ block: String, _ peer: String, _ isOpen: Bool
    ) throws {
        let key = try Self.key.get()
        let verifier = SignedAccessVerifier(keys: ["K": key.publicKey])
        let source = try #require(IPNetwork(block))
        let policy = CloudFrontPolicy(resource: "*", expires: 1_900_000_000, source: source)
        let field = try CloudFrontSigner(key: key, keyPairId: "K").cookies(policy).field
        let address = try #require(IPAddress(peer))
        let width = address.family.bitCount / 8
        let bytes = (0..<width).map { UInt8(truncatingIfNeeded: address.bits >> (8 * (width - 1 - $0))) }
        var memo = AccessMemo()
        for _ in 0..<2 {
            let decision = Viewer(cookieFields: [field], peer: bytes).check(verifier, memo: &memo)
            #expect(decision.denial?.reason == (isOpen ? nil : .address))
        }
    }

    @Test func `a mapped peer is its IPv4 address, and one without an address is nowhere`() {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1]
        #expect(IPAddress(bytes: mapped) == IPAddress("192.0.2.1"))
        #expect(IPAddress(bytes: [192, 0, 2, 1]) == IPAddress("192.0.2.1"))
        #expect(IPAddress(bytes: [UInt8](repeating: 0, count: 15) + [1]) == IPAddress("::1"))
        for count in [0, 3, 5, 15, 17] { #expect(IPAddress(bytes: [UInt8](repeating: 1, count: count)) == nil) }
    }
}
