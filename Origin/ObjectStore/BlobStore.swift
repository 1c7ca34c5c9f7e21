/// Bytes under names, and nothing else: which object they belong to is the catalog's business.
///
/// A blob is written once, appears whole and durable or not at all, and is never changed afterwards; that is what lets
/// a reader hold it while its object is replaced.
public protocol BlobStore: Sendable {
    /// Begins a new blob with a name of its own.
    ///
    /// `expectedSize` in bytes, when known, lets a store that has no room say so before the first byte: `.full`.
    func create(expectedSize: Int64?) async throws -> any BlobWriter

    /// Begins a blob under the name that it has in another store. When it is committed it takes the place of one that is there,
    /// whose open readers keep reading.
    func create(named name: String, expectedSize: Int64?) async throws -> any BlobWriter

    /// Opens a blob; throws `.missing` when there is none.
    func open(_ name: String) async throws -> any BlobReader

    /// Makes blobs with names of their own that have the bytes of those named, in this order, and share their room; they are
    /// durable when this returns, and do not end with the others. Throws `.missing`, with nothing made, when one is gone.
    func share(_ names: [String]) async throws -> [String]

    /// Removes a blob; removing one that is gone is no error, and open readers keep reading.
    func delete(_ name: String) async throws

    /// The names of whole blobs last committed, or shared, before `epochSeconds`, at most `limit` of those after `start` in name order.
    func names(writtenBefore epochSeconds: Int64, after start: String, limit: Int) async throws -> [String]
}

/// A blob that is being written, by one task; unless committed, it vanishes with its last reference.
public protocol BlobWriter: AnyObject, Sendable {
    /// The name the blob will have.
    var name: String { get }
    /// Adds bytes; returns when they are handed to the store, which holds a bounded amount in memory.
    func append(_ bytes: [UInt8]) async throws
    /// Makes the blob durable and visible; nothing may be appended afterwards.
    func commit() async throws
    /// Throws the bytes away at once.
    func discard() async
}

/// An open blob.
public protocol BlobReader: AnyObject, Sendable {
    /// Bytes.
    var size: Int64 { get }
    /// Up to `count` bytes at `offset`; fewer only at the end.
    func read(at offset: Int64, count: Int) async throws -> [UInt8]
}

/// Why the store could not do its work.
public struct BlobStoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds a caller may act on.
    public struct Code: Sendable, Equatable, CustomStringConvertible {
        /// The code's name, as it appears in logs.
        public let description: String

        init(_ description: String) { self.description = description }

        /// No room: the disk, its quota, or what must stay free.
        public static let full = Code("full")
        /// No blob of that name.
        public static let missing = Code("missing")
        /// Too many open files.
        public static let exhausted = Code("exhausted")
        /// The folder cannot be used: missing, no permission, read-only.
        public static let unusable = Code("unusable")
        /// The disk failed.
        public static let inputOutput = Code("inputOutput")
    }

    /// The kind of failure.
    public let code: Code
    /// What was being done, on which path, and the system's words.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// One line for a log.
    public var description: String { "\(code): \(message)" }
}
