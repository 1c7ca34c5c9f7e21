public import AccessSigning
internal import Audit
public import Catalog
public import Crypto
public import EdgeControl
internal import EventLoop
internal import JSON
internal import Synchronization
public import Telemetry

/// The keys of one origin: makes them, says which one signs, and retires them.
///
/// The catalog is the truth; what is in memory only saves opening the signing key again.
public final class SigningKeys: Sendable {
    /// A key with how many edges know its state.
    public struct Report: Sendable {
        /// The key.
        public let key: SigningKey
        /// How far the connected edges have learnt whether it is trusted.
        public let edges: ControlLog.Progress
    }

    /// A private key that another program has made.
    public struct Imported: Sendable {
        /// Its `Key-Pair-Id`.
        public let id: String
        let read: @Sendable () throws -> PrivateKey

        /// A key that is read only if it is needed.
        public init(id: String, read: @escaping @Sendable () throws -> PrivateKey) {
            self.id = id
            self.read = read
        }
    }

    /// The group that playback signs for has no key that signs.
    struct NoSigner: Error, CustomStringConvertible {
        let groupId: String
        var description: String { "the key group \(groupId) has no key that signs" }
    }

    let catalog: any CatalogStore
    let log: ControlLog
    let groupId: String
    let grantSeconds: Int64
    let now: @Sendable () -> Int64
    let logger: Logger
    let changed = Doorbell()
    private let sealer: Sealer
    private let pool: BlockingPool
    private let opened = Mutex<(id: String, signer: CloudFrontSigner)?>(nil)

    /// The keys in `catalog`.
    ///
    /// - Parameters:
    ///   - log: by which edges learn of changes.
    ///   - sealingKeys: what private halves are sealed under, kept outside the catalog.
    ///   - groupId: the group that playback signs for.
    ///   - grantSeconds: the longest life of a grant.
    ///   - now: epoch milliseconds; must not block.
    /// - Throws: `SystemError` without a thread left.
    public init(
        catalog: any CatalogStore, log: ControlLog, sealingKeys: SealingKeys, groupId: String, grantSeconds: Int,
        now: @escaping @Sendable () -> Int64, logger: Logger
    ) throws {
        self.catalog = catalog
        self.log = log
        self.groupId = groupId
        self.grantSeconds = Int64(grantSeconds)
        self.now = now
        self.logger = logger
        sealer = Sealer(sealingKeys, purpose: "weir signing keys")
        pool = try BlockingPool(name: "keys", threads: 1, queueLimit: 4)
    }

    /// Seals private halves under the key that seals now.
    public var sealedValues: SealedValueRewrapping {
        [.signingKey: { [sealer] in try sealer.rewrapped($0.sealed, binding: Self.binding($0.scope, $0.owner)) }]
    }

    /// Sees to it that the group has a key that signs: the imported one, or a new one, if it has none yet.
    ///
    /// Throws when the signing key cannot be opened, which means another sealing key.
    public func prepare(importing imported: Imported?) async throws {
        let (signer, known) = try await catalog.read { [groupId] reader in
            (try reader.signer(ofGroup: groupId), try imported.flatMap { try reader.signingKey(id: $0.id) })
        }
        if let signer {
            try await adopt(signer)
            if let imported, known == nil {
                logger.warning(
                    "configured signing key not used: the group has keys already",
                    ["key": .string(imported.id), "group": .string(groupId), "signs": .string(signer.id)])
            }
        } else {
            let key = try await sealed(
                known == nil ? imported : nil, algorithm: .rsa2048, groupId: groupId, by: "first start")
            try await change { [grantSeconds] transaction, now in
                var key = key
                key.beginSigning(at: now, grantSeconds: grantSeconds)
                try transaction.insert(key)
                try transaction.record(key.act(.signingKeyCreated), at: now)
                return [key]
            }
            logger.info("signing key for the first start", ["key": .string(key.id), "group": .string(groupId)])
        }
        _ = try await self.signer()
    }

    /// What signs at this moment for the group of playback.
    public func signer() async throws -> CloudFrontSigner {
        let found = try await catalog.read { [groupId] in try $0.signer(ofGroup: groupId) }
        guard let key = found, let sealed = key.sealedPrivateKey else { throw NoSigner(groupId: groupId) }
        if let opened = opened.withLock({ $0 }), opened.id == key.id { return opened.signer }
        let pem: [UInt8]
        do throws(CryptoError) {
            pem = try sealer.open(sealed, binding: Self.binding(key.groupId, key.id))
        } catch {
            throw CryptoError("open the signing key \(key.id)", reasons: error.reasons)
        }
        let privateKey = try PrivateKey(pem: String(decoding: pem, as: UTF8.self))
        let signer = CloudFrontSigner(
            key: privateKey, keyPairId: key.id, hash: CloudFrontHash(usualFor: privateKey.kind))
        opened.withLock { $0 = (key.id, signer) }
        return signer
    }

    /// Signs the text of a policy with the key that signs at this moment; with the key's own hash unless another is asked for.
    ///
    /// - Parameter account: who asks, for the log.
    public func sign(
        policy: String, with hash: CloudFrontHash?, by account: String
    ) async throws -> CloudFrontSignature {
        let signature = try await signer().sign(policy, with: hash)
        let act = AuditAct(.policySigned, of: .signingKey(signature.keyPairId), ["policy": .string(policy)])
        let now = now()
        try await catalog.write { try $0.record(act, at: now) }
        logger.info("policy signed", ["key": .string(signature.keyPairId), "by": .string(account)])
        return signature
    }

    /// A larger limit on the life of grants holds for the key that signs from this start on.
    private func adopt(_ signer: SigningKey) async throws {
        guard signer.grantSeconds < grantSeconds else { return }
        try await catalog.write { [groupId, grantSeconds] transaction in
            guard var key = try transaction.signer(ofGroup: groupId) else { return }
            key.grantSeconds = max(key.grantSeconds, grantSeconds)
            try transaction.update(key)
        }
    }

    /// A new key, or the imported one, with its private half sealed.
    func sealed(
        _ imported: Imported?, algorithm: KeyAlgorithm, groupId: String, by account: String
    ) async throws -> SigningKey {
        let id = imported?.id ?? Self.newId()
        let createdAt = now()
        return try await pool.run { [sealer] in
            let key = try imported?.read() ?? algorithm.generate()
            let sealed = try sealer.seal(Array(key.pem.utf8), binding: Self.binding(groupId, id))
            return SigningKey(
                id: id, groupId: groupId, algorithm: KeyAlgorithm.name(of: key.publicKey),
                publicKey: key.publicKey.pem, sealedPrivateKey: sealed, createdAt: createdAt, createdBy: account)
        }
    }

    /// Runs a change of who is trusted; the keys it returns are those that edges learn something about by it.
    func change(
        _ body: @escaping @Sendable (any CatalogTransaction, _ now: Int64) throws -> [SigningKey]
    ) async throws {
        let now = now()
        try await catalog.write { [log] transaction in
            let touched = try body(transaction, now)
            guard !touched.isEmpty else { return }
            let sequence = try log.append(.keys(try TrustedKeyGroups(transaction)), in: transaction)
            for var key in touched {
                key.sequence = sequence
                try transaction.update(key)
            }
        }
        log.announce()
        changed.ring()
    }

    /// As CloudFront's: K and 13 capital letters or digits.
    static func newId() -> String { "K\(SecureRandom.uppercaseAlphanumeric(13))" }

    private static func binding(_ groupId: String, _ id: String) -> String { "\(groupId)|\(id)|private" }
}
