public import Catalog
public import Telemetry

/// What an operator wants to know of imports; ids and reasons only, since addresses may hold secrets.
public enum ImportEvent: Sendable, Equatable {
    /// An attempt ended; `queued` means that another follows.
    case ended(importId: String, state: VideoImport.State, reason: String)
    /// An attempt failed for a reason of ours.
    case failed(importId: String, reason: String)
    /// The catalog did not answer; what was under way is done again.
    case catalogFailed(reason: String)

    /// Writes the event as one line.
    public func write(to logger: Logger) {
        switch self {
        case .ended(let importId, let state, let reason):
            logger.info(
                "import attempt ended",
                ["import": .string(importId), "state": .string(state.rawValue), "reason": .string(reason)])
        case .failed(let importId, let reason):
            logger.error("import failed", ["import": .string(importId), "error": .string(reason)])
        case .catalogFailed(let reason):
            logger.error("imports cannot reach the catalog", ["error": .string(reason)])
        }
    }
}
