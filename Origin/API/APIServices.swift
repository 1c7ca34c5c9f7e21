internal import Archive
internal import Catalog
internal import EdgeControl
internal import HTTPServer
internal import HTTPWire
internal import Identity
internal import Imports
internal import JSON
internal import Jobs
internal import Library
internal import Publishing
internal import SQLiteDatabase
internal import ServiceAccounts
internal import SigningKeys
internal import Telemetry
internal import Tus
internal import Viewing
internal import Webhooks

/// What the calls share; the calls themselves are its extensions.
final class APIServices: Sendable {
    let configuration: APIConfiguration
    let catalog: any CatalogStore
    let jobs: JobQueue
    let changes: VideoChanges
    let viewing: Viewing
    let keys: SigningKeys
    let tokenKeys: any TokenKeyRotator
    let recoveryCodes: any RecoveryCodeKeeper
    let sealedValues: SealedValueRewrap
    let accounts: ServiceAccounts
    let webhooks: Webhooks
    let imports: Imports
    let captions: Captions
    let tus: TusUploads
    let restores: SourceRestores
    let authenticator: any BearerAuthenticator
    let now: @Sendable () -> Int64
    let workerToken: SharedToken
    let controlLog: ControlLog
    let gate: CallGate
    let idempotentCalls: IdempotentCalls
    let logger: Logger
    let trash: VideoTrash

    init(
        configuration: APIConfiguration, catalog: any CatalogStore, jobs: JobQueue, changes: VideoChanges,
        viewing: Viewing, keys: SigningKeys, tokenKeys: any TokenKeyRotator, recoveryCodes: any RecoveryCodeKeeper,
        sealedValues: SealedValueRewrap, accounts: ServiceAccounts, webhooks: Webhooks, imports: Imports,
        captions: Captions, tus: TusUploads, restores: SourceRestores, authenticator: any BearerAuthenticator,
        idempotentCalls: IdempotentCalls, now: @escaping @Sendable () -> Int64, controlLog: ControlLog, logger: Logger
    ) {
        self.configuration = configuration
        self.catalog = catalog
        self.jobs = jobs
        self.changes = changes
        self.viewing = viewing
        self.keys = keys
        self.tokenKeys = tokenKeys
        self.recoveryCodes = recoveryCodes
        self.sealedValues = sealedValues
        self.accounts = accounts
        self.webhooks = webhooks
        self.imports = imports
        self.captions = captions
        self.tus = tus
        self.restores = restores
        self.authenticator = authenticator
        self.now = now
        self.controlLog = controlLog
        self.idempotentCalls = idempotentCalls
        self.logger = logger
        gate = CallGate(configuration.callLimits, logger: logger)
        trash = VideoTrash(media: jobs.media, uploadBucket: configuration.uploadBucket)
        workerToken = SharedToken(configuration.workerToken)
    }

    /// The video of the path, if the caller may see it; otherwise the same answer as for one that does not exist.
    func visibleVideo(_ request: Request, for caller: Caller?) async throws -> Video {
        let id = request[parameter: "videoId"]
        guard let video = try await catalog.read({ try $0.video(id: id) }), video.isVisible(to: caller) else {
            throw Problem.videoNotFound
        }
        return video
    }

    /// The video of the path, if the caller may change it.
    func editableVideo(_ request: Request, by caller: Caller) async throws -> Video {
        let video = try await visibleVideo(request, for: caller)
        guard video.isEditable(by: caller) else { throw Problem.notTheirs }
        return video
    }

    /// An answer in JSON that no cache keeps.
    static func json(_ status: HTTPStatus, _ object: JSONObject) -> Response { json(status, whole: .object(object)) }

    /// The same for an answer that is no object.
    static func json(_ status: HTTPStatus, whole value: JSONValue) -> Response {
        var response = Response(status: status, contentType: "application/json", bytes: value.serialized())
        response.headers.set("Cache-Control", "no-store")
        return response
    }
}

/// What somebody has uploaded, and says who may watch.
protocol OwnedVideo {
    var ownerId: String { get }
    var visibility: Visibility { get }
    var deletedAt: Int64? { get }
}

extension Video: OwnedVideo {}
extension WatchedVideo: OwnedVideo {}

extension OwnedVideo {
    /// Private videos exist for their owner and administrators only, those in the trash for nobody.
    func isVisible(to caller: Caller?) -> Bool {
        deletedAt == nil && (visibility != .private || caller.map { belongs(to: $0) } ?? false)
    }

    /// Whoever may upload may change what they uploaded.
    func isEditable(by caller: Caller) -> Bool { caller.role >= .creator && belongs(to: caller) }

    private func belongs(to caller: Caller) -> Bool { caller.role == .admin || caller.id == ownerId }
}
