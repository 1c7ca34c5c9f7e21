/// Seals secrets that stay secret even from someone who has the database, under a key that is kept elsewhere.
///
/// Each purpose has a key of its own, derived from the one that the operator keeps, and every sealed value is bound to the row
/// and field it is for, so that rows cannot be exchanged.
public struct Sealer: Sendable {
    private let key: [UInt8]

    /// A sealer for one purpose, under `master`.
    ///
    /// Throws when the key does not have 32 bytes.
    public init(master: [UInt8], purpose: String) throws(CryptoError) {
        guard master.count == AESGCM.keyBytes else {
            throw CryptoError(
                "use a sealing key", reasons: ["it has \(master.count) bytes and needs \(AESGCM.keyBytes)"])
        }
        key = HMAC.sha256(key: master, message: Array(purpose.utf8))
    }

    /// Seals a secret for the place that `binding` names.
    public func seal(_ secret: [UInt8], binding: String) throws(CryptoError) -> [UInt8] {
        try AESGCM.seal(secret, key: key, additionalData: Array(binding.utf8))
    }

    /// Opens what was sealed for that place; throws when the key, the place or any byte is another one.
    public func open(_ sealed: [UInt8], binding: String) throws(CryptoError) -> [UInt8] {
        try AESGCM.open(sealed, key: key, additionalData: Array(binding.utf8))
    }
}
