internal import Crypto

/// What the two messages of an SRP sign-in have in common, kept by the client under a seal, so that beginning one writes
/// nothing. `SECRET_BLOCK` is these bytes sealed for one client and one name.
struct SecretBlock: Sendable, Equatable {
    /// Names the block once it has been answered.
    let id: [UInt8]
    /// Epoch milliseconds.
    let expiresAt: Int64
    /// With which the client may sign: `SRPExchange.keys`.
    let keys: [[UInt8]]
    /// The hash of the sealed verifier that the keys descend from: with another one they are worth nothing.
    let verifierHash: [UInt8]

    init(expiresAt: Int64, keys: [[UInt8]], verifierHash: [UInt8]) {
        id = SecureRandom.bytes(Self.idBytes)
        self.expiresAt = expiresAt
        self.keys = keys
        self.verifierHash = verifierHash
    }

    /// Whether one of the keys made `signature`; all of them are tried.
    func accepts(
        _ signature: [UInt8], identity: SRPIdentity, sealed: [UInt8], timestamp: String
    ) -> Bool {
        keys.count { key in
            constantTimeEqual(
                signature,
                SRPKey.signature(key: key, identity: identity, secretBlock: sealed, timestamp: timestamp))
        } > 0
    }
}

extension SecretBlock {
    private static let idBytes = 16
    private static let timeBytes = 8
    private static let keyCount = 2
    private static let byteCount = idBytes + timeBytes + keyCount * SRPKey.bytes + DigestAlgorithm.sha256.byteCount

    /// The id, the time, the keys and the hash, one after the other.
    var bytes: [UInt8] {
        let time = (0..<Self.timeBytes).map { UInt8(truncatingIfNeeded: expiresAt >> Int64(56 - 8 * $0)) }
        return id + time + keys.flatMap { $0 } + verifierHash
    }

    /// Reads what `bytes` gave; nil for another number of bytes.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        var rest = bytes[...]
        func take(_ count: Int) -> [UInt8] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        id = take(Self.idBytes)
        expiresAt = take(Self.timeBytes).reduce(0) { $0 << 8 | Int64($1) }
        keys = (0..<Self.keyCount).map { _ in take(SRPKey.bytes) }
        verifierHash = take(DigestAlgorithm.sha256.byteCount)
    }
}
