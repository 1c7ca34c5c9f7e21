public import CBOR
internal import Crypto

/// The public key of a passkey (COSE, RFC 9053), in one of the algorithms that are asked for.
public struct CredentialKey: Sendable {
    /// How a key signs; the raw value is COSE's number.
    public enum Algorithm: Int64, Sendable, CaseIterable {
        /// ECDSA on P-256 with SHA-256.
        case es256 = -7
        /// Ed25519.
        case edDSA = -8
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        case rs256 = -257
    }

    private enum Key: Sendable {
        case signing(PublicKey)
        case edwards(Ed25519PublicKey)
    }

    /// Moduli beyond 4,096 bits, and exponents beyond 32, cost whoever verifies more than they protect.
    private static let longestModulus = 512
    private static let longestExponent = 4

    /// The algorithm, which the key says itself.
    public let algorithm: Algorithm
    /// The key as it is stored.
    public let cose: [UInt8]
    private let key: Key

    /// Reads what `cose` gave, or an authenticator wrote.
    public init(cose: [UInt8]) throws(WebAuthnRefusal) {
        guard let value = try? CBORValue.parse(cose) else { throw .unsupportedKey }
        try self.init(value)
    }

    /// Reads a COSE key with the parameters of its algorithm and no others.
    public init(_ value: CBORValue) throws(WebAuthnRefusal) {
        guard let map = value.map, let algorithm = map[Label.algorithm]?.integer.flatMap({ Algorithm(rawValue: $0) })
        else { throw .unsupportedKey }
        self.algorithm = algorithm
        cose = value.encoded()
        do {
            key =
                switch algorithm {
                case .es256: try Self.ellipticKey(map)
                case .edDSA: try Self.edwardsKey(map)
                case .rs256: try Self.rsaKey(map)
                }
        } catch {
            throw .unsupportedKey
        }
    }

    /// Whether `signature` is this key's over `message`.
    public func verify(signature: [UInt8], message: [UInt8]) -> Bool {
        switch key {
        case .signing(let key): key.verify(signature: signature, message: message, digest: .sha256)
        case .edwards(let key): key.verify(signature: signature, message: message)
        }
    }

    /// Labels of RFC 9052 §7.1, and of RFC 9053 §7 and RFC 8230 §4, where one number means one thing with each key type.
    private enum Label {
        static let keyType: Int64 = 1
        static let algorithm: Int64 = 3
        static let curve: Int64 = -1
        static let x: Int64 = -2
        static let y: Int64 = -3
        static let modulus: Int64 = -1
        static let exponent: Int64 = -2
    }

    private static func ellipticKey(_ map: CBORMap) throws -> Key {
        guard hasOnly([Label.curve, Label.x, Label.y], ofType: 2, map), map[Label.curve]?.integer == 1,
            let x = map[Label.x]?.bytes, let y = map[Label.y]?.bytes
        else { throw WebAuthnRefusal.unsupportedKey }
        return .signing(try PublicKey(p256X: x, y: y))
    }

    private static func edwardsKey(_ map: CBORMap) throws -> Key {
        guard hasOnly([Label.curve, Label.x], ofType: 1, map), map[Label.curve]?.integer == 6,
            let x = map[Label.x]?.bytes
        else { throw WebAuthnRefusal.unsupportedKey }
        return .edwards(try Ed25519PublicKey(x))
    }

    private static func rsaKey(_ map: CBORMap) throws -> Key {
        guard hasOnly([Label.modulus, Label.exponent], ofType: 3, map), let modulus = map[Label.modulus]?.bytes,
            let exponent = map[Label.exponent]?.bytes, modulus.count <= longestModulus,
            exponent.count <= longestExponent
        else { throw WebAuthnRefusal.unsupportedKey }
        return .signing(try PublicKey(rsaModulus: modulus, exponent: exponent))
    }

    private static func hasOnly(_ labels: Set<Int64>, ofType type: Int64, _ map: CBORMap) -> Bool {
        let expected = labels.union([Label.keyType, Label.algorithm]).map { CBORMap.Key.integer($0) }
        return map.keys == Set(expected) && map[Label.keyType]?.integer == type
    }
}
