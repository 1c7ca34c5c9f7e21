internal import Crypto

/// The kinds of keys that CloudFront's signed cookies and URLs know.
public enum KeyAlgorithm: String, Sendable, CaseIterable {
    /// What every verifier takes.
    case rsa2048 = "RSA-2048"
    /// A larger modulus; verifying takes twice as long.
    case rsa3072 = "RSA-3072"
    /// The largest modulus; verifying takes four times as long.
    case rsa4096 = "RSA-4096"
    /// Short signatures; CloudFront takes them since 2025, older tools do not.
    case ecdsaP256 = "ECDSA-P256"

    /// The algorithm of a key, nil for another size of modulus.
    init?(of key: PublicKey) {
        self.init(rawValue: Self.name(of: key))
    }

    /// How a key's algorithm is called, known or not.
    static func name(of key: PublicKey) -> String {
        switch key.kind {
        case .rsa: "RSA-\(key.bits)"
        case .ecdsaP256: KeyAlgorithm.ecdsaP256.rawValue
        }
    }

    /// A new key; takes up to seconds.
    func generate() throws(CryptoError) -> PrivateKey {
        switch self {
        case .rsa2048: try .generateRSA(bits: 2048)
        case .rsa3072: try .generateRSA(bits: 3072)
        case .rsa4096: try .generateRSA(bits: 4096)
        case .ecdsaP256: try .generateP256()
        }
    }
}
