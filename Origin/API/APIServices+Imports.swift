internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import Identity
internal import Imports
internal import JSON
internal import Jobs
internal import Library

extension APIServices {
    /// `POST /imports`: a new video, whose file is fetched from an address.
    func createImport(_ request: Request, by caller: Caller) async throws -> Response {
        let input = APIInput(request)
        let url = try input.requiredText("url", limit: 2_048)
        let video = try newVideo(
            input, fileName: Self.fileName(of: url), contentType: "application/octet-stream", size: 0, by: caller)
        let begun = try await imports.begin(video, from: url) { [quotas = configuration.quotas] reader in
            // How large the file is nobody knows yet; it is looked at again as it comes.
            try quotas.admit(bytes: 1, ownerId: video.ownerId, in: reader)
        }
        return APIServices.json(.accepted, begun.json)
    }

    /// `GET /imports/{importId}`
    func getImport(_ request: Request, by caller: Caller) async throws -> Response {
        let found = try await imports.videoImport(id: request[parameter: "importId"], of: caller.importOwner)
        return APIServices.json(.ok, found.json)
    }

    /// `DELETE /imports/{importId}`: fetches no more; the video has failed.
    func cancelImport(_ request: Request, by caller: Caller) async throws -> Response {
        let cancelled = try await imports.cancel(id: request[parameter: "importId"], of: caller.importOwner)
        changes.changed(cancelled.videoId)
        return Response(status: .noContent)
    }

    /// The last part of the path, as its server names the file; what is no name is `import`.
    private static func fileName(of url: String) -> String {
        let path = url.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").dropFirst(2)
        let name = path.last.flatMap { PercentEncoding.decode($0) } ?? ""
        let clean = name.unicodeScalars.filter { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }.prefix(255)
        return clean.isEmpty ? "import" : String(String.UnicodeScalarView(clean))
    }
}

extension Caller {
    /// Whose imports the caller may see and cancel; nil for everybody's.
    fileprivate var importOwner: String? { role == .admin ? nil : id }
}

extension VideoImport {
    /// The import as its owner sees it.
    fileprivate var json: JSONObject {
        var object: JSONObject = [
            "importId": .string(id), "videoId": .string(videoId), "url": .string(url), "state": .string(state.rawValue),
            "receivedBytes": .integer(received), "createdAt": .string(ISO8601.extended(milliseconds: createdAt)),
            "updatedAt": .string(ISO8601.extended(milliseconds: updatedAt)),
        ]
        if let total { object["totalBytes"] = .integer(total) }
        if let failure {
            var said: JSONObject = ["code": .string(failure.code), "detail": .string(failure.detail)]
            if let status = failure.status { said["status"] = .integer(Int64(status)) }
            object["failure"] = .object(said)
        }
        return object
    }
}

extension ImportRefusal: Refusal {
    var status: HTTPStatus {
        switch code {
        case .refusedAddress: .unprocessableContent
        case .notFound: .notFound
        case .over: .conflict
        case .tooMany: .tooManyRequests
        }
    }

    var member: String? { code == .refusedAddress ? "url" : nil }
}
