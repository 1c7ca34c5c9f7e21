internal import HTTPServer
internal import HTTPWire
internal import XML

extension S3Gateway {
    /// S3's limit for the bodies of DeleteObjects; other documents are far smaller.
    private static let maximumDocumentBytes: Int64 = 2 << 20

    /// The document that a request brings, held against its signature, length and checksums.
    func readDocument(_ request: Request, _ payload: SignedPayload) async throws -> XMLElement {
        var body = try IncomingBody(request, payload: payload, maximumBytes: S3Gateway.maximumDocumentBytes)
        let bytes = try await body.collect()
        do throws(XMLError) {
            return try XMLElement.parse(bytes)
        } catch {
            throw S3Error.malformedXML("\(error)")
        }
    }

    /// The same for calls that change so much by so little that S3 wants the bytes proven.
    func readCheckedDocument(_ request: Request, _ payload: SignedPayload) async throws -> XMLElement {
        var isChecked = request.headers.contains("content-md5") || request.headers.contains("x-amz-trailer")
        for field in request.headers where try ChecksumAlgorithm.named(field.name) != nil { isChecked = true }
        guard isChecked else {
            throw S3Error.invalidRequest(
                "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
        }
        return try await readDocument(request, payload)
    }
}

extension Response {
    /// An answer that is a document.
    init(_ document: XMLDocument) {
        self.init(status: .ok, contentType: "application/xml", bytes: document.bytes)
    }
}

extension XMLDocument {
    /// The one owner of everything.
    mutating func owner() {
        element("Owner") { $0.ownerNames() }
    }

    private mutating func ownerNames() {
        element("ID", "weir")
        element("DisplayName", "weir")
    }

    /// The access control list of everything here: rights follow from keys, and no list changes them.
    mutating func fullControlOfOwner() {
        element("AccessControlPolicy", namespace: S3Gateway.namespace) { document in
            document.owner()
            document.element("AccessControlList") { document in
                document.element("Grant") { document in
                    document.element(
                        "Grantee",
                        attributes: [
                            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "xsi:type": "CanonicalUser",
                        ]
                    ) { $0.ownerNames() }
                    document.element("Permission", "FULL_CONTROL")
                }
            }
        }
    }

    /// An element without content, in S3's namespace.
    mutating func emptyElement(_ name: String) {
        element(name, namespace: S3Gateway.namespace) { _ in }
    }
}
