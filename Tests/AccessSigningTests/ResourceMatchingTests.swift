import AccessSigning
import Crypto
import Testing

@Suite struct ResourceMatchingTests {
    private static let key = Result { try PrivateKey.generateP256() }

    private func isOpen(_ url: String, under resource: String?) throws -> Bool {
        let key = try Self.key.get()
        let signer = CloudFrontSigner(key: key, keyPairId: "K", hash: .sha256)
        let verifier = SignedAccessVerifier(keys: ["K": key.publicKey])
        let scheme = url.hasPrefix("https://") ? "https://" : "http://"
        let rest = url.dropFirst(scheme.count)
        let slash = try #require(rest.firstIndex(of: "/"))
        let question = rest.firstIndex(of: "?")
        let cookies = try signer.cookies(CloudFrontPolicy(resource: resource, expires: 1_900_000_000))
        return Viewer(
            isTLS: scheme == "https://", host: String(rest[..<slash]),
            path: String(rest[slash..<(question ?? rest.endIndex)]),
            query: question.map { String(rest[rest.index(after: $0)...]) }, cookieFields: [cookies.field]
        ).check(verifier).isAllowed
    }

    @Test(arguments: [
        ("https://a.test/x", "*"),
        ("https://a.test/x", nil),
        ("https://a.test/x", "https://a.test/x"),
        ("https://A.Test/x", "https://a.test/x"),
        ("http://a.test/x", "http*://a.test/x"),
        ("https://a.test/x", "*://a.test/x"),
        ("https://a.test/deep/x?y=1", "https://a*"),
        ("https://a.test/", "https://a.test"),
        ("https://a.test/deep/x", "https://*/deep/*"),
        ("https://a.test:8443/deep/x?y=1", "https://*/deep/*"),
        ("https://a.test/img1.jpg", "https://a.test/img?.jpg"),
        ("https://a.test/x?license=yes&z=1", #"https://a.test/x\?license=yes*"#),
        ("https://a.test/x?license=yes", "https://a.test/x?license=yes"),
        ("https://a.test/game_download.zip?license=yes", "*game_download.zip*"),
        ("https://www.example.com/", "*example.com/"),
        ("https://a.test/aXbXc", "https://a.test/a*b*c"),
    ])
    func `a resource covers`(_ url: String, _ resource: String?) throws {
        #expect(try isOpen(url, under: resource))
    }

    @Test(arguments: [
        ("http://a.test/x", "https://a.test/x"),
        ("https://a.test/X", "https://a.test/x"),
        ("https://a.test/x?y=1", "https://a.test/x"),
        ("https://a.test/x", #"https://a.test/x\?y=1"#),
        ("https://a.test/x?y=2", #"https://a.test/x\?y=1"#),
        ("https://evil.test/a.test/x", "https://a*/x"),
        ("https://a.test/deep/x", "https://a.test"),
        ("https://a.test/img12.jpg", "https://a.test/img?.jpg"),
        ("https://a.test/x/deep", "https://a.test/x"),
        ("https://a.test/x", "a.test/x"),
        ("https://a.test/aXcXb", "https://a.test/a*b*c"),
        ("https://a.test/x?/deep/", "https://*/deep/*"),
    ])
    func `a resource does not cover`(_ url: String, _ resource: String?) throws {
        #expect(try !isOpen(url, under: resource))
    }

    @Test func `a hostile pattern costs no more than pattern times text`() throws {
        let resource = "https://a.test/" + String(repeating: "a*", count: 2000) + "b"
        #expect(try !isOpen("https://a.test/" + String(repeating: "a", count: 8000), under: resource))
    }
}
