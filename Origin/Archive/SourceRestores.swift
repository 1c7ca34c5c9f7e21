public import Audit
public import Catalog
public import EventLoop

/// How sources are asked for that are in the archive, inside the transaction of whoever asks.
public struct SourceRestores: Sendable {
    /// What became of asking.
    public enum Answer: Sendable, Equatable {
        /// It comes back from now on.
        case begun
        /// Somebody asked before; it is on its way.
        case underWay
        /// It is there, and stays until this time, in epoch milliseconds.
        case there(until: Int64)
        /// It is where objects are read, and not in the archive.
        case notArchived
    }

    /// For how many days somebody may ask: ten years at most.
    public static let days = 1...3_650

    /// For how many days whoever does not say gets it.
    public let usualDays: Int
    /// Rung when there is something to restore; ring it after the transaction.
    public let bell = Doorbell()

    /// Restores for `usualDays` (default 7) unless somebody says otherwise.
    public init(usualDays: Int = 7) { self.usualDays = usualDays }

    /// Asks for the source with this blob, for so many days from when it is there; asking again sets the days anew.
    ///
    /// `actor` is who asks; nil for whoever `AuditContext` names.
    public func ask(
        for blob: String, days: Int? = nil, by actor: AuditParty? = nil, now: Int64,
        in transaction: any CatalogTransaction
    ) throws -> Answer {
        guard var source = try transaction.archivedSource(blob: blob) else { return .notArchived }
        source.days = days ?? usualDays
        switch source.state {
        case .archiving: return .notArchived
        case .restoring: return .underWay
        case .restored:
            source.dueAt = source.end(from: now)
            try transaction.save(source)
            return .there(until: source.dueAt)
        case .clearing, .archived:
            source.state = .restoring
            source.dueAt = now
            source.attempts = 0
            try transaction.save(source)
            try transaction.recordOfSource(.sourceRestoreAsked, blob: blob, by: actor, at: now)
            return .begun
        }
    }
}

extension ArchivedSource {
    /// When a copy that is there at `time` ends.
    func end(from time: Int64) -> Int64 { time + Int64(days) * 86_400_000 }
}

extension CatalogTransaction {
    /// Writes an entry of the audit log about the video whose source has this blob.
    func recordOfSource(
        _ action: AuditAct.Action, blob: String, by actor: AuditParty? = nil, at now: Int64
    ) throws {
        guard let key = try object(blob: blob)?.key, let video = try video(uploadKey: key) else { return }
        try record(AuditAct(action, of: .video(video.id), by: actor), at: now)
    }
}
