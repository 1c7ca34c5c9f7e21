internal import Bytes
public import Crypto

/// Makes signed cookies and signed URLs as CloudFront's own signers do.
public struct CloudFrontSigner: Sendable {
    /// One cookie's name and value; the attributes are the caller's.
    public typealias Cookie = CloudFrontStatement.Cookie

    private let key: PrivateKey
    private let keyPairId: String
    private let hash: CloudFrontHash

    /// A signer with the key whose public half the edge knows as `keyPairId`.
    ///
    /// SHA-1 by default because every CloudFront verifier takes it without a fourth parameter; with `.sha256` the
    /// hash is named in a `Hash-Algorithm` parameter or cookie.
    public init(key: PrivateKey, keyPairId: String, hash: CloudFrontHash = .sha1) {
        self.key = key
        self.keyPairId = keyPairId
        self.hash = hash
    }

    /// Signs the text of a statement; with the signer's own hash unless another is asked for.
    public func sign(_ text: String, with hash: CloudFrontHash? = nil) throws(CryptoError) -> CloudFrontSignature {
        let hash = hash ?? self.hash
        let signature = Base64.encode(try key.sign(Array(text.utf8), hash.digest), alphabet: .cloudFront)
        return CloudFrontSignature(keyPairId: keyPairId, hash: hash, text: signature)
    }

    /// The cookies of a custom policy.
    public func cookies(_ policy: CloudFrontPolicy) throws(CryptoError) -> [Cookie] {
        try cookies(.custom(policy))
    }

    /// The cookies of a canned policy, good for exactly one URL.
    public func cookies(url: String, expires: Int64) throws(CryptoError) -> [Cookie] {
        try cookies(.canned(url: url, expires: expires))
    }

    /// `url` with a custom policy; the policy's resource says what else the parameters open.
    public func signedURL(_ url: String, policy: CloudFrontPolicy) throws(CryptoError) -> String {
        try signedURL(url, .custom(policy))
    }

    /// `url` with a canned policy.
    public func signedURL(_ url: String, expires: Int64) throws(CryptoError) -> String {
        try signedURL(url, .canned(url: url, expires: expires))
    }

    private func cookies(_ statement: CloudFrontStatement) throws(CryptoError) -> [Cookie] {
        statement.cookies(try sign(statement.text))
    }

    private func signedURL(_ url: String, _ statement: CloudFrontStatement) throws(CryptoError) -> String {
        statement.url(url, try sign(statement.text))
    }
}
