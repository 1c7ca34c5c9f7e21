public import Telemetry

/// What an operator wants to know of the archive; keys are those of uploads.
public enum ArchiveEvent: Sendable, Equatable {
    /// A source went to the archive.
    case archived(key: String, bytes: Int64)
    /// A source is not archived, though nobody has touched it.
    case notArchived(key: String, reason: String)
    /// The archive has no room.
    case full(reason: String)
    /// A source is back, until this time in epoch milliseconds.
    case restored(key: String, bytes: Int64, until: Int64)
    /// A source does not come back yet; it is tried again.
    case notRestored(key: String, attempts: Int, reason: String)
    /// The archive does not have what was put into it.
    case lost(key: String)
    /// Blobs of the archive that nothing names were removed.
    case swept(blobs: Int)
    /// A round failed, and is made again.
    case roundFailed(reason: String)
}

extension ArchiveEvent {
    /// Writes the event as one line.
    public func write(to logger: Logger) {
        switch self {
        case .archived(let key, let bytes):
            logger.info("source archived", ["key": .string(key), "bytes": .count(Int(bytes))])
        case .notArchived(let key, let reason):
            logger.error("source not archived", ["key": .string(key), "error": .string(reason)])
        case .full(let reason):
            logger.warning("archive full, sources stay where they are", ["error": .string(reason)])
        case .restored(let key, let bytes, _):
            logger.info("source restored", ["key": .string(key), "bytes": .count(Int(bytes))])
        case .notRestored(let key, let attempts, let reason):
            logger.error(
                "source not restored, trying again",
                ["key": .string(key), "attempts": .count(attempts), "error": .string(reason)])
        case .lost(let key):
            logger.error("the archive does not have a source that was put into it", ["key": .string(key)])
        case .swept(let blobs):
            logger.info("orphan blobs removed from the archive", ["blobs": .count(blobs)])
        case .roundFailed(let reason):
            logger.error("archive not looked after, trying again", ["error": .string(reason)])
        }
    }
}
