public import Catalog
internal import Crypto
public import EventLoop
internal import JSON
internal import Jobs
internal import Outbound
internal import Webhooks

/// The imports of all accounts, for those who want videos fetched.
public final class Imports: Sendable {
    /// Rung when there is something to fetch.
    public let bell = Doorbell()
    private let catalog: any CatalogStore
    private let options: ImportOptions
    private let now: @Sendable () -> Int64

    /// The imports in `catalog`; `now` gives epoch milliseconds and must not block.
    public init(catalog: any CatalogStore, options: ImportOptions, now: @escaping @Sendable () -> Int64) {
        self.catalog = catalog
        self.options = options
        self.now = now
    }

    /// Adds a video whose file is to be fetched from `url`; `objection` throws, in the transaction that adds it, where there is no
    /// room for one more.
    public func begin(
        _ video: Video, from url: String,
        objection: @escaping @Sendable (any CatalogReader) throws -> Void = { _ in }
    ) async throws -> VideoImport {
        do {
            _ = try options.rule.url(url)
        } catch {
            throw ImportRefusal(.refusedAddress, error.description)
        }
        let begun = VideoImport(
            id: SecureRandom.hex(12), videoId: video.id, ownerId: video.ownerId, url: url, createdAt: now())
        let most = options.openPerAccount
        try await catalog.write { transaction in
            guard try transaction.openImportCount(ownerId: video.ownerId) < most else {
                throw ImportRefusal(.tooMany, "\(most) imports are under way; wait for one of them.")
            }
            try objection(transaction)
            try transaction.insert(video)
            try transaction.insert(begun)
            try transaction.send(begun, now: begun.createdAt)
        }
        bell.ring()
        return begun
    }

    /// The import, if it is this account's; with nil for the account, anybody's.
    public func videoImport(id: String, of ownerId: String?) async throws -> VideoImport {
        try await catalog.read { try Self.videoImport(id, of: ownerId, in: $0) }
    }

    /// Ends an import that is not over, within seconds when bytes are being fetched; its video has failed then.
    public func cancel(id: String, of ownerId: String?) async throws -> VideoImport {
        let now = now()
        return try await catalog.write { transaction in
            var found = try Self.videoImport(id, of: ownerId, in: transaction)
            guard !found.state.isOver else {
                throw ImportRefusal(.over, "The import is over: \(found.state.rawValue).")
            }
            found.state = .cancelled
            found.updatedAt = now
            try transaction.save(found)
            _ = try transaction.deleteUpload(id: id)
            let reason = VideoFailure(reason: "The import was cancelled.", detail: "")
            try transaction.fail(videoId: found.videoId, reason, now: now)
            return found
        }
    }

    private static func videoImport(
        _ id: String, of ownerId: String?, in reader: any CatalogReader
    ) throws -> VideoImport {
        guard let found = try reader.videoImport(id: id), ownerId == nil || found.ownerId == ownerId else {
            throw ImportRefusal(.notFound, "There is no such import, or it is not yours.")
        }
        return found
    }
}

extension CatalogTransaction {
    /// Notes that no file will come for a video, unless one came otherwise meanwhile.
    func fail(videoId: String, _ failure: VideoFailure, now: Int64) throws {
        guard var video = try video(id: videoId), video.status == .awaitingUpload,
            video.apply(.failed(failure), now: now)
        else { return }
        try saveAndTell(video, now: now)
    }

    /// Has an import fetched.
    fileprivate func send(_ videoImport: VideoImport, now: Int64) throws {
        let body: JSONObject = ["import": .string(videoImport.id)]
        _ = try send(to: .imports, group: videoImport.ownerId, now: now) { _ in
            String(decoding: JSONValue.object(body).serialized(), as: UTF8.self)
        }
    }

    /// Lets an import rest while its video is in the trash: nobody is asked to fetch it until it is resumed.
    func rest(_ videoImport: VideoImport, _ message: QueueMessage, now: Int64) throws {
        guard try delete(message) else { return }
        var resting = videoImport
        resting.state = .queued
        resting.failure = .videoInTrash
        resting.updatedAt = now
        try save(resting)
    }

    /// Has the import of a video fetched that comes out of the trash, if it rests; ring `Imports.bell` after the transaction.
    public func resumeImport(ofVideo videoId: String, now: Int64) throws {
        guard var found = try videoImport(videoId: videoId), found.state == .queued, found.failure == .videoInTrash
        else { return }
        found.failure = nil
        found.updatedAt = now
        try save(found)
        try send(found, now: now)
    }
}

extension VideoImport.Failure {
    /// What an import that rests waits for.
    fileprivate static let videoInTrash = VideoImport.Failure(
        code: "video_in_trash", detail: "The video is in the trash; restore it, and its file is fetched.")
}
