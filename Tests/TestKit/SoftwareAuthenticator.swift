internal import Bytes
public import CBOR
public import Crypto
public import JSON

/// An authenticator and the browser before it, in software: makes a passkey and signs with it.
///
/// Everything it says can be changed first, so that a test can lie in one thing and be right in all others.
public struct SoftwareAuthenticator: Sendable {
    /// How it signs.
    public enum Key: Sendable {
        case es256(PrivateKey)
        case rs256(PrivateKey)
        case edDSA(Ed25519PrivateKey)

        /// A new key of P-256.
        public static func p256() throws -> Key { .es256(try .generateP256()) }
    }

    /// What it says of itself: nothing, or a signature by the new key.
    public enum Attestation: Sendable { case none, packed }

    /// Flag: somebody touched it.
    public static let userPresent: UInt8 = 1
    /// Flag: it made sure who.
    public static let userVerified: UInt8 = 4
    /// Flag: the key may be copied to other devices.
    public static let backupEligible: UInt8 = 8
    /// Flag: it has been.
    public static let backedUp: UInt8 = 16

    /// The credential's id.
    public var id: [UInt8]
    /// What signs.
    public var key: Key
    /// For whom the passkey is.
    public var relyingPartyId = "localhost"
    /// Whose page asks.
    public var origin = "http://localhost:8080"
    /// What it says of the person; flags of what follows are added.
    public var flags = userPresent | userVerified
    /// Its count of signatures.
    public var signatureCount: UInt32 = 0
    /// The account that the passkey was made for, as it tells when it signs.
    public var userHandle: [UInt8]?
    /// Takes the place of `webauthn.create` and `webauthn.get`.
    public var type: String?
    /// More members of the client data.
    public var clientDataMembers: JSONObject = ["crossOrigin": false]
    /// Extensions, which the flags then announce.
    public var extensions: CBORValue?
    /// What registrations come with.
    public var attestation = Attestation.none

    /// An authenticator with one passkey.
    public init(key: Key, id: [UInt8] = SecureRandom.bytes(32)) {
        self.key = key
        self.id = id
    }

    /// The answer to `navigator.credentials.create`.
    public func create(challenge: [UInt8]) throws -> JSONValue {
        let clientData = clientData("webauthn.create", challenge)
        let attestationObject = try attestationObject(clientData)
        return credential([
            "clientDataJSON": Self.text(clientData), "attestationObject": Self.text(attestationObject),
            "transports": ["internal"],
        ])
    }

    /// The answer to `navigator.credentials.get`.
    public func get(challenge: [UInt8]) throws -> JSONValue {
        let (clientData, data) = (clientData("webauthn.get", challenge), authenticatorData())
        var response: JSONObject = [
            "clientDataJSON": Self.text(clientData), "authenticatorData": Self.text(data),
            "signature": Self.text(try sign(data + Digest.sha256(clientData))),
        ]
        if let userHandle { response["userHandle"] = Self.text(userHandle) }
        return credential(response)
    }

    /// What the browser says of the page.
    public func clientData(_ usualType: String, _ challenge: [UInt8]) -> [UInt8] {
        var object: JSONObject = [
            "type": .string(type ?? usualType), "challenge": Self.text(challenge), "origin": .string(origin),
        ]
        for (name, value) in clientDataMembers.members { object[name] = value }
        return JSONValue.object(object).serialized()
    }

    /// With the new key in it where `coseKey` is given.
    public func authenticatorData(coseKey: CBORValue? = nil) -> [UInt8] {
        let announced = flags | (coseKey == nil ? 0 : 0x40) | (extensions == nil ? 0 : 0x80)
        var data = Digest.sha256(Array(relyingPartyId.utf8)) + [announced]
        data += (0..<4).reversed().map { UInt8(truncatingIfNeeded: signatureCount >> UInt32(8 * $0)) }
        if let coseKey {
            data += Array(repeating: 0, count: 16) + [UInt8(id.count >> 8), UInt8(id.count & 255)] + id
            data += coseKey.encoded()
        }
        return data + (extensions?.encoded() ?? [])
    }

    /// The new key, as it is sent.
    public func attestationObject(_ clientData: [UInt8]) throws -> [UInt8] {
        let data = authenticatorData(coseKey: coseKey)
        var statement = CBORMap()
        if attestation == .packed {
            statement["alg"] = coseKey.map?[3]
            statement["sig"] = .bytes(try sign(data + Digest.sha256(clientData)))
        }
        return Self.attestationObject(attestation == .packed ? "packed" : "none", statement, data)
    }

    /// An attestation object of these parts.
    public static func attestationObject(_ format: String, _ statement: CBORMap, _ data: [UInt8]) -> [UInt8] {
        var object = CBORMap()
        object["fmt"] = .text(format)
        object["attStmt"] = .map(statement)
        object["authData"] = .bytes(data)
        return CBORValue.map(object).encoded()
    }

    /// The public key (COSE).
    public var coseKey: CBORValue {
        switch key {
        case .es256(let key):
            let point = key.publicKey.der.suffix(64)
            return Self.key(2, -7, [-1: 1, -2: .bytes(Array(point.prefix(32))), -3: .bytes(Array(point.suffix(32)))])
        case .rs256(let key):
            let (modulus, exponent) = key.publicKey.rsaParameters ?? ([], [])
            return Self.key(3, -257, [-1: .bytes(modulus), -2: .bytes(exponent)])
        case .edDSA(let key):
            return Self.key(1, -8, [-1: 6, -2: .bytes(key.publicKeyBytes)])
        }
    }

    /// A COSE key of any type, algorithm and parameters.
    public static func key(_ type: Int64, _ algorithm: Int64, _ parameters: [Int64: CBORValue]) -> CBORValue {
        var map = CBORMap([.integer(1): CBORValue(type), .integer(3): CBORValue(algorithm)])
        for (label, value) in parameters { map[label] = value }
        return .map(map)
    }

    /// The passkey's signature.
    public func sign(_ message: [UInt8]) throws -> [UInt8] {
        switch key {
        case .es256(let key), .rs256(let key): try key.sign(message, .sha256)
        case .edDSA(let key): try key.sign(message)
        }
    }

    private func credential(_ response: JSONObject) -> JSONValue {
        [
            "id": Self.text(id), "rawId": Self.text(id), "type": "public-key", "authenticatorAttachment": "platform",
            "clientExtensionResults": [:], "response": .object(response),
        ]
    }

    private static func text(_ bytes: [UInt8]) -> JSONValue { .string(Base64.encode(bytes, alphabet: .url)) }
}
