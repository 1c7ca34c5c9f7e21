internal import Bytes
public import Crypto

/// Makes signed cookies and signed URLs as CloudFront's own signers do.
public struct CloudFrontSigner: Sendable {
    /// One cookie's name and value; the attributes are the caller's.
    public typealias Cookie = (name: String, value: String)

    private let key: PrivateKey
    private let keyPairId: String
    private let digest: DigestAlgorithm

    /// A signer with the key whose public half the edge knows as `keyPairId`.
    ///
    /// SHA-1 by default because every CloudFront verifier takes it without a fourth parameter; with `.sha256` the
    /// hash is named in a `Hash-Algorithm` parameter or cookie.
    public init(key: PrivateKey, keyPairId: String, digest: DigestAlgorithm = .sha1) {
        precondition(digest != .md5, "CloudFront signs with SHA-1 or SHA-256")
        self.key = key
        self.keyPairId = keyPairId
        self.digest = digest
    }

    /// The cookies of a custom policy.
    public func cookies(_ policy: CloudFrontPolicy) throws(CryptoError) -> [Cookie] {
        let text = Array(policy.customText.utf8)
        return try parameters(signing: text, proof: ("Policy", Base64.encode(text, alphabet: .cloudFront)))
            .map { ("CloudFront-\($0.name)", $0.value) }
    }

    /// The cookies of a canned policy, good for exactly one URL.
    public func cookies(url: String, expires: Int64) throws(CryptoError) -> [Cookie] {
        let text = Array(CloudFrontPolicy.cannedText(url: url, expires: expires).utf8)
        return try parameters(signing: text, proof: ("Expires", String(expires)))
            .map { ("CloudFront-\($0.name)", $0.value) }
    }

    /// `url` with a custom policy; the policy's resource says what else the parameters open.
    public func signedURL(_ url: String, policy: CloudFrontPolicy) throws(CryptoError) -> String {
        let text = Array(policy.customText.utf8)
        return append(
            try parameters(signing: text, proof: ("Policy", Base64.encode(text, alphabet: .cloudFront))), to: url)
    }

    /// `url` with a canned policy.
    public func signedURL(_ url: String, expires: Int64) throws(CryptoError) -> String {
        let text = Array(CloudFrontPolicy.cannedText(url: url, expires: expires).utf8)
        return append(try parameters(signing: text, proof: ("Expires", String(expires))), to: url)
    }

    private func parameters(signing text: [UInt8], proof: Cookie) throws(CryptoError) -> [Cookie] {
        let signature = Base64.encode(try key.sign(text, digest), alphabet: .cloudFront)
        var parameters: [Cookie] = [proof, ("Signature", signature), ("Key-Pair-Id", keyPairId)]
        if digest == .sha256 { parameters.append(("Hash-Algorithm", "SHA256")) }
        return parameters
    }

    private func append(_ parameters: [Cookie], to url: String) -> String {
        let separator = url.contains("?") ? "&" : "?"
        return url + separator + parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }
}
