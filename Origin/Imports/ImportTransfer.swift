internal import Catalog
internal import HTTPClient
internal import HTTPWire
internal import ObjectStore
internal import Objects
internal import Outbound
internal import Synchronization

/// One attempt at a file: fetches what is missing of it into the parts of an upload, in constant memory.
///
/// Parts are durable and in the catalog, so the next attempt goes on behind them, in this process or another.
final class ImportTransfer: Sendable {
    private let client: OutboundClient
    private let catalog: any CatalogStore
    private let blobs: any BlobStore
    private let options: ImportOptions
    private let now: @Sendable () -> Int64
    private let progress = Mutex((received: Int64(0), total: Int64?.none))

    init(
        _ client: OutboundClient, _ catalog: any CatalogStore, _ blobs: any BlobStore, options: ImportOptions,
        now: @escaping @Sendable () -> Int64
    ) {
        self.client = client
        self.catalog = catalog
        self.blobs = blobs
        self.options = options
        self.now = now
    }

    /// How far it is: bytes, and how many there are if that is known.
    var state: (received: Int64, total: Int64?) { progress.withLock { $0 } }

    /// Fetches until the upload with the import's id has all bytes; `described` says what it will be, but for its type. Throws
    /// `ImportFailure`, and `ImportLost` when the import is not to go on.
    func run(_ started: VideoImport, as described: StoredObject) async throws {
        let url: HTTPURL
        do { url = try options.rule.url(started.url) } catch { throw ImportFailure.refused("The address \(error).") }
        let received = try await catalog.read { try $0.uploadedBytes(of: started.id) }
        guard received == 0 || received != started.total else { return }
        var file = started
        let answer = try await ask(url, goingOnWith: started, at: received)
        let start = try await begin(answer, &file, as: described, at: received)
        try await append(answer.body, to: file, behind: start)
    }

    private func ask(_ url: HTTPURL, goingOnWith file: VideoImport, at received: Int64) async throws -> ClientResponse {
        var headers = Headers()
        headers.set("Accept", "video/*, */*;q=0.5")
        headers.set("Accept-Encoding", "identity")
        if received > 0, let validator = file.validator {
            headers.set("Range", "bytes=\(received)-")
            headers.set("If-Range", validator)
        }
        do {
            return try await client.follow(
                url, headers: headers, responseTimeout: options.stallTimeout, idleTimeout: options.stallTimeout
            ).response
        } catch {
            throw error.kind == .refused ? ImportFailure.refused("\(error)") : .noAnswer("\(error)")
        }
    }

    /// Where the answer's bytes belong: behind those that are there, or at the beginning of a file that is another one by now.
    private func begin(
        _ answer: ClientResponse, _ file: inout VideoImport, as described: StoredObject, at received: Int64
    ) async throws -> Int64 {
        let said = RemoteFile(answer.headers)
        if answer.status.code == 206, received > 0, said.goesOn(at: received, of: file.total) {
            progress.withLock { [total = file.total] in $0 = (received, total) }
            return received
        }
        guard answer.status.code == 200 else { throw ImportFailure.answered(answer.status.code) }
        guard !said.isText else { throw ImportFailure.noVideo(said.contentType) }
        if let size = said.size, size > options.maximumBytes { throw ImportFailure.tooLarge(options.maximumBytes) }
        file.total = said.size
        file.validator = said.validator
        var object = described
        object.contentType = said.contentType
        let (begun, upload) = (file, MultipartUpload(id: file.id, object: object))
        try await catalog.write { transaction in
            guard var current = try transaction.videoImport(id: begun.id), current.state == .running else {
                throw ImportLost()
            }
            _ = try transaction.deleteUpload(id: upload.id)
            try transaction.insert(upload)
            (current.total, current.validator) = (begun.total, begun.validator)
            current.received = 0
            try transaction.save(current)
        }
        progress.withLock { $0 = (0, said.size) }
        return 0
    }

    private func append(_ body: ClientResponseBody, to file: VideoImport, behind received: Int64) async throws {
        let (catalog, id) = (catalog, file.id)
        let last = try await catalog.read { try $0.lastUploadParts(of: id, limit: 1) }.first
        let parts = PartWriter(from: (last?.number ?? 0) + 1, in: blobs, now: now) { part in
            try await catalog.write { transaction in
                guard try transaction.videoImport(id: id)?.state == .running else { throw ImportLost() }
                guard try transaction.upload(id: id) != nil else { throw ImportFailure.expired }
                try transaction.append(part, to: id)
            }
        }
        var place = received
        do {
            for try await piece in body {
                try Task.checkCancellation()
                let expected = file.total.map { [place] in $0 - place }
                place += Int64(piece.count)
                guard place <= min(options.maximumBytes, file.total ?? .max) else {
                    throw ImportFailure.tooLarge(options.maximumBytes)
                }
                try await parts.append(piece, expecting: expected)
                progress.withLock { [place] in $0.received = place }
            }
        } catch let error as ClientError {
            // What has come is kept for the next attempt, if there can be one that goes on with it.
            if file.validator != nil { try await parts.finish() } else { await parts.discard() }
            throw ImportFailure.noAnswer("The server broke off after \(place) bytes: \(OutboundFailure(error)).")
        } catch {
            await parts.discard()
            throw error
        }
        try await parts.finish()
        if let total = file.total, place < total { throw ImportFailure.brokenOff(place) }
        guard place > 0 else { throw ImportFailure.empty }
    }
}

/// The import is over, or somebody else's by now.
struct ImportLost: Error {}

/// The video is in the trash: the import goes on when it is restored.
struct ImportRests: Error {}
