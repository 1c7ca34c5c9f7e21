internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import XML

/// What a form wants to be answered once its file is stored.
struct PostAnswer {
    private let redirect: String?
    private let status: HTTPStatus

    /// Reads `success_action_redirect`, `redirect` and `success_action_status`; what is none of S3's is 204.
    init(_ fields: [String: String]) {
        redirect = (fields["success_action_redirect"] ?? fields["redirect"]).flatMap { PostAnswer.address($0) }
        status =
            switch fields["success_action_status"] {
            case "200": 200
            case "201": 201
            default: 204
            }
    }

    /// The answer; `location` is the object's own address.
    func response(_ object: StoredObject, location: String) -> Response {
        let etag = "\"\(object.etag)\""
        var response = Response(status: status)
        if let redirect {
            response.status = 303
            let facts = Query(items: [
                Query.Item(name: "bucket", value: object.bucket), Query.Item(name: "key", value: object.key),
                Query.Item(name: "etag", value: etag),
            ])
            response.headers.set("Location", "\(redirect)\(redirect.contains("?") ? "&" : "?")\(facts.encoded)")
        } else {
            if status == 201 { response = created(object, etag, location) }
            response.headers.set("Location", location)
        }
        response.headers.set("ETag", etag)
        return response
    }

    private func created(_ object: StoredObject, _ etag: String, _ location: String) -> Response {
        var document = XMLDocument()
        document.element("PostResponse") { document in
            document.element("Location", location)
            document.element("Bucket", object.bucket)
            document.element("Key", object.key)
            document.element("ETag", etag)
        }
        var response = Response(document)
        response.status = 201
        return response
    }

    /// An address that a browser may be sent to; anything else is as if it were not there, as S3 has it.
    private static func address(_ text: String) -> String? {
        let lower = ASCII.lowercased(text)
        guard lower.hasPrefix("https://") || lower.hasPrefix("http://"), !text.contains("#"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return nil }
        return text
    }
}
