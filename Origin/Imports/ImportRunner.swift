public import Catalog
internal import EventLoop
internal import JSON
public import Jobs
public import ObjectStore
internal import Objects
public import Outbound
internal import Queues

/// Fetches files in the background, several at a time and a few of each account.
public final class ImportRunner: Sendable {
    private let imports: Imports
    private let catalog: any CatalogStore
    private let blobs: any BlobStore
    private let client: OutboundClient
    private let options: ImportOptions
    private let place: Place
    private let objection: UploadObjection
    private let now: @Sendable () -> Int64
    private let log: @Sendable (ImportEvent) -> Void
    private let queue: MessageQueue
    let receiver: FairReceiver

    /// Where files go, and who wants to know.
    public struct Place: Sendable {
        /// The bucket of uploads.
        public var bucket: String
        /// The region that events name.
        public var region: String
        /// Called after an upload's event was committed; must not block.
        public var uploadStored: @Sendable () -> Void

        /// A place.
        public init(bucket: String, region: String, uploadStored: @escaping @Sendable () -> Void) {
            self.bucket = bucket
            self.region = region
            self.uploadStored = uploadStored
        }
    }

    /// A runner of what `imports` wait for.
    ///
    /// `objection` says why a file that large is given up. `now` gives epoch milliseconds; `log` hears what an operator wants to
    /// know. Neither may block.
    public init(
        _ imports: Imports, catalog: any CatalogStore, blobs: any BlobStore, client: OutboundClient,
        options: ImportOptions, place: Place, objection: @escaping UploadObjection = { _, _, _ in nil },
        now: @escaping @Sendable () -> Int64,
        log: @escaping @Sendable (ImportEvent) -> Void = { _ in }
    ) {
        self.imports = imports
        self.catalog = catalog
        self.blobs = blobs
        self.client = client
        self.options = options
        self.place = place
        self.objection = objection
        self.now = now
        self.log = log
        queue = MessageQueue(.imports, policy: options.queuePolicy, catalog: catalog, now: now)
        receiver = FairReceiver(
            queue, catalog: catalog, slots: options.concurrency, perGroup: options.perAccount, now: now)
    }

    /// Fetches until the task is cancelled; one task runs it.
    public func run() async {
        await receiver.run(imports.bell) {
            await self.carryOut($0)
        } failed: {
            log(.catalogFailed(reason: "\($0)"))
        }
    }

    /// Makes one attempt. An account's other imports do not rest when a server is silent, so this is always true.
    func carryOut(_ message: QueueMessage) async -> Bool {
        do {
            guard let started = try await start(message) else { return true }
            do {
                try await fetch(started, message)
                log(.ended(importId: started.id, state: .done, reason: ""))
            } catch let failure as ImportFailure {
                try await note(failure, started, message)
            } catch is ImportLost {
                _ = try await catalog.write { try $0.delete(message) }
            } catch is ImportRests {
                try await rest(started.id, message)
            } catch {
                // An origin that stops leaves the message, which comes back by itself.
                if Task.isCancelled { return true }
                log(.failed(importId: started.id, reason: "\(error)"))
                try await note(
                    (error as? OutboundFailure).map { ImportFailure.noAnswer("\($0)") } ?? .ours, started, message)
            }
        } catch {
            log(.catalogFailed(reason: "\(error)"))
        }
        return true
    }

    /// Nil when there is nothing to be fetched, any more or for now.
    private func start(_ message: QueueMessage) async throws -> VideoImport? {
        let now = now()
        let id = (try? JSONValue.parse(Array(message.body.utf8)))?["import"]?.string ?? ""
        return try await catalog.write { transaction in
            guard var found = try transaction.videoImport(id: id), !found.state.isOver else {
                _ = try transaction.delete(message)
                return nil
            }
            guard try transaction.videoOutsideTrash(id: found.videoId) != nil else {
                try transaction.rest(found, message, now: now)
                return nil
            }
            found.state = .running
            found.attempts += 1
            found.updatedAt = now
            try transaction.save(found)
            return found
        }
    }

    private func rest(_ id: String, _ message: QueueMessage) async throws {
        let now = now()
        try await catalog.write { transaction in
            guard let found = try transaction.videoImport(id: id), !found.state.isOver else {
                _ = try transaction.delete(message)
                return
            }
            try transaction.rest(found, message, now: now)
        }
    }

    private func fetch(_ started: VideoImport, _ message: QueueMessage) async throws {
        let transfer = ImportTransfer(client, catalog, blobs, options: options, now: now)
        let described = StoredObject(
            bucket: place.bucket, key: "\(started.videoId)/original", blob: "", size: 0, etag: "",
            contentType: "application/octet-stream", createdAt: now())
        try await OutboundClient.within(options.totalTimeout) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await transfer.run(started, as: described) }
                group.addTask { try await self.keepAlive(message, started.id, transfer) }
                defer { group.cancelAll() }
                _ = try await group.next()
            }
        }
        try await publish(started, message)
    }

    /// Holds the message and tells how far the transfer is, every three seconds, until the import is over or somebody else's, its
    /// video is in the trash, or there is no room for so large a file.
    private func keepAlive(_ message: QueueMessage, _ id: String, _ transfer: ImportTransfer) async throws -> Never {
        while true {
            try await Task.sleep(for: .seconds(3))
            let (now, state, visibility) = (now(), transfer.state, options.queuePolicy.visibilityMilliseconds)
            try await catalog.write { transaction in
                guard var found = try transaction.videoImport(id: id), found.state == .running,
                    try transaction.hide(message, until: now + visibility, reason: nil)
                else { throw ImportLost() }
                _ = try self.video(of: found, having: max(state.received, state.total ?? 0), in: transaction)
                (found.received, found.total) = (state.received, state.total)
                found.updatedAt = now
                try transaction.save(found)
            }
        }
    }

    /// The video of an import whose file has so many bytes at least, if it is to have that file now.
    private func video(
        of found: VideoImport, having size: Int64, in reader: any CatalogReader
    ) throws -> Video {
        guard let video = try reader.video(id: found.videoId) else { throw ImportLost() }
        guard video.deletedAt == nil else { throw ImportRests() }
        if let failure = try objection(video, size, reader) { throw ImportFailure.noRoom(failure.reason) }
        return video
    }

    /// The object, its event, the end of the import and of its message are one transaction.
    private func publish(_ started: VideoImport, _ message: QueueMessage) async throws {
        let (now, region) = (now(), place.region)
        try await catalog.write { transaction in
            guard try transaction.delete(message), var found = try transaction.videoImport(id: started.id),
                found.state == .running
            else { throw ImportLost() }
            guard let upload = try transaction.upload(id: found.id) else { throw ImportFailure.expired }
            let object = try transaction.complete(upload, now: now)
            var video = try self.video(of: found, having: object.size, in: transaction)
            found.state = .done
            (found.received, found.total) = (object.size, object.size)
            found.failure = nil
            found.updatedAt = now
            try transaction.save(found)
            (video.contentType, video.declaredSize) = (object.contentType, object.size)
            try transaction.save(video)
            try transaction.append(ObjectEvent(.put, of: object, requestId: found.id, region: region))
        }
        place.uploadStored()
    }

    private func note(_ failure: ImportFailure, _ started: VideoImport, _ message: QueueMessage) async throws {
        let (now, queue, most) = (now(), queue, options.attempts)
        let ended = try await catalog.write { transaction -> VideoImport? in
            guard var found = try transaction.videoImport(id: started.id), found.state == .running else {
                _ = try transaction.delete(message)
                return nil
            }
            let received = try transaction.uploadedBytes(of: found.id)
            if received > started.received { found.attempts = 0 }
            found.received = received
            found.failure = failure.failure
            found.updatedAt = now
            var isOver = !failure.mayRetry || found.attempts >= most
            if !isOver {
                switch try queue.fail(message, because: failure.failure.detail, in: transaction) {
                case .willRetry: found.state = .queued
                case .dead: isOver = true
                case .lost: return nil
                }
            } else {
                guard try transaction.delete(message) else { return nil }
            }
            if isOver {
                found.state = .failed
                _ = try transaction.deleteUpload(id: found.id)
                let reason = VideoFailure(reason: failure.failure.detail, detail: failure.failure.code)
                try transaction.fail(videoId: found.videoId, reason, now: now)
            }
            try transaction.save(found)
            return found
        }
        if let ended { log(.ended(importId: ended.id, state: ended.state, reason: failure.failure.detail)) }
    }
}
