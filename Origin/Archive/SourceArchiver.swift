internal import Audit
internal import Catalog
internal import EventLoop
internal import ObjectStore
internal import Telemetry

/// Copies sources that nobody has touched for long into the archive.
public struct SourceArchiver: Sendable {
    private let stores: ArchiveStores
    private let untouchedMilliseconds: Int64
    private let reads: SourceReads
    private let restores: SourceRestores
    private let metrics: ArchiveMetrics
    private let log: @Sendable (ArchiveEvent) -> Void
    private var catalog: any CatalogStore { stores.catalog }
    private static let rest = Duration.seconds(60)
    private static let hour: Int64 = 3_600_000
    private static let pageSources = 16

    /// What became of a source.
    enum Outcome: Sendable, Equatable {
        /// The archive has it.
        case archived
        /// Somebody has touched it.
        case touched
        /// It stays where it is, for a reason of its own.
        case failed
        /// The archive takes none.
        case full
    }

    /// An archiver of what is untouched for `days`; 0 archives nothing.
    ///
    /// `reads` says what has been read lately, `restores` how others ask for what is away.
    public init(
        _ stores: ArchiveStores, days: Int, reads: SourceReads, restores: SourceRestores, metrics: ArchiveMetrics,
        log: @escaping @Sendable (ArchiveEvent) -> Void = { _ in }
    ) {
        self.stores = stores
        untouchedMilliseconds = Int64(days) * 86_400_000
        self.reads = reads
        self.restores = restores
        self.metrics = metrics
        self.log = log
    }

    /// Archives and sweeps at once and every hour, until the task is cancelled.
    public func run() async {
        var nextWalk: Int64 = 0
        while !Task.isCancelled {
            do {
                try await reads.flush(to: catalog)
                if stores.now() >= nextWalk {
                    try await goOn()
                    try await archiveUntouched()
                    try await sweepOrphans(olderThanSeconds: 3_600)
                    nextWalk = stores.now() + Self.hour
                }
                metrics.set(try await catalog.read { try $0.archivedSourceCounts() })
            } catch is CancellationError {
                break
            } catch {
                log(.roundFailed(reason: "\(error)"))
            }
            try? await Task.sleep(for: Self.rest)
        }
        try? await reads.flush(to: catalog)
    }

    /// Makes the copies anew that a crash has interrupted.
    func goOn() async throws {
        for source in try await catalog.read({ try $0.archivedSources(.archiving, due: .max, limit: 256) }) {
            guard let (object, copy) = try await stores.copy(ofBlob: source.blob) else { continue }
            guard try await archive(object, copy) != .full else { return }
        }
    }

    /// Archives every source that nobody has touched for long, until there is no room; returns how many.
    @discardableResult
    public func archiveUntouched() async throws -> Int {
        guard untouchedMilliseconds > 0, try await hasWhatWasPutIn() else { return 0 }
        var (archived, start) = (0, "")
        while true {
            let (from, since, bucket) = (start, stores.now() - untouchedMilliseconds, stores.bucket)
            let page = try await catalog.read {
                try $0.untouchedSources(bucket: bucket, from: from, since: since, limit: Self.pageSources)
            }
            guard let last = page.last else { return archived }
            for object in page {
                guard let (object, copy) = try await stores.copy(ofBlob: object.blob) else { continue }
                switch try await archive(object, copy) {
                case .archived: archived += 1
                case .full: return archived
                case .touched, .failed: break
                }
            }
            start = last.key + "\u{0}"
        }
    }

    /// Deletes blobs of the archive that no row names; the age keeps those alive whose row has just changed.
    @discardableResult
    public func sweepOrphans(olderThanSeconds age: Int64) async throws -> Int {
        let swept = try await stores.archive.deleteOrphans(writtenBefore: stores.now() / 1_000 - age) { names in
            try await catalog.read { reader in try names.filter { try !reader.archiveKnowsBlob($0) } }
        }
        if swept > 0 { log(.swept(blobs: swept)) }
        return swept
    }

    /// Whether the archive is the one that sources went to: a disk that is not mounted is an empty folder.
    private func hasWhatWasPutIn() async throws -> Bool {
        let known = try await catalog.read { try $0.archivedSources(.archived, due: .max, limit: 1) }
        guard let source = known.first, let (object, copy) = try await stores.copy(ofBlob: source.blob) else {
            return true
        }
        guard try await copy.isWhole(in: stores.archive) else {
            log(.lost(key: object.key))
            return false
        }
        return true
    }

    /// Archives one source, unless it has been touched.
    func archive(_ object: StoredObject, _ copy: SourceCopy) async throws -> Outcome {
        let now = stores.now()
        guard
            try await isMoved(
                object, to: ArchivedSource(blob: object.blob, state: .archiving, dueAt: now))
        else { return try await release(object, copy, .touched) }
        do {
            metrics.archived.add(UInt64(try await copy.run(from: stores.hot, to: stores.archive)))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return try await release(object, copy, noted(error, of: object))
        }
        try await reads.flush(to: catalog)
        guard
            try await isMoved(
                object, to: ArchivedSource(blob: object.blob, state: .clearing, dueAt: now))
        else { return try await release(object, copy, .touched) }
        log(.archived(key: object.key, bytes: object.size))
        restores.bell.ring()
        return .archived
    }

    /// Moves the source to a state, if it is untouched still.
    private func isMoved(_ object: StoredObject, to source: ArchivedSource) async throws -> Bool {
        let (now, untouched) = (stores.now(), untouchedMilliseconds)
        guard untouched > 0 else { return false }
        return try await catalog.write { transaction in
            let found = try transaction.untouchedSources(
                bucket: object.bucket, from: object.key, since: now - untouched, limit: 1)
            guard found.first?.blob == object.blob else { return false }
            try transaction.save(source)
            if source.state == .clearing {
                try transaction.recordOfSource(.sourceArchived, blob: object.blob, at: now)
            }
            return true
        }
    }

    /// Lets a source be hot, and nothing of it in the archive. One that is damaged counts as touched.
    private func release(_ object: StoredObject, _ copy: SourceCopy, _ outcome: Outcome) async throws -> Outcome {
        let now = stores.now()
        try await catalog.write { transaction in
            // What somebody else has moved on is not ours.
            if let source = try transaction.archivedSource(blob: object.blob), source.state != .archiving { return }
            try transaction.forgetArchivedSource(blob: object.blob)
            if outcome == .failed { try transaction.noteRead(blob: object.blob, at: now) }
        }
        try await copy.delete(from: stores.archive)
        return outcome
    }

    private func noted(_ error: any Error, of object: StoredObject) -> Outcome {
        metrics.archiveFailures.add()
        if let error = error as? BlobStoreError, error.code == .full {
            log(.full(reason: error.description))
            return .full
        }
        log(.notArchived(key: object.key, reason: "\(error)"))
        return .failed
    }
}
