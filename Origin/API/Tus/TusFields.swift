internal import Bytes
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import Tus
internal import TusWire

/// The fields of a request by tus, read one by one; a wrong one is refused by its name.
struct TusFields {
    private let request: Request

    init(_ request: Request) { self.request = request }

    /// Whether the request brings bytes of the upload.
    func bringsBytes() throws(Problem) -> Bool {
        let type = (request.headers.first("content-type") ?? "").split(separator: ";").first.map { ASCII.trimmed($0) }
        if let type, ASCII.equalsIgnoringCase(type, TusProtocol.mediaType) { return true }
        guard (request.body.length ?? 0) == 0 else { throw .notTusBytes }
        return false
    }

    /// `Upload-Length`: how many bytes there will be; nil without one.
    func length() throws(Problem) -> Int64? {
        guard let length = try number("Upload-Length") else { return nil }
        guard length > 0 else { throw .invalidField("Upload-Length", "must be at least 1.") }
        return length
    }

    /// The same for a request that must say it, or with `Upload-Defer-Length` that it cannot yet.
    func lengthOrLater() throws(Problem) -> Int64? {
        let (length, later) = (try length(), request.headers.first("upload-defer-length"))
        guard later == nil || later == "1" else { throw .invalidField("Upload-Defer-Length", "must be 1.") }
        guard (length == nil) == (later != nil) else {
            throw .invalidField("Upload-Length", "is required, or Upload-Defer-Length: 1 instead.")
        }
        return length
    }

    /// Whether a length was said, or promised.
    var saysLength: Bool {
        request.headers.contains("upload-length") || request.headers.contains("upload-defer-length")
    }

    func metadata() throws(Problem) -> (text: String, UploadMetadata) {
        let text = request.headers.first("upload-metadata") ?? ""
        return (text, try read("Upload-Metadata") { () throws(TusSyntaxError) in try UploadMetadata(text) })
    }

    func concatenation() throws(Problem) -> UploadConcatenation? {
        guard let text = request.headers.first("upload-concat") else { return nil }
        return try read("Upload-Concat") { () throws(TusSyntaxError) in
            try UploadConcatenation(text, in: TusProtocol.folder)
        }
    }

    /// What the bytes are; `offset` is where they belong when the request need not say so.
    func delivery(at offset: Int64? = nil) throws(Problem) -> TusDelivery {
        let said = try number("Upload-Offset")
        guard let offset = offset ?? said else {
            throw .invalidField("Upload-Offset", "is required.")
        }
        var delivery = TusDelivery(offset: offset, count: request.body.length.map { Int64($0) })
        if let text = request.headers.first("upload-checksum") {
            delivery.checksum = try read("Upload-Checksum") { () throws(TusSyntaxError) in try UploadChecksum(text) }
        }
        return delivery
    }

    private func number(_ name: String) throws(Problem) -> Int64? {
        guard let text = request.headers.first(name) else { return nil }
        guard let value = ASCII.parseDecimal(text), let number = Int64(exactly: value) else {
            throw .invalidField(name, "must be a whole number.")
        }
        return number
    }

    private func read<Value>(_ name: String, _ body: () throws(TusSyntaxError) -> Value) throws(Problem) -> Value {
        do {
            return try body()
        } catch {
            throw .invalidField(name, error.message)
        }
    }
}

extension UploadMetadata {
    /// What is said of the video, as the body of `POST /uploads` would say it. Other names mean nothing here.
    func input() throws(Problem) -> APIInput {
        do {
            var object = JSONObject()
            object["fileName"] = try text("filename", "name").map { .string($0) }
            object["contentType"] = try text("filetype", "type").map { .string($0) }
            for name in ["title", "description", "visibility"] { object[name] = try text(name).map { .string($0) } }
            if let options = self["transcode"] {
                guard let value = try? JSONValue.parse(options) else {
                    throw Problem.invalidField("Upload-Metadata", "has a transcode that is no JSON.")
                }
                object["transcode"] = value
            }
            return APIInput(object)
        } catch let error as TusSyntaxError {
            throw .invalidField("Upload-Metadata", error.message)
        } catch let problem as Problem {
            throw problem
        } catch {
            throw .internalError
        }
    }
}
