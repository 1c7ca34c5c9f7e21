internal import EventLoop
internal import Synchronization

/// The uploads that units run on here: each is downloaded once for all its units, also when they ask at the same time, and is
/// kept a while for the next ones.
final class SourceCache: Sendable {
    /// Downloads an upload.
    typealias Download = @Sendable (LeasedUnit.Source) async throws -> SourceFile

    /// How much is kept that no unit runs on.
    struct Bounds: Sendable {
        var bytes: Int64 = 8 << 30
        var count = 16
        var idle = Duration.seconds(60)
    }

    private struct Entry {
        let task: Task<SourceFile, any Error>
        let jobId: String
        var users = 0
        var isWhole = false
        var usedAt: ContinuousClock.Instant
    }

    private let bounds: Bounds
    private let download: Download
    private let entries = Mutex<[LeasedUnit.Source: Entry]>([:])

    init(bounds: Bounds = Bounds(), download: @escaping Download) {
        self.bounds = bounds
        self.download = download
    }

    /// Jobs whose upload is here.
    var jobIds: [String] {
        trim()
        return entries.withLock { entries in entries.values.filter(\.isWhole).map(\.jobId).sorted() }
    }

    /// Runs `body` with the upload of a job, which stays here at least that long.
    ///
    /// Throws what the download or `body` throws. A download ends when nobody waits for it any more.
    func with<R: Sendable>(
        _ source: LeasedUnit.Source, of jobId: String, _ body: (SourceFile) async throws -> R
    ) async throws -> R {
        let task = enter(source, jobId)
        let isLeft = Mutex(false)
        let leave: @Sendable () -> Void = { [self] in
            let isFirst = isLeft.withLock { isLeft in
                defer { isLeft = true }
                return !isLeft
            }
            if isFirst { self.leave(source, task) }
        }
        defer { leave() }
        let file: SourceFile
        do {
            file = try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                leave()
            }
        } catch {
            entries.withLock { entries in
                if entries[source]?.task == task { entries[source] = nil }
            }
            throw error
        }
        try Task.checkCancellation()
        entries.withLock { entries in
            if entries[source]?.task == task { entries[source]?.isWhole = true }
        }
        return try await body(file)
    }

    /// Lets go of what nobody has used for a while, and of the oldest where too much is kept.
    func trim(now: ContinuousClock.Instant = .now) {
        entries.withLock { entries in
            let idle = entries.filter { $0.value.users == 0 }.sorted { $0.value.usedAt > $1.value.usedAt }
            var (bytes, count): (Int64, Int) = (0, 0)
            for (source, entry) in idle {
                bytes += source.bytes
                count += 1
                if bytes > bounds.bytes || count > bounds.count || now - entry.usedAt > bounds.idle {
                    entries[source] = nil
                }
            }
        }
    }

    private func enter(_ source: LeasedUnit.Source, _ jobId: String) -> Task<SourceFile, any Error> {
        entries.withLock { entries in
            var entry =
                entries[source]
                ?? Entry(task: Task { [download] in try await download(source) }, jobId: jobId, usedAt: .now)
            entry.users += 1
            entries[source] = entry
            return entry.task
        }
    }

    private func leave(_ source: LeasedUnit.Source, _ task: Task<SourceFile, any Error>) {
        entries.withLock { entries in
            guard var entry = entries[source], entry.task == task else { return }
            entry.users -= 1
            entry.usedAt = .now
            entries[source] = entry
            if entry.users == 0, !entry.isWhole {
                task.cancel()
                entries[source] = nil
            }
        }
        trim()
    }
}
