/// The queues there are; the raw values are what operators call them, and stay.
public enum QueueName: String, Sendable, CaseIterable {
    /// What happened to objects, as S3's events (`ObjectEvent`).
    case objectEvents = "object-events"
    /// What is to be posted to webhooks, each a group.
    case webhookDeliveries = "webhook-deliveries"
    /// Files to be fetched, each account a group.
    case imports
}

/// A message of a queue.
public struct QueueMessage: Sendable, Equatable {
    /// Ascending in the order of commits, over all queues.
    public let id: Int64
    /// Its queue.
    public let queue: QueueName
    /// Whose it is within the queue: groups do not wait for each other. Empty where a queue has no groups.
    public let group: String
    /// What it says, JSON.
    public let body: String
    /// How often it was received. Whoever received it has it under this number: a later receiver has a higher one.
    public internal(set) var receives: Int
    /// When it was sent; epoch milliseconds, as all times here.
    public let sentAt: Int64
    /// Nobody receives it before this time.
    public internal(set) var visibleAt: Int64
    /// When it was given up; nil while it may be received.
    public internal(set) var deadAt: Int64?
    /// Why its last receiver could do nothing with it.
    public internal(set) var reason: String?
}

/// How much is in a queue.
public struct QueueDepth: Sendable, Equatable {
    /// Messages that may be received now.
    public let waiting: Int
    /// Those that somebody has received, or that wait for another attempt.
    public let hidden: Int
    /// Dead letters.
    public let dead: Int
    /// When the oldest message that is not dead was sent; nil for none.
    public let oldestSentAt: Int64?

    /// A depth.
    public init(waiting: Int, hidden: Int, dead: Int, oldestSentAt: Int64?) {
        self.waiting = waiting
        self.hidden = hidden
        self.dead = dead
        self.oldestSentAt = oldestSentAt
    }
}

/// Looks at the queues.
public protocol QueueReader {
    /// The messages of a group that may be received at `now`, those that have waited longest first.
    ///
    /// Inside a `write` they are its own until it ends; a server store leaves out those that another transaction has.
    func visibleMessages(in queue: QueueName, group: String, now: Int64, limit: Int) throws -> [QueueMessage]
    /// Groups that have a message to be received at `now`, the one that has waited longest first.
    func visibleGroups(in queue: QueueName, now: Int64, limit: Int) throws -> [String]
    /// How much is in a queue at `now`.
    func depth(of queue: QueueName, now: Int64) throws -> QueueDepth
    /// A page of dead letters, those that died last first; by `deadAt`, then id.
    func deadMessages(in queue: QueueName, limit: Int, after: PageKey?) throws -> Page<QueueMessage>
}

/// Changes the queues.
///
/// A message that was received is changed by whoever received it last: `delete`, `hide` and `bury` do nothing and return false
/// once it was received again, or is gone or dead.
public protocol QueueWriter {
    /// Adds a message, to be received from `now` on; `body` is given its id.
    @discardableResult
    func send(to queue: QueueName, group: String, now: Int64, _ body: (Int64) -> String) throws -> Int64
    /// Counts a receive and hides the message until `time`; nil when somebody else was faster.
    func receive(_ message: QueueMessage, hiddenUntil time: Int64) throws -> QueueMessage?
    /// Removes a message that was acted on.
    func delete(_ message: QueueMessage) throws -> Bool
    /// Hides a message until its next attempt, or for longer while it is acted on; nil leaves the reason as it is.
    func hide(_ message: QueueMessage, until time: Int64, reason: String?) throws -> Bool
    /// Makes a message a dead letter.
    func bury(_ message: QueueMessage, at now: Int64, reason: String) throws -> Bool
    /// Lets dead letters be received again, as if never before: those of these ids, or the oldest; returns how many.
    func redrive(_ queue: QueueName, ids: [Int64]?, now: Int64, limit: Int) throws -> Int
    /// Removes dead letters that died before `time`; returns how many.
    func deleteDead(in queue: QueueName, diedBefore time: Int64, limit: Int) throws -> Int
    /// Removes a dead letter; false when there is none of this id.
    func deleteDead(in queue: QueueName, id: Int64) throws -> Bool
}
