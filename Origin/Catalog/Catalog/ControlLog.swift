/// One order to all edges, in the one order in which every edge carries them out.
public struct ControlEntry: Sendable, Equatable {
    /// Grows by one with every entry, in the order of commits.
    public let sequence: Int64
    /// The order, a JSON object; the catalog does not read it.
    public let body: String
    /// Epoch milliseconds.
    public let createdAt: Int64

    /// Makes an entry.
    public init(sequence: Int64, body: String, createdAt: Int64) {
        self.sequence = sequence
        self.body = body
        self.createdAt = createdAt
    }
}

/// Which log this is and how far it reaches.
public struct ControlLogExtent: Sendable, Equatable {
    /// Drawn when the catalog was made, so that an edge notices when it follows another log than before.
    public let logId: String
    /// The oldest entry still here; one more than `latest` when there is none.
    public let oldest: Int64
    /// The newest entry's sequence; 0 before the first.
    public let latest: Int64

    /// Whether an edge that has carried out everything up to `sequence` finds all it has missed.
    public func reachesBack(to sequence: Int64) -> Bool { (oldest - 1...latest).contains(sequence) }
}

/// An edge that follows the log.
public struct FollowingEdge: Sendable, Equatable {
    /// The edge's own name.
    public let id: String
    /// Everything up to here is carried out.
    public let acknowledged: Int64
    /// Epoch milliseconds until which it counts as connected.
    public let connectedUntil: Int64

    /// Makes an edge.
    public init(id: String, acknowledged: Int64, connectedUntil: Int64) {
        self.id = id
        self.acknowledged = acknowledged
        self.connectedUntil = connectedUntil
    }
}

/// Reads the log.
public protocol ControlLogReader {
    /// Entries behind `sequence`, oldest first.
    func controlEntries(after sequence: Int64, limit: Int) throws -> [ControlEntry]
    /// Which log this is and how far it reaches.
    func controlLogExtent() throws -> ControlLogExtent
    /// The edges that are connected at `time` (epoch milliseconds), by id.
    func followingEdges(connectedAt time: Int64) throws -> [FollowingEdge]
}

/// Writes the log.
public protocol ControlLogWriter {
    /// Adds an entry and returns its sequence; a gap never opens, and entries become visible in the order of their sequences.
    func appendControlEntry(_ body: String, now: Int64) throws -> Int64
    /// Drops entries made before `time` (epoch milliseconds).
    func trimControlLog(before time: Int64) throws
    /// Notes how far an edge has come and until when it counts as connected.
    func note(_ edge: FollowingEdge) throws
}
