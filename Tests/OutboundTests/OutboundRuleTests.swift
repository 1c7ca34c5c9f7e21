import EventLoop
import Testing

@testable import Outbound

@Suite struct OutboundRuleTests {
    private let rule = OutboundRule()
    private let intranet = OutboundRule(allowsPrivateAddresses: true)

    @Test(arguments: [
        "https://example.com/a?b=c", "http://example.com", "https://example.com:8443/", "http://8.8.8.8:1024/",
        "https://[2a00:1450::1]/", "HTTPS://EXAMPLE.com/",
    ])
    func `addresses of the web are taken`(_ text: String) throws {
        _ = try rule.url(text)
    }

    @Test(arguments: [
        "", "example.com", "//example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
        "javascript:alert(1)", "http://", "https://user@example.com/", "https://user:secret@example.com/",
        "https://example.com\\@127.0.0.1/", "https://exa mple.com/", "https://example.com/\u{0}",
        "https://exämple.com/",
        "https://example.com/ä", "https://example.com:0/", "https://example.com:22/", "https://example.com:25/",
        "https://example.com:1023/", "https://example.com:65536/", "https://example.com%2f@127.0.0.1/",
        "https://[::1/", "https://127.0.0.1]/", "https://a,b/",
    ])
    func `what is none is refused`(_ text: String) {
        #expect(throws: OutboundRefusal.self) { try rule.url(text) }
        #expect(throws: OutboundRefusal.self) { try intranet.url(text) }
    }

    @Test func `a URL that is too long is refused`() throws {
        let base = "https://example.com/"
        _ = try rule.url(base + String(repeating: "a", count: OutboundRule.maximumURLBytes - base.utf8.count))
        #expect(throws: OutboundRefusal.self) {
            try rule.url(base + String(repeating: "a", count: OutboundRule.maximumURLBytes))
        }
    }

    @Test(arguments: ["127.0.0.1", "10.0.0.1", "[::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]"])
    func `private and loopback addresses are taken where that is allowed`(_ host: String) throws {
        #expect(throws: OutboundRefusal.self) { try rule.url("http://\(host)/") }
        _ = try intranet.url("http://\(host)/")
    }

    @Test(arguments: [
        "169.254.169.254", "0.0.0.0", "224.0.0.1", "[::]", "[fe80::1]", "[64:ff9b::a00:1]", "[2002:a00:1::]",
        "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "[::10.0.0.1]",
    ])
    func `link-local, carrying and reserved addresses never are`(_ host: String) {
        #expect(throws: OutboundRefusal.self) { try rule.url("http://\(host)/") }
        #expect(throws: OutboundRefusal.self) { try intranet.url("http://\(host)/") }
    }

    @Test(arguments: [
        ("https://other.test/x", "https://other.test/x"), ("//other.test/x", "https://other.test/x"),
        ("/x?y", "https://a.test:443/x?y"), ("x", "https://a.test:443/b/x"), ("?z", "https://a.test:443/b/c?z"),
        ("../x", "https://a.test:443/b/../x"), ("", "https://a.test:443/b/"),
    ])
    func `a redirect is read as the standard has it`(_ location: String, _ expected: String) throws {
        #expect(try rule.url("https://a.test/b/c?d=/e").resolving(location) == expected)
    }
}
