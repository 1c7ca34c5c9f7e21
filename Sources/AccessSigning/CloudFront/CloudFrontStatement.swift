internal import Bytes

/// What is signed: a custom policy, or a canned one, which is good for one URL and says nothing but its end.
public enum CloudFrontStatement: Sendable, Equatable {
    /// A policy that travels with its signature.
    case custom(CloudFrontPolicy)
    /// A policy that the verifier puts together itself.
    case canned(url: String, expires: Int64)

    /// One cookie's name and value; the attributes are the caller's.
    public typealias Cookie = (name: String, value: String)

    /// The text that is signed.
    public var text: String {
        switch self {
        case .custom(let policy): policy.customText
        case .canned(let url, let expires): CloudFrontPolicy.cannedText(url: url, expires: expires)
        }
    }

    /// The cookies that carry the statement.
    public func cookies(_ signature: CloudFrontSignature) -> [Cookie] {
        parameters(signature).map { ("CloudFront-\($0.name)", $0.value) }
    }

    /// `url` with the statement in its query; a custom policy's resource says what else the parameters open.
    public func url(_ url: String, _ signature: CloudFrontSignature) -> String {
        let separator = url.contains("?") ? "&" : "?"
        return url + separator + parameters(signature).map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    private func parameters(_ signature: CloudFrontSignature) -> [Cookie] {
        let proof: Cookie =
            switch self {
            case .custom: ("Policy", Base64.encode(Array(text.utf8), alphabet: .cloudFront))
            case .canned(_, let expires): ("Expires", String(expires))
            }
        var parameters = [proof, ("Signature", signature.text), ("Key-Pair-Id", signature.keyPairId)]
        if signature.hash != .sha1 { parameters.append(("Hash-Algorithm", signature.hash.rawValue)) }
        return parameters
    }
}

/// A signature of a statement's text, by whom and with which hash.
public struct CloudFrontSignature: Sendable, Equatable {
    /// The id by which edges know the public half.
    public let keyPairId: String
    /// With which hash.
    public let hash: CloudFrontHash
    /// In CloudFront's Base64.
    public let text: String

    /// Takes over a signature that somebody has made.
    public init(keyPairId: String, hash: CloudFrontHash, text: String) {
        self.keyPairId = keyPairId
        self.hash = hash
        self.text = text
    }
}
