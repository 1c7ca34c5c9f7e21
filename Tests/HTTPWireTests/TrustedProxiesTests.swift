import HTTPWire
import Testing

@Suite struct TrustedProxiesTests {
    private func client(_ peer: String, _ fields: [String], trusting networks: [String] = TrustedProxies.loopback)
        throws
        -> String
    {
        let proxies = TrustedProxies(networks.compactMap { IPNetwork($0) })
        return proxies.client(peer: try #require(IPAddress(peer)), forwardedFor: fields).description
    }

    @Test func `a client that reaches the origin past its proxies is nobody but itself`() throws {
        #expect(try client("203.0.113.9", ["192.0.2.1"]) == "203.0.113.9")
        #expect(try client("2001:db8::1", ["192.0.2.1"]) == "2001:db8::1")
    }

    @Test func `a proxy says who its client is, and what the client said before counts for nothing`() throws {
        #expect(try client("127.0.0.1", ["203.0.113.9"]) == "203.0.113.9")
        #expect(try client("127.0.0.1", ["192.0.2.1, 127.0.0.1, 203.0.113.9"]) == "203.0.113.9")
        #expect(try client("127.0.0.1", ["192.0.2.1", " 203.0.113.9 "]) == "203.0.113.9")
        #expect(try client("::1", ["2001:db8::7"]) == "2001:db8::7")
        #expect(try client("127.0.0.1", ["203.0.113.9, 127.0.0.1"]) == "127.0.0.1")
    }

    @Test func `behind several proxies the client is whom the outermost names`() throws {
        let trusted = TrustedProxies.loopback + ["10.0.0.0/8"]
        #expect(try client("127.0.0.1", ["192.0.2.1, 203.0.113.9, 10.1.2.3"], trusting: trusted) == "203.0.113.9")
        #expect(try client("10.0.0.1", [], trusting: trusted) == "10.0.0.1")
    }

    @Test func `what is no address ends the walk at who wrote it`() throws {
        for field in ["", ",", "unknown", "203.0.113.9:80", "192.0.2.1, ', 1=1", "192.0.2.1, 203.0.113.999"] {
            #expect(try client("127.0.0.1", [field]) == "127.0.0.1", "\(field)")
        }
    }
}
