/// A finished job whose downloads are not made yet.
public struct PendingDownloads: Sendable, Equatable {
    /// The job.
    public let jobId: String
    /// How often they were tried to be made without success.
    public var attempts: Int
    /// Not before this time, in epoch milliseconds.
    public var availableAt: Int64

    /// Downloads that nobody has tried to make.
    public init(jobId: String, now: Int64) {
        self.jobId = jobId
        attempts = 0
        availableAt = now
    }
}

/// Reads which downloads are to be made.
public protocol DownloadReader {
    /// Those that are due first, of videos that are not in the trash.
    func pendingDownloads(limit: Int) throws -> [PendingDownloads]
}

/// Changes which downloads are to be made.
public protocol DownloadWriter {
    /// Adds a job, or stores every field of one that is there.
    func save(_ pending: PendingDownloads) throws
    /// Nothing of the job is to be made any more.
    func removePendingDownloads(jobId: String) throws
}
