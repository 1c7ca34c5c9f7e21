import HTTPWire
import Outbound
import Testing

@Suite struct AddressScopeTests {
    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.88.98.255",
        "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255",
        "203.0.112.255",
        "203.0.114.0", "223.255.255.255", "2000::", "2001:200::1", "2001:4860:4860::8888", "2001:db7:ffff::",
        "2001:db9::", "2003::", "2a00:1450::1", "3ffe:ffff::", "3fff:1000::",
    ])
    func `addresses of the internet are anybody's`(_ text: String) throws {
        #expect(AddressScope(try #require(IPAddress(text))) == .global)
    }

    @Test(arguments: ["127.0.0.0", "127.0.0.1", "127.255.255.255", "::1"])
    func `loopback is this machine`(_ text: String) throws {
        #expect(AddressScope(try #require(IPAddress(text))) == .loopback)
    }

    @Test(arguments: [
        "10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255", "100.64.0.0",
        "100.127.255.255", "fc00::", "fd12:3456::1", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ])
    func `private, shared and unique local addresses are an intranet's`(_ text: String) throws {
        #expect(AddressScope(try #require(IPAddress(text))) == .intranet)
    }

    @Test(arguments: [
        "0.0.0.0", "0.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255", "192.0.0.0", "192.0.0.192",
        "192.0.2.0", "192.0.2.255", "192.88.99.1", "192.52.193.1", "192.31.196.1", "192.175.48.1", "198.18.0.0",
        "198.19.255.255", "198.51.100.0", "203.0.113.255", "224.0.0.0", "239.255.255.255", "240.0.0.0",
        "255.255.255.255", "168.63.129.16", "100.100.100.200",
        "::", "::2", "::127.0.0.1", "::ffff:0:1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "100::1",
        "1fff:ffff::", "2001::", "2001:0:4136:e378::1", "2001:10::1", "2001:1ff:ffff::", "2001:db8::1",
        "2001:db8:ffff::", "2002::", "2002:7f00:1::1", "2002:ffff::", "2620:4f:8000::1", "3fff::", "3fff:fff:ffff::",
        "4000::", "5f00::1", "8000::", "fbff::", "fe00::", "fe80::1", "febf::1", "fec0::1", "feff::1", "ff00::",
        "ff02::1", "fd00:ec2::254",
    ])
    func `everything else is nobody's`(_ text: String) throws {
        #expect(AddressScope(try #require(IPAddress(text))) == .never)
    }

    @Test func `an IPv4 address mapped into IPv6 is the one it carries when it comes as bytes`() throws {
        func mapped(_ bytes: [UInt8]) throws -> AddressScope {
            let prefix = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
            return AddressScope(try #require(IPAddress(bytes: prefix + bytes)))
        }
        #expect(try mapped([127, 0, 0, 1]) == .loopback)
        #expect(try mapped([10, 1, 2, 3]) == .intranet)
        #expect(try mapped([169, 254, 169, 254]) == .never)
        #expect(try mapped([8, 8, 8, 8]) == .global)
    }
}
