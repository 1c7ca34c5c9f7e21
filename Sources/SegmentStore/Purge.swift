/// Position in the one monotone order of purges.
///
/// A record carries the position at which its fill began; a purge hides what began before it.
public struct PurgeSequence: RawRepresentable, Sendable, Hashable, Comparable {
    /// Grows by one with every purge.
    public let rawValue: UInt64

    /// Takes the number as it is.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Before the first purge.
    public static let zero = PurgeSequence(rawValue: 0)

    /// Earlier purges come first.
    public static func < (left: PurgeSequence, right: PurgeSequence) -> Bool { left.rawValue < right.rawValue }
}

/// What to purge.
///
/// The parts add up: an object is covered if any of them covers it.
public struct PurgeRequest: Sendable, Equatable {
    /// Cache keys.
    ///
    /// What follows the first NUL byte of a stored key tells variants of one URL apart, and a purge of the part before
    /// it covers all of them.
    public var urls: [[UInt8]]
    /// Beginnings of cache keys; at most 1,024 bytes each.
    public var prefixes: [[UInt8]]
    /// Surrogate keys.
    public var tags: [[UInt8]]
    /// Everything.
    public var all: Bool
    /// Whether the objects only turn stale (revalidated at the next request, still there if the origin fails) instead of
    /// disappearing.
    public var soft: Bool

    /// Covers nothing unless told.
    public init(
        urls: [[UInt8]] = [], prefixes: [[UInt8]] = [], tags: [[UInt8]] = [], all: Bool = false, soft: Bool = false
    ) {
        self.urls = urls
        self.prefixes = prefixes
        self.tags = tags
        self.all = all
        self.soft = soft
    }
}

/// Proof that a purge is in force and on disk.
public struct PurgeReceipt: Sendable, Equatable {
    /// The purge's id and its place in the order.
    public let sequence: PurgeSequence
    /// From the call to the moment no later look-up could see the old bytes.
    public let elapsedMicroseconds: Int
}

/// How far the sweeper has come with one purge.
public struct PurgeStatus: Sendable, Equatable {
    /// The purge's id and its place in the order.
    public let sequence: PurgeSequence
    /// What was asked.
    public let request: PurgeRequest
    /// Objects deleted, or marked stale if the purge was soft.
    public internal(set) var objects: Int
    /// Bytes of body of those objects.
    public internal(set) var bytes: Int
    /// Whether the sweeper has seen every record that the purge could cover.
    public internal(set) var isComplete: Bool
}

/// Whether purges since a fence cover an object.
public enum PurgeVerdict: Sendable, Equatable {
    /// No purge covers it.
    case untouched
    /// A soft purge covers it.
    case stale
    /// A purge hides it.
    case hidden
}
