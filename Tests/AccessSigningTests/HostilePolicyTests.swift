import AccessSigning
import Bytes
import Crypto
import Testing

/// Policies made to cost time or memory, signed or not.
@Suite struct HostilePolicyTests {
    private static let key = Result { try PrivateKey.generateP256() }

    private func decision(policy text: [UInt8], signed: Bool) throws -> AccessDecision {
        let key = try Self.key.get()
        let verifier = SignedAccessVerifier(keys: ["K": key.publicKey])
        let signature = signed ? try key.sign(text, .sha1) : [0]
        let policy = Base64.encode(text, alphabet: .cloudFront)
        let encoded = Base64.encode(signature, alphabet: .cloudFront)
        return Viewer(cookieFields: [
            "CloudFront-Policy=\(policy); CloudFront-Signature=\(encoded); CloudFront-Key-Pair-Id=K"
        ]).check(verifier)
    }

    @Test(arguments: [false, true])
    func `a policy of ten megabytes is denied`(signed: Bool) throws {
        let resource = String(repeating: "a", count: 10 << 20)
        let text =
            #"{"Statement":[{"Resource":"\#(resource)*","Condition":{"DateLessThan":{"AWS:EpochTime":1900000000}}}]}"#
        #expect(try decision(policy: Array(text.utf8), signed: signed).denial != nil)
    }

    @Test(arguments: [64, 1_000, 100_000])
    func `a policy nested deeply is denied, though it is signed`(depth: Int) throws {
        let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let text =
            #"{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":1900000000}},"X":\#(nested)}]}"#
        #expect(try decision(policy: Array(text.utf8), signed: true).denial != nil)
        #expect(try decision(policy: Array(text.utf8), signed: false).denial != nil)
    }
}
