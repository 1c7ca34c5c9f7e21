internal import Bytes
internal import Crypto
internal import JSON

/// The signature algorithms of ID tokens that are taken (RFC 7518 §3.1).
enum SignatureAlgorithm: String, Sendable {
    case rs256 = "RS256"
    case es256 = "ES256"

    var keyKind: KeyKind {
        switch self {
        case .rs256: .rsa
        case .es256: .ecdsaP256
        }
    }
}

/// The keys that a provider signs with (RFC 7517), those that can be used for it.
public struct ProviderKeys: Sendable {
    struct Key: Sendable {
        let id: String?
        let key: PublicKey
        /// The only algorithm that it is for, where it says so.
        let algorithm: SignatureAlgorithm?

        func isFor(_ other: SignatureAlgorithm) -> Bool {
            key.kind == other.keyKind && (algorithm == nil || algorithm == other)
        }
    }

    private static let limit = 64
    private let keys: [Key]

    /// Reads a key set; keys of other kinds and for other uses are passed over, as RFC 7517 §5 has it.
    ///
    /// Throws for what is no key set, and for one without a key that can be used.
    public init(_ document: [UInt8]) throws(ProviderRefused) {
        guard let list = (try? JSONValue.parse(document))?["keys"]?.array, list.count <= Self.limit else {
            throw ProviderRefused("its key set is none, or has more than \(Self.limit) keys")
        }
        keys = list.compactMap { $0.object.flatMap(Self.key) }
        guard !keys.isEmpty else { throw ProviderRefused("its key set has no RSA or P-256 key for signatures") }
    }

    private static func key(_ object: JSONObject) -> Key? {
        guard object["use"] == nil || object["use"]?.string == "sig" else { return nil }
        let algorithm = object["alg"]?.string.flatMap(SignatureAlgorithm.init(rawValue:))
        guard object["alg"] == nil || algorithm != nil else { return nil }
        let key: PublicKey? =
            switch object["kty"]?.string {
            case "RSA":
                bytes(object, "n").flatMap { n in
                    bytes(object, "e").flatMap { try? PublicKey(rsaModulus: n, exponent: $0) }
                }
            case "EC" where object["crv"]?.string == "P-256":
                bytes(object, "x").flatMap { x in
                    bytes(object, "y").flatMap { try? PublicKey(p256X: x, y: $0) }
                }
            default: nil
            }
        return key.map { Key(id: object["kid"]?.string, key: $0, algorithm: algorithm) }
    }

    private static func bytes(_ object: JSONObject, _ name: String) -> [UInt8]? {
        object[name]?.string.flatMap { Base64.decode($0, alphabet: .url) }
    }

    /// The key of that id, or, for a token that names none, the only one of its kind; nil if there is none.
    func key(id: String?, for algorithm: SignatureAlgorithm) -> PublicKey? {
        let suitable = keys.filter { $0.isFor(algorithm) }
        guard let id else { return suitable.count == 1 ? suitable[0].key : nil }
        return suitable.first { $0.id?.utf8.elementsEqual(id.utf8) ?? false }?.key
    }
}
