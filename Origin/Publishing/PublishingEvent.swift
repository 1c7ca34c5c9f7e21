public import Telemetry

/// What an operator should know about publishing.
public enum PublishingEvent: Sendable, Equatable {
    /// Playlists could not be published; the next round tries again.
    case failed(jobId: String?, reason: String)
}

extension PublishingEvent {
    /// Writes the event as one line.
    public func write(to logger: Logger) {
        switch self {
        case .failed(let jobId, let reason):
            logger.error("playlists not published", ["job": .string(jobId ?? "all"), "error": .string(reason)])
        }
    }
}
