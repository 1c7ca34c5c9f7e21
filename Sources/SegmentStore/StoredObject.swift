internal import Bytes

/// Number of one stored body, never used twice, so a reader that comes back for the next chunk cannot get the chunk of
/// another object.
public struct ObjectID: RawRepresentable, Sendable, Hashable, Comparable {
    /// Grows with every object begun.
    public let rawValue: UInt64

    /// Takes the number as it is.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Older objects come first.
    public static func < (left: ObjectID, right: ObjectID) -> Bool { left.rawValue < right.rawValue }
}

/// What a look-up found.
///
/// Plain numbers, so a hit allocates nothing; the variable parts (head, entity tag, tags, inline body) stay in the reader's
/// scratch buffer until its next look-up and are reached through the reader.
public struct StoredObject: Sendable {
    /// The body's number.
    public let id: ObjectID
    /// Bytes of the whole body.
    public let length: Int
    /// HTTP status of the stored response.
    public let status: Int
    /// The caller's own bits.
    public let flags: ObjectFlags
    /// Purge sequence when the fill began.
    public let fence: PurgeSequence
    /// Epoch seconds at which the response was received.
    public let storedAt: Int64
    /// Epoch seconds until which it is fresh.
    public let freshUntil: Int64
    /// Epoch seconds until which it may be served if the origin fails.
    public let staleIfErrorUntil: Int64
    /// Epoch seconds until which it may be served while it is revalidated.
    public let staleWhileRevalidateUntil: Int64
    /// Whether a soft purge declared it stale; then `freshUntil` no longer counts.
    public let softPurged: Bool

    let keyHash: Hash128
    let slot: UInt32
    let isInline: Bool
    let key: ByteSlice
    let head: ByteSlice
    let etag: ByteSlice
    let tags: ByteSlice
    let annotation: ByteSlice
    /// An inline body; empty for one in chunks.
    let body: ByteSlice
    /// The look-up that filled the scratch buffer; a later one invalidates the slices.
    let lookupNumber: UInt64

    /// Whether it may be served without asking the origin.
    public func isFresh(at epochSeconds: Int64) -> Bool {
        !softPurged && epochSeconds < freshUntil
    }

    /// How many pieces `StoreReader.withChunk` hands out; none for an empty body.
    public var chunkCount: Int { isInline ? (length > 0 ? 1 : 0) : SizeClass.chunkCount(ofLength: length) }

    /// Bytes in every chunk but the last.
    public static let chunkBytes = SizeClass.chunkBytes
}

/// Sixteen bits that belong to the caller, sixteen to the store.
public struct ObjectFlags: OptionSet, Sendable, Hashable {
    /// The bits.
    public let rawValue: UInt32

    /// Takes the bits as they are; the upper sixteen are the store's and dropped when an object is stored.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    static let softPurged = ObjectFlags(rawValue: 1 << 31)
    static let callers = ObjectFlags(rawValue: 0xffff)
}

/// Everything about a response but its body.
public struct ObjectMetadata: Sendable, Equatable {
    /// HTTP status.
    public var status = 200
    /// The caller's own bits (the lower sixteen).
    public var flags: ObjectFlags = []
    /// Ready-to-send header block; at most 65,536 bytes.
    public var head: [UInt8] = []
    /// Entity tag as the origin sent it; at most 1,024 bytes.
    public var etag: [UInt8] = []
    /// Surrogate keys for purging; at most 128 of at most 1,024 bytes.
    public var tags: [[UInt8]] = []
    /// Bytes the caller wants back at a hit, meaningless to the store; at most 65,536.
    public var annotation: [UInt8] = []
    /// Epoch seconds at which the response was received.
    public var storedAt: Int64 = 0
    /// Epoch seconds until which it is fresh.
    public var freshUntil: Int64 = 0
    /// Epoch seconds until which it may be served if the origin fails.
    public var staleIfErrorUntil: Int64 = 0
    /// Epoch seconds until which it may be served while it is revalidated.
    public var staleWhileRevalidateUntil: Int64 = 0

    /// An empty 200 that was never fresh.
    public init() {}

    var isWithinLimits: Bool {
        head.count <= 65_536 && etag.count <= 1_024 && annotation.count <= 65_536 && tags.count <= 128
            && (100..<1_000).contains(status) && tags.allSatisfy { $0.count <= 1_024 }
    }
}

/// How a fill ended.
public enum StoreOutcome: Sendable, Equatable {
    /// The object can be found from now on.
    case stored(ObjectID)
    /// A purge since the fill began covers it, so it was not stored.
    case purged
    /// The body is not as long as announced, so it was not stored.
    case lengthMismatch(announced: Int, received: Int)
    /// The body does not match the announced checksum, so it was not stored.
    case checksumMismatch
    /// Key, metadata or body exceed what the store accepts.
    case tooLarge
    /// The writer could not keep up and the filler did not pause.
    case overrun
    /// The filler gave up.
    case aborted
    /// The record to change is no longer there.
    case gone
    /// Disk or map full, an I/O error, or the store is closed.
    case failed(StoreError)
}
