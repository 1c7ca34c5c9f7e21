internal import HTTPServer
internal import HTTPWire
internal import TusWire

/// What tus 1.0 asks of every request and answer below `/api/v1/tus`.
enum TusProtocol {
    /// The only version.
    static let version = "1.0.0"
    /// What stands before an upload's id in its URL.
    static let folder = "/api/v1/tus/"
    static let extensions = [
        "creation", "creation-with-upload", "creation-defer-length", "checksum", "termination", "expiration",
        "concatenation",
    ]
    /// The type of bytes that are sent.
    static let mediaType = "application/offset+octet-stream"

    /// Whether a request is tus's.
    static func covers(_ request: Request) -> Bool {
        request.path == folder.dropLast() || request.path.hasPrefix(folder)
    }

    /// The request with the method it means: some networks let no other than POST through.
    static func meant(_ request: Request) -> Request {
        guard request.method == .post, let name = request.headers.first("x-http-method-override") else {
            return request
        }
        let method = HTTPMethod(name)
        guard [.patch, .delete, .head].contains(method) else { return request }
        var request = request
        request.method = method
        return request
    }

    /// Refuses a request of another version, or of none.
    static func check(_ request: Request) throws(Problem) {
        guard request.headers.first("tus-resumable") == version else { throw .tusVersion }
    }

    /// Says the version in an answer.
    static func mark(_ response: inout Response) {
        response.headers.set("Tus-Resumable", version)
        if response.status == .preconditionFailed { response.headers.set("Tus-Version", version) }
    }
}
