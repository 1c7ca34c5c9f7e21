import EventLoop
import Testing

struct SocketAddressTests {
    @Test(arguments: ["127.0.0.1:8080", "0.0.0.0:0", "[::1]:65535", "[2001:db8::7:0]:443"])
    func `an address is written as it was read`(text: String) throws {
        #expect(try #require(SocketAddress(text)).description == text)
    }

    @Test(arguments: [
        "", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+80", "127.0.0.1: 80", "127.0.0.1:80:90",
        "::1:80",
        "[127.0.0.1]:80", "[::1]", "[::1:80", "localhost:80", "256.0.0.1:80", "1.2.3:80",
    ])
    func `what is not a numeric address with a port is refused`(text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test func `bytes come in network order, 4 or 16 of them`() throws {
        let four = try #require(SocketAddress(ip: "192.0.2.1", port: 1))
        #expect(four.ipBytes == [192, 0, 2, 1])
        #expect(four.family == .ipv4)
        let sixteen = try #require(SocketAddress(ip: "2001:db8::1", port: 1))
        #expect(sixteen.ipBytes == [0x20, 0x01, 0x0d, 0xb8] + Array(repeating: 0, count: 11) + [1])
        #expect(SocketAddress(ipBytes: sixteen.ipBytes, port: 1) == sixteen)
        #expect(SocketAddress(ipBytes: [1, 2, 3], port: 1) == nil)
    }

    @Test func `an IPv4 address mapped into IPv6 becomes IPv4`() throws {
        let mapped = try #require(SocketAddress(ip: "::ffff:192.0.2.1", port: 80))
        #expect(mapped == SocketAddress("192.0.2.1:80"))
        #expect(Set([mapped, try #require(SocketAddress("192.0.2.1:80"))]).count == 1)
    }

    @Test func `loopback addresses are known`() throws {
        #expect(SocketAddress.loopback(port: 80).description == "127.0.0.1:80")
        for (ip, isLoopback) in [("127.1.2.3", true), ("::1", true), ("10.0.0.1", false), ("::2", false)] {
            #expect(try #require(SocketAddress(ip: ip, port: 0)).isLoopback == isLoopback)
        }
    }
}
