/// Seals secrets that stay secret even from someone who has the database, under keys that are kept elsewhere.
///
/// Each purpose has keys of its own, derived from those that the operator keeps, and every sealed value is bound to the row
/// and field it is for, so that rows cannot be exchanged. A sealed value says which key it is sealed under:
///
///     1 ‖ id of the key, 4 bytes ‖ nonce ‖ ciphertext ‖ tag
///
/// Those of before keys had ids begin with the nonce; every key is tried for them.
public struct Sealer: Sendable {
    private static let version: UInt8 = 1

    private struct Key {
        let header: [UInt8]
        let bytes: [UInt8]

        init(_ master: [UInt8], purpose: String) {
            header = [Sealer.version] + SealingKeys.id(of: master)
            bytes = HMAC.sha256(key: master, message: Array(purpose.utf8))
        }
    }

    private let keys: [Key]

    /// A sealer for one purpose.
    public init(_ keys: SealingKeys, purpose: String) {
        self.keys = keys.all.map { Key($0, purpose: purpose) }
    }

    /// Seals a secret for the place that `binding` names.
    public func seal(_ secret: [UInt8], binding: String) throws(CryptoError) -> [UInt8] {
        keys[0].header + (try AESGCM.seal(secret, key: keys[0].bytes, additionalData: Array(binding.utf8)))
    }

    /// Opens what was sealed for that place; throws when the place or any byte is another one, or the key is none of ours.
    public func open(_ sealed: [UInt8], binding: String) throws(CryptoError) -> [UInt8] {
        let place = Array(binding.utf8)
        if let key = keys.first(where: { sealed.starts(with: $0.header) }) {
            let rest = Array(sealed.dropFirst(key.header.count))
            if let opened = try? AESGCM.open(rest, key: key.bytes, additionalData: place) { return opened }
        }
        for key in keys.dropLast() {
            if let opened = try? AESGCM.open(sealed, key: key.bytes, additionalData: place) { return opened }
        }
        return try AESGCM.open(sealed, key: keys[keys.count - 1].bytes, additionalData: place)
    }

    /// The same secret under the key that seals now; nil where it is sealed under it already. Throws as `open` does.
    public func rewrapped(_ sealed: [UInt8], binding: String) throws(CryptoError) -> [UInt8]? {
        let opened = try open(sealed, binding: binding)
        return sealed.starts(with: keys[0].header) ? nil : try seal(opened, binding: binding)
    }
}
