internal import Archive
internal import Bytes
internal import Catalog
internal import EventLoop
internal import HTTPServer
internal import HTTPWire
internal import JSON

extension APIServices {
    /// `POST /videos/{videoId}/restore-source`: the uploaded file comes back from the archive, for `days` from then on.
    func restoreSource(_ request: Request, by caller: Caller) async throws -> Response {
        let video = try await editableVideo(request, by: caller)
        let limits = Int64(SourceRestores.days.lowerBound)...Int64(SourceRestores.days.upperBound)
        let days = try APIInput(request).integer("days", in: limits).map { Int($0) }
        let (bucket, restores, now) = (configuration.uploadBucket, restores, now())
        let (answer, json) = try await catalog.write { transaction in
            guard let object = try transaction.object(bucket: bucket, key: video.uploadKey) else {
                throw Problem(.conflict, "no_source", "The uploaded file of the video is not here, or not yet.")
            }
            let answer = try restores.ask(for: object.blob, days: days, now: now, in: transaction)
            return (answer, try transaction.sourceStorage(of: object))
        }
        restores.bell.ring()
        return APIServices.json(answer == .begun || answer == .underWay ? .accepted : .ok, json)
    }

    /// Adds where the uploaded file of a video is, which is of interest to those who may change it.
    func addSource(to answer: inout JSONObject, of video: Video) async throws {
        let bucket = configuration.uploadBucket
        let storage = try await catalog.read { reader in
            try reader.object(bucket: bucket, key: video.uploadKey).map { try reader.sourceStorage(of: $0) }
        }
        for member in storage?.members ?? [] { answer[member.key] = member.value }
    }
}

extension CatalogReader {
    /// Where an uploaded file is, as members of an answer.
    fileprivate func sourceStorage(of object: StoredObject) throws -> JSONObject {
        guard let source = try archivedSource(blob: object.blob) else { return ["sourceStorage": "hot"] }
        switch source.state {
        case .archiving: return ["sourceStorage": "hot"]
        case .clearing, .archived: return ["sourceStorage": "archived"]
        case .restoring: return ["sourceStorage": "restoring"]
        case .restored:
            return ["sourceStorage": "hot", "sourceUntil": .string(ISO8601.extended(milliseconds: source.dueAt))]
        }
    }
}
