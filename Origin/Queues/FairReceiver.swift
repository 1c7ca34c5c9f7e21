public import Catalog
public import EventLoop
internal import Synchronization

/// Receives from the groups of a queue in turn and has several messages acted on at a time, a few of each group.
public final class FairReceiver: Sendable {
    /// The queue.
    public let queue: MessageQueue
    private let catalog: any CatalogStore
    private let now: @Sendable () -> Int64
    private let turns: Mutex<GroupTurns>

    /// A receiver from `queue` that has `slots` messages under way at a time, `perGroup` of one group.
    ///
    /// `now` gives epoch milliseconds.
    public init(
        _ queue: MessageQueue, catalog: any CatalogStore, slots: Int, perGroup: Int,
        now: @escaping @Sendable () -> Int64
    ) {
        self.queue = queue
        self.catalog = catalog
        self.now = now
        turns = Mutex(GroupTurns(slots: slots, perGroup: perGroup))
    }

    /// Receives until the task is cancelled, whenever `bell` rings and once a second, and has each message acted on in a task of
    /// its own; `act` says whether there was an answer, or its group rests.
    ///
    /// `failed` hears of a catalog that does not answer.
    public func run(
        _ bell: Doorbell, _ act: @escaping @Sendable (QueueMessage) async -> Bool,
        failed: @Sendable (any Error) -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let rings = bell.rings
                do {
                    for message in try await receive() {
                        group.addTask {
                            self.end(message, isAnswered: await act(message))
                            bell.ring()
                        }
                    }
                } catch is CancellationError {
                    break
                } catch {
                    failed(error)
                }
                await bell.wait(after: rings, upTo: .seconds(1))
            }
            group.cancelAll()
        }
    }

    /// Receives a message of each group that has its turn; they count as under way until their `end`.
    package func receive() async throws -> [QueueMessage] {
        let now = now()
        let (free, excluded) = turns.withLock { ($0.free, $0.excluded(now: now)) }
        guard free > 0 else { return [] }
        // Those left out may be the ones that have waited longest.
        let waiting = try await catalog.read { [name = queue.name] in
            try $0.visibleGroups(in: name, now: now, limit: free + excluded.count)
        }
        let groups = waiting.filter { !excluded.contains($0) }.prefix(free)
        guard !groups.isEmpty else { return [] }
        let messages = try await catalog.write { [queue] transaction in
            try groups.flatMap { try queue.receive(group: $0, limit: 1, in: transaction) }
        }
        turns.withLock { turns in for message in messages { turns.begin(message.group) } }
        return messages
    }

    /// A message was acted on, or could not be.
    package func end(_ message: QueueMessage, isAnswered: Bool) {
        let now = now()
        turns.withLock { $0.end(message.group, isAnswered: isAnswered, now: now) }
    }
}
