public import Crypto

/// What a signature is made with, by the name that `Hash-Algorithm` gives it.
public enum CloudFrontHash: String, Sendable, CaseIterable {
    /// What verifiers take when nothing is said.
    case sha1 = "SHA1"
    /// Always said.
    case sha256 = "SHA256"

    /// The one that keys of a kind sign with unless told: RSA keys as ever, while ECDSA came with SHA-256.
    public init(usualFor kind: KeyKind) {
        switch kind {
        case .rsa: self = .sha1
        case .ecdsaP256: self = .sha256
        }
    }

    /// The one of that name, byte for byte.
    init?(name: [UInt8]) {
        guard let hash = Self.allCases.first(where: { name.elementsEqual($0.rawValue.utf8) }) else { return nil }
        self = hash
    }

    /// The digest that is signed.
    public var digest: DigestAlgorithm {
        switch self {
        case .sha1: .sha1
        case .sha256: .sha256
        }
    }
}
