internal import Bytes
internal import Crypto
public import HTTPServer
internal import HTTPWire

/// One page or asset with its validator.
public struct WebDocument: Sendable {
    /// The type of a page.
    public static let page = "text/html; charset=utf-8"
    /// The type of a script.
    public static let script = "text/javascript; charset=utf-8"
    /// The type of a style sheet.
    public static let stylesheet = "text/css; charset=utf-8"
    /// How long a document is kept that changes: it is asked for again each time.
    public static let revalidated = "no-cache"
    /// How long one is kept whose name changes with its content.
    public static let immutable = "public, max-age=31536000, immutable"
    /// The product's mark.
    public static let icon = PackageResources.weir_svg

    private let content: [UInt8]
    private let type: String
    private let entityTag: String

    /// A document of that content and media type.
    public init(_ content: [UInt8], type: String) {
        self.content = content
        self.type = type
        entityTag = "\"\(Hex.encode(Digest.sha256(content).prefix(16)))\""
    }

    /// Sends the document, or that what the client has is still good.
    public func answer(_ request: Request, cacheControl: String) -> Response {
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
