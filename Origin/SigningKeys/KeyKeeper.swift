internal import Audit
internal import Catalog
internal import EdgeControl
internal import EventLoop
internal import Telemetry

/// Does to keys what nobody should have to wait for: lets a new one sign once every connected edge trusts it, and retires old
/// ones when their grants have lapsed.
public struct KeyKeeper: Sendable {
    private let keys: SigningKeys
    private static let longestRest = Duration.seconds(60)

    /// The keeper of these keys; one in a process.
    public init(_ keys: SigningKeys) {
        self.keys = keys
    }

    /// Works until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            let rings = keys.changed.rings
            do {
                let next = try await keepUp()
                switch next {
                case .edges(let sequence): _ = try await keys.log.carriedOut(sequence, within: .seconds(1))
                case .rest(let time): await keys.changed.wait(after: rings, upTo: time)
                }
            } catch {
                keys.logger.error("signing keys not kept up, trying again", ["error": .error(error)])
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// What there is to wait for.
    enum Next: Equatable {
        /// That edges carry out an order.
        case edges(Int64)
        /// That time passes, or that somebody changes a key.
        case rest(Duration)
    }

    /// Does what is due.
    func keepUp() async throws -> Next {
        if let sequence = try await letSign() { return .edges(sequence) }
        try await retireLapsed()
        let now = keys.now()
        let ends = try await keys.catalog.read { try $0.unretiredSigningKeys().compactMap(\.verifiesUntil).min() }
        guard let ends else { return .rest(Self.longestRest) }
        return .rest(min(Self.longestRest, .milliseconds(max(1, ends - now))))
    }

    /// Lets a key sign that waits for it; the entry that edges must read first, if some have not.
    private func letSign() async throws -> Int64? {
        let (groupId, log, now, grantSeconds) = (keys.groupId, keys.log, keys.now(), keys.grantSeconds)
        let waiting: @Sendable (any CatalogReader) throws -> SigningKey? = { reader in
            try reader.unretiredSigningKeys().first { $0.signsWhenTrusted && $0.groupId == groupId }
        }
        guard let key = try await keys.catalog.read(waiting) else { return nil }
        let switched = try await keys.catalog.write { transaction -> SigningKey? in
            guard var key = try waiting(transaction),
                try log.progress(of: key.sequence, in: transaction).waitingFor.isEmpty
            else { return nil }
            if var old = try transaction.signer(ofGroup: groupId) {
                old.endSigning(at: now)
                try transaction.update(old)
            }
            key.beginSigning(at: now, grantSeconds: grantSeconds)
            try transaction.update(key)
            try transaction.record(key.act(.signingKeySigns), at: now)
            return key
        }
        guard let switched else { return key.sequence }
        keys.logger.info("signing key signs", ["key": .string(switched.id), "group": .string(groupId)])
        return nil
    }

    private func retireLapsed() async throws {
        let isDue: @Sendable (SigningKey, Int64) -> Bool = { $0.hasLapsed(at: $1) }
        let now = keys.now()
        guard try await keys.catalog.read({ try $0.unretiredSigningKeys().contains { isDue($0, now) } }) else { return }
        try await keys.change { transaction, now in
            let lapsed = try transaction.unretiredSigningKeys().filter { isDue($0, now) }
            return try lapsed.map { key in
                var key = key
                key.retire(at: now, by: nil)
                try transaction.update(key)
                try transaction.record(key.act(.signingKeyRetired), at: now)
                return key
            }
        }
        keys.logger.info("signing keys retired, their grants have lapsed")
    }
}
