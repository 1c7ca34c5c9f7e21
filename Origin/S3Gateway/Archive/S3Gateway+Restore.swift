internal import Archive
internal import Catalog
internal import EventLoop
internal import HTTPServer
internal import HTTPWire

extension S3Gateway {
    /// POST of `?restore`: an object of the archive comes back for some days.
    func answerRestore(
        _ place: S3Place, _ request: Request, _ payload: SignedPayload, _ access: S3Access
    ) async throws -> Response {
        guard request.method == .post else { throw S3Error.notImplemented("\(request.method) of 'restore'") }
        let asked = try RestoreRequest(await readDocument(request, payload))
        let (restores, now, holder) = (restores, now(), access.holder)
        let answer = try await catalog.write { transaction in
            guard let object = try transaction.object(bucket: place.bucket, key: place.key) else {
                throw S3Error.noSuchKey
            }
            return try restores.ask(for: object.blob, days: asked.days, by: holder, now: now, in: transaction)
        }
        switch answer {
        case .begun:
            restores.bell.ring()
            return Response(status: .accepted)
        case .there: return Response(status: .ok)
        case .underWay: throw S3Error.restoreAlreadyInProgress
        case .notArchived: throw S3Error.restoreNotAllowed
        }
    }
}

extension ArchivedSource {
    /// What S3 calls the class of storage of what is in the archive.
    static let storageClass = "GLACIER"

    /// S3's class of storage; nil for the usual one, which no header field names.
    var storageClass: String? { state == .archiving ? nil : Self.storageClass }

    /// Tells where the object stands as S3 does.
    func describe(in headers: inout Headers) {
        guard let storageClass else { return }
        headers.set("x-amz-storage-class", storageClass)
        switch state {
        case .restoring: headers.set("x-amz-restore", "ongoing-request=\"true\"")
        case .restored:
            let end = HTTPDate.format(dueAt / 1_000)
            headers.set("x-amz-restore", "ongoing-request=\"false\", expiry-date=\"\(end)\"")
        case .archiving, .clearing, .archived: break
        }
    }
}

extension CatalogReader {
    /// Refuses to give the bytes of an object that only the archive has.
    func checkIsReadable(_ object: StoredObject) throws {
        if try archivedSource(blob: object.blob)?.isReadable == false { throw S3Error.invalidObjectState }
    }
}

extension S3Error {
    static let invalidObjectState = S3Error(
        "InvalidObjectState", 403,
        "The object is in the archive. Ask for it with RestoreObject (POST ?restore), and again when it is there.",
        storageClass: ArchivedSource.storageClass)
    static let restoreNotAllowed = S3Error(
        "InvalidObjectState", 403, "Restore is not allowed for the object's current storage class")
    static let restoreAlreadyInProgress = S3Error(
        "RestoreAlreadyInProgress", 409, "Object restore is already in progress")
}
