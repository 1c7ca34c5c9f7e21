/// An uploaded file that is not, or not only, where objects are read: its bytes are in the archive or on their way there or back.
public struct ArchivedSource: Sendable, Equatable {
    /// Which copies there are; the raw values are what rows and metrics say.
    public enum State: String, Sendable, CaseIterable {
        /// It is being copied to the archive, and readable.
        case archiving
        /// The archive has it; the hot copy is being deleted.
        case clearing
        /// Only the archive has it.
        case archived
        /// It is being copied back.
        case restoring
        /// Both have it, for some days.
        case restored
    }

    /// The first blob of its object: its name in both stores.
    public let blob: String
    /// Where it stands.
    public var state: State
    /// When the next step is due, in epoch milliseconds: the next attempt at restoring, or the end of a restored copy.
    public var dueAt: Int64
    /// How often restoring has failed.
    public var attempts: Int
    /// For how many days a restored copy was asked for; 0 unless it was.
    public var days: Int

    /// Whether its bytes can be read as those of any object.
    public var isReadable: Bool { state == .archiving || state == .restored }

    /// A source in a state.
    public init(blob: String, state: State, dueAt: Int64, attempts: Int = 0, days: Int = 0) {
        self.blob = blob
        self.state = state
        self.dueAt = dueAt
        self.attempts = attempts
        self.days = days
    }
}

/// Reads what of the sources is in the archive.
public protocol ArchiveReader {
    /// Where the object with this blob stands; nil for one that has nothing to do with the archive.
    func archivedSource(blob: String) throws -> ArchivedSource?
    /// Those in a state whose time has come, the first due first.
    func archivedSources(_ state: ArchivedSource.State, due now: Int64, limit: Int) throws -> [ArchivedSource]
    /// Those that cannot be read and that a job needs which is not over, and whose video is not in the trash.
    func awaitedSources(limit: Int) throws -> [ArchivedSource]
    /// How many stand in each state.
    func archivedSourceCounts() throws -> [ArchivedSource.State: Int]
    /// Objects of `bucket` from the key `start` on (itself included), by key, that were stored and last read at `since` or before
    /// and could be archived: their video is ready or failed, not in the trash and has no job that is not over.
    func untouchedSources(bucket: String, from start: String, since: Int64, limit: Int) throws -> [StoredObject]
    /// The object that is visible with this blob as its first.
    func object(blob: String) throws -> StoredObject?
    /// Whether a source that is in the archive, or on its way there, has this blob.
    func archiveKnowsBlob(_ blob: String) throws -> Bool
}

extension ObjectReader where Self: ArchiveReader {
    /// Whether the bytes of an object are in the archive alone; false for one that is not there.
    public func isAway(bucket: String, key: String) throws -> Bool {
        guard let object = try object(bucket: bucket, key: key) else { return false }
        return try archivedSource(blob: object.blob)?.isReadable == false
    }
}

/// Changes what of the sources is in the archive.
public protocol ArchiveWriter {
    /// Stores where the source stands; its object must be there.
    func save(_ source: ArchivedSource) throws
    /// Makes the source one that has nothing to do with the archive.
    func forgetArchivedSource(blob: String) throws
    /// Notes that an object was read; nothing happens when it is gone.
    func noteRead(blob: String, at time: Int64) throws
}
