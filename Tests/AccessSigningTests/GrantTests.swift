import AccessSigning
import Crypto
import Testing

/// By what a viewer's requests are counted.
@Suite struct GrantTests {
    private static let key = Result { try PrivateKey.generateP256() }
    private let key: PrivateKey
    private let signer: CloudFrontSigner
    private let policy = CloudFrontPolicy(resource: "http*://*/media/42/*", expires: 1_900_000_000)

    init() throws {
        key = try Self.key.get()
        signer = CloudFrontSigner(key: key, keyPairId: "K")
    }

    private func verifier() -> SignedAccessVerifier {
        SignedAccessVerifier(keys: ["K": key.publicKey, "K2": key.publicKey])
    }

    @Test func `one policy is one grant, by cookie and by query, on every loop, remembered or not`() throws {
        let first = verifier()
        let cookie = Viewer(cookieFields: [try signer.cookies(policy).field])
        // Another signature: ECDSA has a random part.
        let url = try signer.signedURL("https://cdn.example.com/media/42/a", policy: policy)
        let query = Viewer(query: String(url.split(separator: "?")[1]))
        let grants = [cookie, cookie, query, query].map { $0.check(first).grant }
        #expect(grants.map { $0?.source } == [.cookies, .cookies, .query, .query])
        let identity = try #require(grants[0]?.identity)
        #expect(grants.allSatisfy { $0?.identity == identity })
        #expect(cookie.check(verifier()).grant?.identity == identity)
    }

    @Test func `spelling the parameters differently makes no other grant`() throws {
        let url = try signer.signedURL("https://cdn.example.com/media/42/a", policy: policy)
        let query = String(url.split(separator: "?")[1])
        let escaped = query.replacing("Key-Pair-Id=K", with: "Key-Pair-Id=%4B").replacing("-", with: "%2D")
        let respelled = escaped.replacing("Key%2DPair%2DId", with: "Key-Pair-Id")
        let verifier = verifier()
        #expect(Viewer(query: respelled).check(verifier).isAllowed)
        #expect(Viewer(query: respelled).check(verifier) == Viewer(query: query).check(verifier))
    }

    @Test func `another policy or another key pair is another grant`() throws {
        let verifier = verifier()
        let later = CloudFrontPolicy(resource: policy.resource, expires: policy.expires + 1)
        let viewers = [
            Viewer(cookieFields: [try signer.cookies(policy).field]),
            Viewer(cookieFields: [try signer.cookies(later).field]),
            Viewer(cookieFields: [try CloudFrontSigner(key: key, keyPairId: "K2").cookies(policy).field]),
        ]
        let identities = try viewers.map { try #require($0.check(verifier).grant?.identity) }
        #expect(Set(identities).count == 3)
    }
}
