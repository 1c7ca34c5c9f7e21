public import Catalog
internal import Synchronization

/// When sources were last read: noted in memory at each read, written together.
///
/// A crash forgets what was not written yet.
public final class SourceReads: Sendable {
    private let reads = Mutex<[String: Int64]>([:])
    /// More are not remembered until these are written; a source that is read often is among them soon enough.
    private static let most = 65_536

    /// No reads.
    public init() {}

    /// Notes that the object with this blob is read at `time`, in epoch milliseconds.
    public func note(blob: String, at time: Int64) {
        reads.withLock { reads in
            guard reads.count < Self.most || reads[blob] != nil else { return }
            reads[blob] = max(reads[blob] ?? time, time)
        }
    }

    /// Writes what was noted; when that fails it is noted still.
    public func flush(to catalog: any CatalogStore) async throws {
        let taken = reads.withLock { reads in
            defer { reads = [:] }
            return reads
        }
        guard !taken.isEmpty else { return }
        do {
            try await catalog.write { transaction in
                for (blob, time) in taken { try transaction.noteRead(blob: blob, at: time) }
            }
        } catch {
            for (blob, time) in taken { note(blob: blob, at: time) }
            throw error
        }
    }
}
