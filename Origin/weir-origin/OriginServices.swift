import API
import AccessSigning
import Archive
import Audit
import Catalog
import ContentKeys
import Crypto
import Downloads
import EdgeControl
import EventLoop
import HTTPServer
import HTTPWire
import Identity
import Imports
import Jobs
import Library
import ObjectStore
import Outbound
import Presentation
import Publishing
import Queues
import S3Gateway
import ServiceAccounts
import SigningKeys
import Telemetry
import Tus
import Viewing
import Web
import Webhooks

/// What the origin does, over its stores, before any of it is reachable.
struct OriginServices {
    let gateway: S3Gateway
    let jobs: JobQueue
    let viewing: Viewing
    let publisher: Publisher
    let downloads: DownloadMaker
    let reclaimer: BlobReclaimer
    let trashKeeper: TrashKeeper
    let archiveKeepers: (archiver: SourceArchiver, restorer: SourceRestorer)?
    private let controlLog: ControlLog
    private let changes: VideoChanges
    let keyKeeper: KeyKeeper
    let tokenKeyKeeper: TokenKeyKeeper
    let serviceAccountKeeper: ServiceAccountKeeper
    let auditWitness: AuditWitness
    let queueGauges: QueueGauges
    let webhookSender: WebhookSender
    let importRunner: ImportRunner
    private let reload: OriginReload
    let userPools: UserPools
    private var identity: IdentityService { userPools.first }
    private let api: ControlAPI
    private let edgeLog: EdgeLogAPI
    private let playbackReports: PlaybackReportAPI
    private let cloudFront: CloudFrontAPI

    /// Opens the stores and sets up what is missing: schema, folders, user pool, administrator.
    init(
        _ settings: OriginSettings, reload: OriginReload, metrics: MetricsRegistry, on loop: EventLoop, logger: Logger
    ) async throws {
        self.reload = reload
        let now = IdentityService.systemClock
        let catalog = try SQLiteCatalog(
            path: settings.databasePath, auditKeys: AuditKeys(sealingKeys: settings.sealingKeys.all))
        let witness = AuditWitness(catalog: catalog, now: now, logger: logger.labelled("audit"))
        try await witness.begin()
        auditWitness = witness
        queueGauges = QueueGauges(metrics, catalog: catalog, now: now) {
            logger.labelled("queues").error("queues not measured", ["error": .error($0)])
        }
        let blobs = try FileBlobStore(
            directory: settings.objectsDirectory, pool: try BlockingPool(name: "blobs", threads: 4, queueLimit: 256))
        let archive = try await OriginArchive(
            settings.archive, catalog: catalog, metrics: metrics, logger: logger.labelled("archive"))
        let changes = VideoChanges()
        self.changes = changes
        let controlLog = ControlLog(catalog: catalog, now: now)
        self.controlLog = controlLog
        let media = PublishedMedia(
            bucket: settings.mediaBucket,
            forget: { videoId, transaction in try controlLog.append(.forget(videoId: videoId), in: transaction) },
            announce: { controlLog.announce() })
        viewing = Viewing(
            catalog: catalog, metrics: ViewingMetrics(metrics), now: now, logger: logger.labelled("viewing"))
        let contentKeys = ContentKeys(sealingKeys: settings.sealingKeys)
        let objection: UploadObjection = { [quotas = settings.quotas] in
            try quotas.excess(of: $0, size: $1, in: $2)?.failure
        }
        let jobs = JobQueue(
            catalog: catalog, changes: changes, media: media, contentKeys: contentKeys,
            policy: JobPolicy(leaseSeconds: settings.leaseSeconds, maximumAttempts: settings.attempts),
            objection: objection,
            metrics: WorkMetrics(metrics), now: now
        ) {
            $0.write(to: logger.labelled("jobs"))
        }
        publisher = Publisher(
            catalog: catalog, blobs: blobs, jobs: jobs, changes: changes, bucket: settings.mediaBucket, now: now
        ) {
            $0.write(to: logger.labelled("publishing"))
        }
        downloads = DownloadMaker(
            catalog: catalog, blobs: blobs, jobs: jobs, bucket: settings.mediaBucket,
            pool: try BlockingPool(name: "downloads", threads: 1, queueLimit: 1), now: now
        ) {
            $0.write(to: logger.labelled("downloads"))
        }
        let report: @Sendable (S3Report) -> Void = { $0.write(to: logger.labelled("s3")) }
        self.jobs = jobs
        gateway = S3Gateway(
            configuration: S3Configuration(
                region: settings.region, uploadBucket: settings.uploadBucket, mediaBucket: settings.mediaBucket,
                accessKeys: reload.keys, hostNames: settings.s3Listeners.hostNames),
            catalog: catalog, blobs: blobs, digests: try BlockingPool(name: "digests", threads: 4, queueLimit: 256),
            now: now,
            secret: { [bucket = settings.mediaBucket] asked, key in
                guard asked == bucket, let videoId = PublishedMedia.videoId(ofContentKey: key) else { return nil }
                return try await catalog.read { reader in
                    guard try reader.videoOutsideTrash(id: videoId) != nil else { return nil }
                    return try contentKeys.key(of: videoId, in: reader)?.bytes
                }
            }, uploadStored: { jobs.uploadStored() }, restores: archive.restores,
            objectRead: { [bucket = settings.uploadBucket] object in
                if archive.blobs != nil, object.bucket == bucket { archive.reads.note(blob: object.blob, at: now()) }
            }, report: report)
        archiveKeepers = try archive.keepers(
            catalog: catalog, hot: blobs, bucket: settings.uploadBucket, jobs: jobs, now: now)
        trashKeeper = TrashKeeper(
            catalog: catalog, trash: VideoTrash(media: media, uploadBucket: settings.uploadBucket),
            days: settings.trashDays, now: now, logger: logger.labelled("library"))
        reclaimer = BlobReclaimer(
            catalog: catalog, blobs: blobs, archive: archive.blobs, now: now, report: report)
        let identity = try await Self.identity(
            settings, keys: reload.keys, catalog: catalog, metrics: metrics, logger: logger)
        userPools = try UserPools(first: identity)
        tokenKeyKeeper = try identity.keyKeeper()

        let signingKeys = try SigningKeys(
            catalog: catalog, log: controlLog, sealingKeys: settings.sealingKeys, groupId: settings.keyGroupId,
            grantSeconds: settings.playbackSeconds, now: now, logger: logger.labelled("keys"))
        try await signingKeys.prepare(importing: settings.firstKey)
        keyKeeper = KeyKeeper(signingKeys)
        let accounts = ServiceAccounts(
            catalog: catalog, ring: reload.keys, sealingKeys: settings.sealingKeys, now: now,
            logger: logger.labelled("service-accounts"))
        try await accounts.feedRing()
        serviceAccountKeeper = ServiceAccountKeeper(accounts)
        let webhooks = Webhooks(
            catalog: catalog, sealingKeys: settings.sealingKeys, rule: settings.webhooks.rule,
            mostPerAccount: settings.webhooksPerAccount, now: now)
        let resolver = Resolver(pool: try BlockingPool(name: "outbound-names", threads: 4, queueLimit: 256))
        webhookSender = WebhookSender(
            webhooks, catalog: catalog,
            post: WebhookPost(try OutboundClient(settings.webhooks.rule, loop: loop, resolver: resolver)),
            options: settings.webhooks, now: now, log: { $0.write(to: logger.labelled("webhooks")) })
        let imports = Imports(catalog: catalog, options: settings.imports, now: now)
        importRunner = ImportRunner(
            imports, catalog: catalog, blobs: blobs,
            client: try OutboundClient(settings.imports.rule, loop: loop, resolver: resolver),
            options: settings.imports,
            place: ImportRunner.Place(bucket: settings.uploadBucket, region: settings.region) { jobs.uploadStored() },
            objection: objection, now: now
        ) {
            $0.write(to: logger.labelled("imports"))
        }
        let captions = Captions(
            catalog: catalog, blobs: blobs, jobs: jobs,
            forget: { _ = try controlLog.append(.purge(.init(prefixes: $0)), in: $1) },
            announce: { controlLog.announce() }, now: now)
        edgeLog = EdgeLogAPI(
            log: controlLog, keys: reload.keys, region: settings.region, now: now, logger: logger.labelled("edges"))
        playbackReports = PlaybackReportAPI(
            catalog: catalog, keys: reload.keys, region: settings.region, now: now, logger: logger.labelled("edges"))
        cloudFront = CloudFrontAPI(
            catalog: catalog, log: controlLog, keys: reload.keys, distributionIds: { reload.distributions },
            region: settings.region, now: now, logger: logger.labelled("cloudfront"))
        let idempotentCalls = IdempotentCalls(catalog: catalog, sealingKeys: settings.sealingKeys, now: now)
        let apiConfiguration = settings.api(keys: reload.keys) { reload.uploadCredentials(region: settings.region) }
        let tus = TusUploads(
            catalog: catalog, blobs: blobs, quotas: settings.quotas,
            place: TusPlace(
                bucket: settings.uploadBucket, region: settings.region,
                maximumBytes: apiConfiguration.maximumUploadBytes
            ) { jobs.uploadStored() }, now: now)
        api = ControlAPI(
            configuration: apiConfiguration,
            catalog: catalog, jobs: jobs, changes: changes, viewing: viewing, keys: signingKeys,
            tokenKeys: tokenKeyKeeper, recoveryCodes: identity,
            sealedValues: [
                signingKeys.sealedValues, contentKeys.sealedValues, accounts.sealedValues, webhooks.sealedValues,
                idempotentCalls.sealedValues,
            ]
            .reduce(identity.sealedValues) { $0.merging($1) { $1 } },
            accounts: accounts, webhooks: webhooks, imports: imports, captions: captions, tus: tus,
            restores: archive.restores,
            authenticator: identity.tokenVerifier, idempotentCalls: idempotentCalls, now: now, controlLog: controlLog,
            logger: logger)
    }

    /// Identity, the control API, the pages and health, as one route.
    func publicRoutes(_ settings: OriginSettings, _ metrics: MetricsRegistry) -> AsyncRoute {
        var router = Router()
        identity.addRoutes(to: &router, among: userPools)
        identity.addPages(to: &router, clientId: settings.clientId, metrics: metrics)
        api.addRoutes(to: &router)
        edgeLog.addRoutes(to: &router)
        playbackReports.addRoutes(to: &router)
        cloudFront.addRoutes(to: &router)
        WebPages(clientId: settings.clientId).addRoutes(to: &router)
        OperatorRoutes.addHealth(to: &router)
        let reload = reload
        return { [router] request in
            await AuditContext.serving(request, behind: reload.trustedProxies) { await router.respond(to: $0) }
        }
    }

    /// Answers whoever waits for an order, a unit of work or news of a video, so that a drain need not wait for them.
    func endWaiting() {
        controlLog.close()
        jobs.close()
        changes.close()
    }

    private static func identity(
        _ settings: OriginSettings, keys: AccessKeyRing, catalog: SQLiteCatalog, metrics: MetricsRegistry,
        logger: Logger
    ) async throws -> IdentityService {
        let store = SQLiteIdentityStore(catalog)
        var pool = settings.identity
        pool.accessKeys = keys
        try await IdentityBootstrap(store: store, settings: pool)
            .run(clientId: settings.clientId, administrator: settings.administrator)
        let mail = settings.mail
        let delivery = MailedCodes(
            transport: try mail.transport(logger: logger.labelled("mail")), sender: mail.sender,
            templates: mail.templates, site: settings.publicURL)
        return try await IdentityService(
            store: store, settings: pool, delivery: delivery, logger: logger, metrics: metrics)
    }
}

extension OriginSettings {
    fileprivate func api(
        keys: AccessKeyRing, uploadCredentials: @escaping @Sendable () -> SigV4Credentials
    ) -> APIConfiguration {
        APIConfiguration(
            publicURL: publicURL, s3URL: s3URL, region: region, accessKeys: keys, uploadBucket: uploadBucket,
            mediaBucket: mediaBucket,
            uploadCredentials: uploadCredentials, playbackSeconds: playbackSeconds,
            videoOptions: videoOptions, callLimits: callLimits, quotas: quotas, workerToken: workerToken)
    }
}
