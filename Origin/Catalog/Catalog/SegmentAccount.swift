public import Presentation

/// How much of one rendition is stored and published.
public struct RenditionAccount: Sendable, Equatable {
    /// Place in the outline.
    public let position: Int
    /// The folder's name.
    public let name: String
    /// What a second of it costs, a second of 1280×720 at 30 frames per second being 1.
    public let effort: Double
    /// What the names of its segments' files end in.
    public let fileEnding: String
    /// Stored segments.
    public var storedSegments: Int
    /// How long the stored segments are.
    public var storedMicroseconds: Int64
    /// Segments from the first up to one that is missing.
    public var runSegments: Int
    /// Segments that the published playlist names.
    public var publishedSegments: Int
    /// How long those are.
    public var publishedMicroseconds: Int64

    /// The account of a rendition of which nothing is stored.
    public init(position: Int, name: String, effort: Double, fileEnding: String = "m4s") {
        self.position = position
        self.name = name
        self.effort = effort
        self.fileEnding = fileEnding
        storedSegments = 0
        storedMicroseconds = 0
        runSegments = 0
        publishedSegments = 0
        publishedMicroseconds = 0
    }
}

/// A job with something to publish.
public struct PublicationDue: Sendable, Equatable {
    /// The job.
    public let jobId: String
    /// Whether all its units are done, so that its playlists are final.
    public let isFinal: Bool
}

/// Reads the account of what is stored.
public protocol SegmentReader {
    /// The account of each rendition, in the outline's order; empty before the plan.
    func renditionAccounts(jobId: String) throws -> [RenditionAccount]
    /// The segment, or nil.
    func segment(jobId: String, rendition: Int, number: Int) throws -> StoredSegment?
    /// The segments of a rendition with a number in `numbers`, ascending.
    func segments(jobId: String, rendition: Int, numbers: ClosedRange<Int>) throws -> [StoredSegment]
    /// Running jobs with segments that no playlist names yet, and those whose units are all done and whose final
    /// playlists are not published; oldest first.
    func jobsToPublish() throws -> [PublicationDue]
}

/// Changes the account of what is stored.
public protocol SegmentWriter {
    /// Begins a rendition's account.
    func insert(_ account: RenditionAccount, jobId: String) throws
    /// Stores every field of an account that can change.
    func save(_ account: RenditionAccount, jobId: String) throws
    /// Adds a segment; there must be none with its number.
    func insert(_ segment: StoredSegment, jobId: String) throws
}
