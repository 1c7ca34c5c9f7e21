internal import Bytes
internal import Crypto
internal import HTTPServer
internal import HTTPWire

/// One page or asset with its validator.
struct WebDocument: Sendable {
    static let page = "text/html; charset=utf-8"
    static let script = "text/javascript; charset=utf-8"
    static let revalidated = "no-cache"

    private let content: [UInt8]
    private let type: String
    private let entityTag: String

    init(_ content: [UInt8], type: String) {
        self.content = content
        self.type = type
        entityTag = "\"\(Hex.encode(Digest.sha256(content).prefix(16)))\""
    }

    func answer(_ request: Request, cacheControl: String) -> Response {
        var headers = Headers()
        headers.add("ETag", entityTag)
        headers.add("Cache-Control", cacheControl)
        let known = request.headers.joined("if-none-match")
        if let known, EntityTag(fieldValue: entityTag)?.isListed(in: known, strongly: false) ?? false {
            return Response(status: .notModified, headers: headers)
        }
        headers.add("Content-Type", type)
        headers.add("X-Content-Type-Options", "nosniff")
        if type == Self.page {
            headers.add(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self' blob:; "
                    + "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
            headers.add("Referrer-Policy", "same-origin")
        }
        return Response(status: .ok, headers: headers, body: .bytes(content))
    }
}
