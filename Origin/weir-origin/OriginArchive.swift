import Archive
import Catalog
import Configuration
import EventLoop
import JSON
import Jobs
import ObjectStore
import Telemetry

/// How sources are archived.
struct ArchiveSettings: Sendable {
    static let parameters: [Parameter] = [
        .optional(
            "path", .text,
            "Directory of the archive, on another disk than storage.objects: where uploaded files go that nobody touches. "
                + "No archive when not set."),
        .optional(
            "afterDays", .integer(0...36_500, unit: "days"), default: 0,
            "How long nobody must have touched the uploaded file of a video for it to be archived; 0 archives nothing."),
        .optional(
            "restoredDays", .integer(1...3_650, unit: "days"), default: 7,
            "How long a file that came back from the archive stays, unless whoever asks for it says otherwise."),
    ]

    let path: String?
    let afterDays: Int
    let restoredDays: Int

    init(_ section: Configuration) throws {
        path = section.optionalText("path").flatMap { $0.isEmpty ? nil : $0 }
        afterDays = section.integer("afterDays")
        restoredDays = section.integer("restoredDays")
        guard path != nil || afterDays == 0 else {
            throw OriginSettings.refusal("$.archive.path", "is required with afterDays: it is where sources go")
        }
    }
}

/// The archive of sources and those who look after it; without a directory there is none.
struct OriginArchive {
    let restores: SourceRestores
    let reads = SourceReads()
    let blobs: FileBlobStore?
    private let settings: ArchiveSettings
    private let metrics: ArchiveMetrics
    private let logger: Logger

    /// Opens the archive; blocks on the disk. What is in an archive that is no longer configured is said in the log.
    init(
        _ settings: ArchiveSettings, catalog: any CatalogStore, metrics: MetricsRegistry, logger: Logger
    ) async throws {
        self.settings = settings
        self.logger = logger
        restores = SourceRestores(usualDays: settings.restoredDays)
        blobs = try settings.path.map {
            try FileBlobStore(directory: $0, pool: try BlockingPool(name: "archive", threads: 2, queueLimit: 64))
        }
        self.metrics = ArchiveMetrics(metrics)
        guard blobs == nil else { return }
        let sources = try await catalog.read { try $0.archivedSourceCounts().values.reduce(0, +) }
        if sources > 0 {
            logger.error(
                "sources are in an archive that is not configured: nobody can read them", ["sources": .count(sources)])
        }
    }

    /// Those who copy sources into the archive and back; nil without one.
    func keepers(
        catalog: any CatalogStore, hot: any BlobStore, bucket: String, jobs: JobQueue,
        now: @escaping @Sendable () -> Int64
    ) throws -> (archiver: SourceArchiver, restorer: SourceRestorer)? {
        guard let blobs else { return nil }
        let stores = ArchiveStores(
            catalog: catalog, hot: hot, archive: blobs, bucket: bucket,
            digests: try BlockingPool(name: "archive-digests", threads: 1, queueLimit: 16), now: now)
        let log: @Sendable (ArchiveEvent) -> Void = { [logger] in $0.write(to: logger) }
        return (
            SourceArchiver(
                stores, days: settings.afterDays, reads: reads, restores: restores, metrics: metrics, log: log),
            SourceRestorer(
                stores, restores: restores, metrics: metrics, sourceArrived: { jobs.workArrived() }, log: log)
        )
    }
}
