public import Telemetry

/// What an operator should know about the gateway; no keys, no signatures.
public enum S3Report: Sendable, Equatable {
    /// A request failed on our side.
    case failed(requestId: String, reason: String)
    /// Blobs could not be reclaimed; the next round tries again.
    case reclaimFailed(reason: String)
    /// Blobs that nothing names were removed.
    case reclaimed(blobs: Int)
    /// Objects were removed by the rules of their buckets.
    case expired(objects: Int)
    /// Uploads in parts that nobody completed were aborted.
    case aborted(uploads: Int)
}

extension S3Report {
    /// Writes the report as one line.
    public func write(to logger: Logger) {
        switch self {
        case .failed(let requestId, let reason):
            logger.error("s3 request failed", ["request_id": .string(requestId), "error": .string(reason)])
        case .reclaimFailed(let reason):
            logger.warning("blobs could not be reclaimed", ["error": .string(reason)])
        case .reclaimed(let blobs):
            logger.info("orphan blobs removed", ["blobs": .count(blobs)])
        case .expired(let objects):
            logger.info("expired objects removed", ["objects": .count(objects)])
        case .aborted(let uploads):
            logger.info("stale uploads aborted", ["uploads": .count(uploads)])
        }
    }
}
