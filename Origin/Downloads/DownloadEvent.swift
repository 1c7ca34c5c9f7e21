public import Telemetry

/// What an operator should know about downloads.
public enum DownloadEvent: Sendable, Equatable {
    /// A file is there.
    case made(videoId: String, height: Int, bytes: Int64)
    /// The downloads of a job could not be made, or not all.
    case failed(jobId: String, reason: String, willRetry: Bool)
    /// The catalog did not answer; the next round tries again.
    case catalogFailed(reason: String)
}

extension DownloadEvent {
    /// Writes the event as one line.
    public func write(to logger: Logger) {
        switch self {
        case .made(let videoId, let height, let bytes):
            logger.info(
                "download made", ["video": .string(videoId), "height": .count(height), "bytes": .integer(bytes)])
        case .failed(let jobId, let reason, let willRetry):
            logger.warning(
                "download not made",
                ["job": .string(jobId), "error": .string(reason), "will_retry": .bool(willRetry)])
        case .catalogFailed(let reason):
            logger.error("downloads wait for the catalog", ["error": .string(reason)])
        }
    }
}
