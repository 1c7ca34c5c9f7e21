/// The work on one video, cut into units; it survives crashes.
public struct Job: Sendable, Equatable {
    /// Where a job stands.
    public enum State: String, Sendable, CaseIterable {
        /// Its probe waits for a worker.
        case queued
        /// Workers have units of it, or will.
        case running
        /// Finished.
        case done
        /// Given up; only an administrator or a new upload brings it back.
        case dead
    }

    /// The file to work on.
    public struct Source: Sendable, Equatable {
        /// The bucket's name.
        public var bucket: String
        /// The key.
        public var key: String
        /// Bytes.
        public var size: Int64
        /// Hex MD5: a worker that reads with `If-Match` notices a file that changed under it.
        public var etag: String

        /// Makes a source.
        public init(bucket: String, key: String, size: Int64, etag: String) {
            self.bucket = bucket
            self.key = key
            self.size = size
            self.etag = etag
        }
    }

    /// The id, made from the video's, so that the same upload never queues two.
    public let id: String
    /// The video it is for.
    public let videoId: String
    /// Whose video it is: work is shared out fairly among owners.
    public let ownerId: String
    /// The file to work on.
    public var source: Source
    /// Where it stands.
    public var state: State
    /// The last one given to a unit's lease: it grows with each, so a worker with an older number has lost its unit even
    /// when the work has begun anew since.
    public var fence: Int64
    /// Grows whenever the work begins anew, so that nobody takes an account of the old work for one of the new.
    public var generation: Int64
    /// Whether the final playlists are published: no growing one may replace them.
    public var isFinal: Bool
    /// Why it was given up, or its last unit to fail did.
    public var lastFailure: VideoFailure?
    /// Epoch milliseconds.
    public let createdAt: Int64
    /// Epoch milliseconds.
    public var updatedAt: Int64

    /// A queued job.
    public init(id: String, videoId: String, ownerId: String, source: Source, createdAt: Int64) {
        self.id = id
        self.videoId = videoId
        self.ownerId = ownerId
        self.source = source
        self.createdAt = createdAt
        state = .queued
        fence = 0
        generation = 1
        isFinal = false
        updatedAt = createdAt
    }
}

/// What probing found out, word for word; kept apart from the job because it may be large.
public struct JobPlan: Sendable, Equatable {
    /// The outline of the presentation, JSON.
    public var outline: String
    /// What whoever encodes must know, JSON.
    public var media: String

    /// Makes a plan.
    public init(outline: String, media: String) {
        self.outline = outline
        self.media = media
    }
}

/// Reads jobs.
public protocol JobReader {
    /// The job, or nil.
    func job(id: String) throws -> Job?
    /// The job of a video, or nil.
    func job(videoId: String) throws -> Job?
    /// One page of jobs, newest first, of one state or all.
    func jobs(state: Job.State?, limit: Int, after: PageKey?) throws -> Page<Job>
    /// How many jobs stand in each state but `done`, whose number only grows.
    func openJobCounts() throws -> [Job.State: Int]
    /// What probing found out; nil before.
    func plan(jobId: String) throws -> JobPlan?
    /// The conformance report of a video, JSON; nil when it was not checked.
    func conformanceReport(videoId: String) throws -> String?
}

/// Changes jobs.
public protocol JobWriter {
    /// Adds a job; its id must be new.
    func insert(_ job: Job) throws
    /// Stores every field of a job that exists.
    func save(_ job: Job) throws
    /// Stores what probing found out.
    func store(_ plan: JobPlan, jobId: String) throws
    /// Removes a job's plan, units and account.
    func deleteWork(jobId: String) throws
    /// Keeps a video's conformance report in place of an earlier one; nil removes it.
    func storeConformanceReport(_ report: String?, videoId: String, now: Int64) throws
}
