public import Telemetry

/// A unit as logs name it.
public struct UnitReference: Sendable, Equatable {
    /// The job.
    public let jobId: String
    /// The unit's number.
    public let number: Int

    /// Names a unit.
    public init(jobId: String, number: Int) {
        self.jobId = jobId
        self.number = number
    }
}

/// What an operator wants to know about the queue; ids and reasons only.
public enum JobQueueEvent: Sendable, Equatable {
    /// An upload became a job.
    case queued(jobId: String, videoId: String)
    /// An upload matches no video that waits for one.
    case uploadIgnored(key: String)
    /// An event could not be acted on; it comes again, or is a dead letter.
    case eventFailed(messageId: Int64, reason: String, isDead: Bool)
    /// What has arrived is not taken, and its video has failed.
    case uploadRefused(videoId: String, reason: String)
    /// A worker took a unit.
    case leased(UnitReference, workerId: String, attempt: Int, fence: Int64)
    /// A worker went silent.
    case leaseExpired(UnitReference, workerId: String, willRetry: Bool)
    /// An attempt ended without success.
    case attemptFailed(UnitReference, reason: String, willRetry: Bool)
    /// A job was given up though its units are done.
    case givenUp(jobId: String, reason: String)
    /// A unit is finished.
    case completed(UnitReference)
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
        case .eventFailed(let messageId, let reason, let isDead):
            logger.error(
                "event not acted on",
                ["message": .count(Int(messageId)), "reason": .string(reason), "will_retry": .bool(!isDead)])
        case .uploadRefused(let videoId, let reason):
            logger.warning("upload refused", ["video": .string(videoId), "reason": .string(reason)])
        case .leased(let unit, let workerId, let attempt, let fence):
            logger.info(
                "unit leased",
                [
                    "job": .string(unit.jobId), "unit": .count(unit.number), "worker": .string(workerId),
                    "attempt": .count(attempt), "fence": .count(fence),
                ])
        case .leaseExpired(let unit, let workerId, let willRetry):
            logger.warning(
                "unit lease expired",
                [
                    "job": .string(unit.jobId), "unit": .count(unit.number), "worker": .string(workerId),
                    "will_retry": .bool(willRetry),
                ])
        case .attemptFailed(let unit, let reason, let willRetry):
            logger.warning(
                "unit attempt failed",
                [
                    "job": .string(unit.jobId), "unit": .count(unit.number), "reason": .string(reason),
                    "will_retry": .bool(willRetry),
                ])
        case .givenUp(let jobId, let reason):
            logger.warning("job given up", ["job": .string(jobId), "reason": .string(reason)])
        case .completed(let unit):
            logger.info("unit completed", ["job": .string(unit.jobId), "unit": .count(unit.number)])
        case .catalogFailed(let reason):
            logger.error("job queue cannot reach the catalog", ["error": .string(reason)])
        }
    }
}
