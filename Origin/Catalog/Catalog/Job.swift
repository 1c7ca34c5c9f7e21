/// A piece of work that survives crashes: one video to transcode.
public struct Job: Sendable, Equatable {
    /// Where a job stands.
    public enum State: String, Sendable, CaseIterable {
        /// Waits for a worker, not before `availableAt`.
        case queued
        /// A worker has it until `leaseExpiresAt`.
        case leased
        /// Finished.
        case done
        /// Given up; only an administrator brings it back.
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
    /// The file to work on.
    public var source: Source
    /// Where it stands.
    public var state: State
    /// Grows with each lease: a worker with an older number has lost the job.
    public var fence: Int64
    /// How many leases were granted since it was queued by a person or an upload.
    public var attempts: Int
    /// Not before this time, in epoch milliseconds.
    public var availableAt: Int64
    /// Epoch milliseconds; nil unless leased.
    public var leaseExpiresAt: Int64?
    /// Who has or had it.
    public var workerId: String?
    /// Why the last attempt ended without success.
    public var lastFailure: VideoFailure?
    /// Epoch milliseconds.
    public let createdAt: Int64
    /// Epoch milliseconds.
    public var updatedAt: Int64

    /// A queued job.
    public init(id: String, videoId: String, source: Source, createdAt: Int64) {
        self.id = id
        self.videoId = videoId
        self.source = source
        self.createdAt = createdAt
        state = .queued
        fence = 0
        attempts = 0
        availableAt = createdAt
        updatedAt = createdAt
    }
}

/// Reads jobs.
public protocol JobReader {
    /// The job, or nil.
    func job(id: String) throws -> Job?
    /// The queued job that has waited longest past its time, or nil; another transaction's candidate is skipped.
    func nextQueuedJob(now: Int64) throws -> Job?
    /// Leased jobs whose lease has run out.
    func expiredJobs(now: Int64, limit: Int) throws -> [Job]
    /// One page of jobs, newest first, of one state or all.
    func jobs(state: Job.State?, limit: Int, after: PageKey?) throws -> Page<Job>
    /// How many jobs stand in each state.
    func jobCounts() throws -> [Job.State: Int]
}

/// Changes jobs.
public protocol JobWriter {
    /// Adds a job; its id must be new.
    func insert(_ job: Job) throws
    /// Stores every field of a job that exists.
    func save(_ job: Job) throws
}
