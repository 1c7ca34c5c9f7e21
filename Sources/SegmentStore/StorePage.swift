internal import Bytes

/// Where a walk over a store goes on; opaque text that survives a restart.
///
/// A walk sees every object that is there the whole time, and any that comes or goes meanwhile at most once.
public struct StoreCursor: Sendable, Equatable {
    let shard: Int
    /// Index key to begin behind; empty at the beginning of a shard.
    let key: [UInt8]

    /// The beginning.
    public static let start = StoreCursor(shard: 0, key: [])

    init(shard: Int, key: [UInt8]) {
        self.shard = shard
        self.key = key
    }

    /// Reads what `description` wrote; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let shard = Int(parts[0]), (0..<64).contains(shard), let key = Hex.decode(parts[1]),
            key.isEmpty || key.count == 16
        else { return nil }
        self.init(shard: shard, key: key)
    }
}

extension StoreCursor: CustomStringConvertible {
    /// The text form, for a URL.
    public var description: String { "\(shard)-\(Hex.encode(key))" }
}

/// One object as a listing shows it.
public struct StoredObjectSummary: Sendable, Equatable {
    /// The cache key; what follows a NUL tells variants of one URL apart.
    public let key: [UInt8]
    /// Bytes of the body.
    public let length: Int
    /// HTTP status of the stored response.
    public let status: Int
    /// Epoch seconds at which the response was received.
    public let storedAt: Int64
    /// Epoch seconds until which it is fresh.
    public let freshUntil: Int64
    /// Whether a soft purge declared it stale.
    public let softPurged: Bool
    /// Surrogate keys.
    public let tags: [[UInt8]]
}

/// Some objects of a listing.
public struct StoreListing: Sendable, Equatable {
    /// In no order that means anything.
    public internal(set) var objects: [StoredObjectSummary] = []
    /// Where to go on; `nil` at the end.
    public internal(set) var next: StoreCursor?
}

/// What a verification of some objects found.
public struct StoreVerification: Sendable, Equatable {
    /// Objects compared.
    public internal(set) var objects = 0
    /// Bytes of their bodies.
    public internal(set) var bytes = 0
    /// Keys of objects that did not match their checksums; they are dropped.
    public internal(set) var damaged: [[UInt8]] = []
    /// Where to go on; `nil` at the end.
    public internal(set) var next: StoreCursor?
}
