internal import Audit
internal import Catalog
internal import EventLoop
internal import ObjectStore
internal import Telemetry

/// Deletes hot copies of what the archive has, brings sources back that somebody asks for or a job waits for, and ends those whose days
/// are over. One task runs it.
public struct SourceRestorer: Sendable {
    private let stores: ArchiveStores
    private let restores: SourceRestores
    private let metrics: ArchiveMetrics
    private let sourceArrived: @Sendable () -> Void
    private let log: @Sendable (ArchiveEvent) -> Void
    private var catalog: any CatalogStore { stores.catalog }
    private static let rest = Duration.seconds(5)
    private static let batch = 32
    private static let firstRetryMilliseconds: Int64 = 10_000
    private static let lastRetryMilliseconds: Int64 = 3_600_000

    /// A restorer of what is asked for with `restores`; `sourceArrived` is called when a source is back, and must not block.
    public init(
        _ stores: ArchiveStores, restores: SourceRestores, metrics: ArchiveMetrics,
        sourceArrived: @escaping @Sendable () -> Void = {}, log: @escaping @Sendable (ArchiveEvent) -> Void = { _ in }
    ) {
        self.stores = stores
        self.restores = restores
        self.metrics = metrics
        self.sourceArrived = sourceArrived
        self.log = log
    }

    /// Works until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            let rings = restores.bell.rings
            do {
                while try await step() > 0 {}
            } catch is CancellationError {
                return
            } catch {
                log(.roundFailed(reason: "\(error)"))
            }
            await restores.bell.wait(after: rings, upTo: Self.rest)
        }
    }

    /// Does what is due, a few sources of each kind; returns how many there were.
    @discardableResult
    public func step() async throws -> Int {
        let (asked, cleared) = (try await askForAwaited(), try await clear())
        return asked + cleared + (try await restoreNext()) + (try await endRestored())
    }

    /// Asks for what jobs wait for.
    private func askForAwaited() async throws -> Int {
        guard try await !catalog.read({ try $0.awaitedSources(limit: 1) }).isEmpty else { return 0 }
        let (restores, now) = (restores, stores.now())
        return try await catalog.write { transaction in
            let awaited = try transaction.awaitedSources(limit: Self.batch)
            for source in awaited {
                _ = try restores.ask(for: source.blob, by: .system, now: now, in: transaction)
            }
            return awaited.count
        }
    }

    /// Deletes the hot copies of what the archive has.
    private func clear() async throws -> Int {
        let due = try await due(.clearing)
        for source in due {
            if let (_, copy) = try await stores.copy(ofBlob: source.blob) { try await copy.delete(from: stores.hot) }
            _ = try await move(source.blob, from: .clearing) { $0.state = .archived }
        }
        return due.count
    }

    /// Brings the source back that is due first.
    private func restoreNext() async throws -> Int {
        guard let source = try await due(.restoring, limit: 1).first,
            let (object, copy) = try await stores.copy(ofBlob: source.blob)
        else { return 0 }
        let bytes: Int64
        do {
            bytes = try await copy.run(from: stores.archive, to: stores.hot)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            try await putOff(source, object, because: error)
            try await copy.delete(from: stores.hot)
            return 1
        }
        let now = stores.now()
        let restored = try await move(source.blob, from: .restoring) { source in
            source.state = .restored
            source.dueAt = source.end(from: now)
            source.attempts = 0
        }
        guard let restored else {
            // Nobody else moves it on, so its object is gone.
            try await copy.delete(from: stores.hot)
            return 1
        }
        metrics.restored.add(UInt64(bytes))
        log(.restored(key: object.key, bytes: bytes, until: restored.dueAt))
        sourceArrived()
        return 1
    }

    private func putOff(_ source: ArchivedSource, _ object: StoredObject, because error: any Error) async throws {
        let now = stores.now()
        let waited = try await move(source.blob, from: .restoring) { source in
            let wait = Self.firstRetryMilliseconds << min(source.attempts, 16)
            source.dueAt = now + min(wait, Self.lastRetryMilliseconds)
            source.attempts += 1
        }
        metrics.restoreFailures.add()
        if let waited { log(.notRestored(key: object.key, attempts: waited.attempts, reason: "\(error)")) }
    }

    /// Ends hot copies whose days are over, unless a job needs them, or the archive has lost its own.
    private func endRestored() async throws -> Int {
        let due = try await due(.restored)
        for source in due {
            guard let (object, copy) = try await stores.copy(ofBlob: source.blob) else { continue }
            if try await copy.isWhole(in: stores.archive) {
                let now = stores.now()
                try await catalog.write { transaction in
                    guard var source = try transaction.archivedSource(blob: source.blob), source.state == .restored,
                        source.dueAt <= now
                    else { return }
                    if try transaction.needsSource(object) {
                        source.dueAt = now + Self.lastRetryMilliseconds
                    } else {
                        source.state = .clearing
                    }
                    try transaction.save(source)
                }
            } else {
                try await catalog.write { try $0.forgetArchivedSource(blob: source.blob) }
                log(.lost(key: object.key))
            }
        }
        return due.count
    }

    private func due(_ state: ArchivedSource.State, limit: Int = SourceRestorer.batch) async throws -> [ArchivedSource]
    {
        let now = stores.now()
        return try await catalog.read { try $0.archivedSources(state, due: now, limit: limit) }
    }

    /// Changes a source that stands where it is thought to stand; nil, and nothing is changed, when it does not.
    private func move(
        _ blob: String, from state: ArchivedSource.State,
        _ change: @escaping @Sendable (inout ArchivedSource) -> Void
    ) async throws -> ArchivedSource? {
        try await catalog.write { transaction in
            guard var source = try transaction.archivedSource(blob: blob), source.state == state else { return nil }
            change(&source)
            try transaction.save(source)
            return source
        }
    }
}

extension CatalogReader {
    /// Whether a job of its video that is not over needs this source.
    fileprivate func needsSource(_ object: StoredObject) throws -> Bool {
        guard let video = try video(uploadKey: object.key), let job = try job(videoId: video.id) else { return false }
        return job.state == .queued || job.state == .running
    }
}
