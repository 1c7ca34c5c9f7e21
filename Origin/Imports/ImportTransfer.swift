internal import Bytes
internal import Catalog
internal import Crypto
internal import HTTPClient
internal import HTTPWire
internal import ObjectStore
internal import Objects
internal import Outbound
internal import Synchronization

/// One attempt at a file: fetches what is missing of it into parts, in constant memory, and makes the object of them.
///
/// Parts are durable and in the catalog, so the next attempt goes on behind them, in this process or another.
final class ImportTransfer: Sendable {
    /// Bytes of a part; a crash loses those of the last one.
    private static let partBytes: Int64 = 64 << 20
    private static let pieceBytes = 256 * 1024

    private let client: OutboundClient
    private let catalog: any CatalogStore
    private let blobs: any BlobStore
    private let options: ImportOptions
    private let progress = Mutex((received: Int64(0), total: Int64?.none))

    init(_ client: OutboundClient, _ catalog: any CatalogStore, _ blobs: any BlobStore, options: ImportOptions) {
        self.client = client
        self.catalog = catalog
        self.blobs = blobs
        self.options = options
    }

    /// How far it is: bytes, and how many there are if that is known.
    var state: (received: Int64, total: Int64?) { progress.withLock { $0 } }

    /// The file as an object that nobody sees; `described` says where it will be. Throws `ImportFailure`, and `ImportLost` when the
    /// import is not to go on.
    func run(_ started: VideoImport, as described: StoredObject) async throws -> StoredObject {
        let url: HTTPURL
        do { url = try options.rule.url(started.url) } catch { throw ImportFailure.refused("The address \(error).") }
        let parts = try await catalog.read { try $0.importParts(of: started.id) }
        let received = parts.reduce(0) { $0 + $1.size }
        var file = started
        let isWhole = received > 0 && received == started.total
        if !isWhole {
            let answer = try await ask(url, goingOnWith: started, at: received)
            let start = try await begin(answer, &file, at: received)
            try await append(answer.body, to: file, at: start)
        }
        return try await assemble(file, as: described)
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
    private func begin(_ answer: ClientResponse, _ file: inout VideoImport, at received: Int64) async throws -> Int64 {
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
        file.contentType = said.contentType
        let begun = file
        try await catalog.write { transaction in
            guard var current = try transaction.videoImport(id: begun.id), current.state == .running else {
                throw ImportLost()
            }
            try transaction.deleteImportParts(of: begun.id)
            (current.total, current.validator, current.contentType) = (begun.total, begun.validator, begun.contentType)
            current.received = 0
            try transaction.save(current)
        }
        progress.withLock { $0 = (0, said.size) }
        return 0
    }

    private func append(_ body: ClientResponseBody, to file: VideoImport, at start: Int64) async throws {
        var place = start
        var part = PartInProgress(
            start: place, blob: try await blobs.create(expectedSize: file.total.map { $0 - start }))
        do {
            for try await piece in body {
                try Task.checkCancellation()
                place += Int64(piece.count)
                guard place <= min(options.maximumBytes, file.total ?? .max) else {
                    throw ImportFailure.tooLarge(options.maximumBytes)
                }
                try await part.blob.append(piece)
                part.size += Int64(piece.count)
                progress.withLock { [place] in $0.received = place }
                if part.size >= Self.partBytes {
                    try await keep(part, of: file)
                    part = PartInProgress(start: place, blob: try await blobs.create(expectedSize: nil))
                }
            }
        } catch let error as ClientError {
            // What has come is kept for the next attempt, if there can be one that goes on with it.
            if file.validator != nil { try await keep(part, of: file) } else { await part.blob.discard() }
            throw ImportFailure.noAnswer("The server broke off after \(place) bytes: \(OutboundFailure(error)).")
        } catch {
            await part.blob.discard()
            throw error
        }
        try await keep(part, of: file)
        if let total = file.total, place < total { throw ImportFailure.brokenOff(place) }
    }

    private struct PartInProgress {
        let start: Int64
        let blob: any BlobWriter
        var size: Int64 = 0
    }

    private func keep(_ part: PartInProgress, of file: VideoImport) async throws {
        guard part.size > 0 else { return await part.blob.discard() }
        try await part.blob.commit()
        let kept = ImportPart(start: part.start, blob: part.blob.name, size: part.size)
        do {
            try await catalog.write { transaction in
                guard try transaction.videoImport(id: file.id)?.state == .running else { throw ImportLost() }
                try transaction.insert(kept, of: file.id)
            }
        } catch {
            // If this fails as well, the orphan sweep finds it.
            try? await blobs.delete(kept.blob)
            throw error
        }
    }

    private func assemble(_ file: VideoImport, as described: StoredObject) async throws -> StoredObject {
        let parts = try await catalog.read { try $0.importParts(of: file.id) }
        let size = parts.reduce(0) { $0 + $1.size }
        guard size > 0 else { throw ImportFailure.empty }
        var object = described
        object.contentType = file.contentType ?? "application/octet-stream"
        let draft = try await ObjectDraft(object, expectedSize: size, in: blobs)
        let digest = StreamingDigest(.md5)
        do {
            for part in parts {
                let blob = try await blobs.open(part.blob)
                var place: Int64 = 0
                while place < part.size {
                    try Task.checkCancellation()
                    let bytes = try await blob.read(at: place, count: Self.pieceBytes)
                    guard !bytes.isEmpty else { throw BlobStoreError(.inputOutput, "a part is shorter than its row") }
                    digest.update(bytes)
                    try await draft.append(bytes)
                    place += Int64(bytes.count)
                }
            }
            return try await draft.finish(size: size, etag: Hex.encode(digest.finish()))
        } catch {
            await draft.discard()
            throw error
        }
    }
}

/// The import is over, or somebody else's by now.
struct ImportLost: Error {}

/// The video is in the trash: the import goes on when it is restored.
struct ImportRests: Error {}
