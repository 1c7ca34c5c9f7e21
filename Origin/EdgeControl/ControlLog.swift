public import Catalog
internal import EventLoop
internal import JSON
internal import Synchronization

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}

/// The ordered list of what every edge is to do, and how far each has come.
///
/// Its state is the catalog's; what is in memory only saves waiting.
public final class ControlLog: Sendable {
    /// What an edge learns when it asks.
    enum Answer: Sendable, Equatable {
        /// Orders it has not carried out, oldest first; none when nothing came in time. The keys, where it has none, are
        /// those at the end of the log.
        case entries([ControlEntry], ControlLogExtent, keys: TrustedKeyGroups? = nil)
        /// It may have missed orders that are no longer here; the keys are those at the end of the log.
        case lost(ControlLogExtent, keys: TrustedKeyGroups)
    }

    /// How far an edge has come.
    struct Position: Sendable, Equatable {
        let logId: String
        let sequence: Int64
    }

    /// For so many milliseconds after its question is answered an edge that asks no more counts as connected.
    static let patienceMilliseconds: Int64 = 30_000
    /// How long entries are kept.
    static let keptMilliseconds: Int64 = 7 * 86_400_000
    /// Most entries of one answer; the edge asks for more at once.
    private static let entriesPerAnswer = 256

    private let catalog: any CatalogStore
    private let now: @Sendable () -> Int64
    private let appended = Doorbell()
    private let acknowledged = Doorbell()
    private let isClosed = Atomic<Bool>(false)

    /// The log in `catalog`; `now` gives epoch milliseconds.
    public init(catalog: any CatalogStore, now: @escaping @Sendable () -> Int64) {
        self.catalog = catalog
        self.now = now
    }

    /// Appends an order in a transaction of the caller, who calls `announce` once it is committed.
    ///
    /// - Returns: its place in the log.
    @discardableResult
    public func append(_ order: EdgeOrder, in transaction: any CatalogTransaction) throws -> Int64 {
        let now = now()
        try transaction.trimControlLog(before: now - Self.keptMilliseconds)
        return try transaction.appendControlEntry(
            String(decoding: order.document.serialized(), as: UTF8.self), now: now)
    }

    /// Wakes the edges that wait.
    public func announce() { appended.ring() }

    /// How far the connected edges have carried out the order at `sequence`.
    public func progress(of sequence: Int64, in reader: any CatalogReader) throws -> Progress {
        let edges = try reader.followingEdges(connectedAt: now())
        return Progress(
            connected: edges.count, waitingFor: edges.filter { $0.acknowledged < sequence }.map(\.id))
    }

    /// How far the connected edges have carried out an order.
    public struct Progress: Sendable, Equatable {
        /// How many there are.
        public let connected: Int
        /// The names of those that have not.
        public let waitingFor: [String]
    }

    /// Ends all waiting, for a process that is about to stop.
    public func close() {
        isClosed.store(true, ordering: .releasing)
        appended.ring()
        acknowledged.ring()
    }

    /// Returns once every connected edge has carried out the order at `sequence`, or false when the time is over.
    public func carriedOut(_ sequence: Int64, within limit: Duration) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while true {
            let rings = acknowledged.rings
            let now = now()
            if try await catalog.read({ try Self.floor($0, now: now) >= sequence }) { return true }
            let left = deadline - ContinuousClock.now
            guard left > .zero, !Task.isCancelled, !isClosed.load(ordering: .acquiring) else { return false }
            await acknowledged.wait(after: rings, upTo: min(left, .seconds(1)))
        }
    }

    /// Answers an edge that has carried out everything up to `position`, as soon as there is something behind it.
    ///
    /// An edge without a position is told where the log stands and does not count as connected yet. With `lacksKeys` the answer
    /// comes at once and holds them.
    func follow(
        edgeId: String, from position: Position?, wait: Duration, lacksKeys: Bool = false
    ) async throws -> Answer {
        guard let position else {
            return try await catalog.read {
                .entries([], try $0.controlLogExtent(), keys: try TrustedKeyGroups($0))
            }
        }
        let wait = lacksKeys ? .zero : wait
        let patience = wait.milliseconds + Self.patienceMilliseconds
        guard try await acknowledge(edgeId, position, patience: patience) else {
            return try await catalog.read { .lost(try $0.controlLogExtent(), keys: try TrustedKeyGroups($0)) }
        }
        let deadline = ContinuousClock.now + wait
        while true {
            let rings = appended.rings
            let (entries, extent, keys) = try await catalog.read { reader in
                (
                    try reader.controlEntries(after: position.sequence, limit: Self.entriesPerAnswer),
                    try reader.controlLogExtent(), lacksKeys ? try TrustedKeyGroups(reader) : nil
                )
            }
            let left = deadline - ContinuousClock.now
            guard entries.isEmpty, left > .zero, !Task.isCancelled, !isClosed.load(ordering: .acquiring) else {
                return .entries(entries, extent, keys: keys)
            }
            // Another process may append, and rings no bell here.
            await appended.wait(after: rings, upTo: min(left, .seconds(1)))
        }
    }

    /// Notes that an edge is about to end: it holds nothing up until it asks again.
    func leave(edgeId: String, at position: Position) async throws {
        _ = try await acknowledge(edgeId, position, patience: -1)
    }

    /// Notes how far the edge is, and returns true; false if the log does not reach back that far.
    private func acknowledge(_ edgeId: String, _ position: Position, patience: Int64) async throws -> Bool {
        let now = now()
        let isKnown = try await catalog.write { [self] transaction -> Bool in
            let extent = try transaction.controlLogExtent()
            guard extent.logId == position.logId, extent.reachesBack(to: position.sequence) else { return false }
            try transaction.note(
                FollowingEdge(id: edgeId, acknowledged: position.sequence, connectedUntil: now + patience))
            try settle(transaction)
            return true
        }
        if isKnown { acknowledged.ring() }
        return isKnown
    }

    /// Completes the invalidations that every connected edge has carried out.
    func settle(_ transaction: any CatalogTransaction) throws {
        let now = now()
        try transaction.completeInvalidations(upTo: try Self.floor(transaction, now: now), now: now)
    }

    /// Where the last of the connected edges stands; the end of the log when there is none.
    private static func floor(_ reader: any CatalogReader, now: Int64) throws -> Int64 {
        let edges = try reader.followingEdges(connectedAt: now)
        return try edges.map(\.acknowledged).min() ?? reader.controlLogExtent().latest
    }
}
