public import Telemetry

/// What an operator wants to know about the queue; ids and reasons only.
public enum JobQueueEvent: Sendable, Equatable {
    /// An upload became a job.
    case queued(jobId: String, videoId: String)
    /// An upload matches no video that waits for one.
    case uploadIgnored(key: String)
    /// A worker took a job.
    case leased(jobId: String, workerId: String, attempt: Int, fence: Int64)
    /// A worker went silent.
    case leaseExpired(jobId: String, workerId: String, willRetry: Bool)
    /// An attempt ended without success.
    case attemptFailed(jobId: String, reason: String, willRetry: Bool)
    /// A job is finished.
    case completed(jobId: String)
    /// The catalog did not answer; the queue tries again.
    case catalogFailed(reason: String)
}

extension JobQueueEvent {
    /// Writes the event as one line.
    public func write(to logger: Logger) {
        switch self {
        case .queued(let jobId, let videoId):
            logger.info("upload queued", ["job": .string(jobId), "video": .string(videoId)])
        case .uploadIgnored(let key):
            logger.warning("upload matches no waiting video", ["key": .string(key)])
        case .leased(let jobId, let workerId, let attempt, let fence):
            logger.info(
                "job leased",
                [
                    "job": .string(jobId), "worker": .string(workerId), "attempt": .count(attempt),
                    "fence": .count(fence),
                ])
        case .leaseExpired(let jobId, let workerId, let willRetry):
            logger.warning(
                "job lease expired",
                ["job": .string(jobId), "worker": .string(workerId), "will_retry": .bool(willRetry)])
        case .attemptFailed(let jobId, let reason, let willRetry):
            logger.warning(
                "job attempt failed",
                ["job": .string(jobId), "reason": .string(reason), "will_retry": .bool(willRetry)])
        case .completed(let jobId):
            logger.info("job completed", ["job": .string(jobId)])
        case .catalogFailed(let reason):
            logger.error("job queue cannot reach the catalog", ["error": .string(reason)])
        }
    }
}
