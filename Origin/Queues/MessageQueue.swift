public import Catalog

/// One queue, as those see it who receive from it.
///
/// A message is received (counted and hidden, durably) before anything is done with it, and deleted in the transaction that
/// acts on it. So its effect happens once, and one that takes its receiver's life comes back until it is a dead letter.
public struct MessageQueue: Sendable {
    /// Its name.
    public let name: QueueName
    /// How patient it is.
    public let policy: QueuePolicy
    private let catalog: any CatalogStore
    private let now: @Sendable () -> Int64
    private let chance: @Sendable () -> Double

    /// A queue of `catalog`.
    ///
    /// `now` gives epoch milliseconds; `chance` spreads retries, from 0 to 1.
    public init(
        _ name: QueueName, policy: QueuePolicy, catalog: any CatalogStore, now: @escaping @Sendable () -> Int64,
        chance: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        self.name = name
        self.policy = policy
        self.catalog = catalog
        self.now = now
        self.chance = chance
    }

    /// Receives up to `limit` messages of a group, those that have waited longest first; costs no write when there is none.
    ///
    /// One that was received before comes alone: if it was what its receiver died of, nobody else is counted with it.
    public func receive(group: String = "", limit: Int) async throws -> [QueueMessage] {
        let (name, time) = (name, now())
        let isWaiting = try await catalog.read {
            try !$0.visibleMessages(in: name, group: group, now: time, limit: 1).isEmpty
        }
        guard isWaiting else { return [] }
        return try await catalog.write { try receive(group: group, limit: limit, in: $0) }
    }

    /// The same in a transaction.
    public func receive(
        group: String = "", limit: Int, in transaction: any CatalogTransaction
    ) throws -> [QueueMessage] {
        let now = now()
        var received: [QueueMessage] = []
        for message in try transaction.visibleMessages(in: name, group: group, now: now, limit: limit) {
            guard message.receives < policy.maximumReceives else {
                let reason = message.reason ?? "received \(message.receives) times, and never done with"
                _ = try transaction.bury(message, at: now, reason: reason)
                continue
            }
            guard message.receives == 0 || received.isEmpty else { break }
            if let mine = try transaction.receive(message, hiddenUntil: now + policy.visibilityMilliseconds) {
                received.append(mine)
            }
            if message.receives > 0 { break }
        }
        return received
    }

    /// Gives back a message that could not be acted on: it comes again later, or is a dead letter now.
    public func fail(_ message: QueueMessage, because reason: String) async throws -> QueueFailure {
        try await catalog.write { try fail(message, because: reason, in: $0) }
    }

    /// The same in a transaction.
    public func fail(
        _ message: QueueMessage, because reason: String, in transaction: any CatalogTransaction
    ) throws -> QueueFailure {
        let now = now()
        let reason = String(reason.prefix(Self.reasonCharacters))
        guard message.receives < policy.maximumReceives else {
            return try transaction.bury(message, at: now, reason: reason) ? .dead : .lost
        }
        let time = now + policy.retryDelay(after: message.receives, chance: chance())
        return try transaction.hide(message, until: time, reason: reason) ? .willRetry(at: time) : .lost
    }

    /// As much of a reason as is kept.
    private static let reasonCharacters = 500
}
