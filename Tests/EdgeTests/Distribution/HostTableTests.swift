import Testing

@testable import Edge

@Suite struct HostTableTests {
    private static let aliases = [
        ["video.example.com"], ["*.example.com", "other.test"], ["*.live.example.com", "[::1]"],
    ]

    private func index(_ host: String, servesUnknown: Bool = true) -> Int? {
        let table = HostTable(Self.aliases, servesUnknown: servesUnknown)
        return Array(host.utf8).withUnsafeBytes { table.index(of: $0) }
    }

    @Test(arguments: [
        ("video.example.com", 0), ("VIDEO.Example.COM", 0), ("video.example.com:8443", 0), ("video.example.com.", 0),
        ("video.example.com.:80", 0), ("a.example.com", 1), ("a.b.example.com", 1), ("other.test", 1),
        ("a.live.example.com", 2), ("live.example.com", 1), ("[::1]:8080", 2),
    ])
    func `an exact name goes before the longest star, whatever case, port and last dot`(host: String, expected: Int) {
        #expect(index(host, servesUnknown: false) == expected)
    }

    @Test(arguments: ["", "example.com", "video.example.com.evil.test", "xexample.com", ".example.com", "[::2]", ":80"])
    func `a host that none names is the default's, or nobody's`(host: String) {
        #expect(index(host) == 0)
        #expect(index(host, servesUnknown: false) == nil)
    }

    @Test(arguments: [
        ("video.example.com", true), ("*.example.com", true), ("localhost", true), ("xn--bcher-kva.example", true),
        ("", false), ("*", false), ("*.", false), ("a.*.com", false), ("http://a.com", false), ("a.com:80", false),
        ("a.com/x", false), ("-a.com", false), ("a..com", false), ("bücher.example", false), ("a b", false),
    ])
    func `an alias is a host name, or a star before one`(alias: String, isGood: Bool) {
        #expect((HostTable.problem(of: alias) == nil) == isGood)
    }
}
