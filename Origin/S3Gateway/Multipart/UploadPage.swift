internal import Bytes
internal import Catalog
internal import HTTPWire
internal import XML

/// The parameters of `ListMultipartUploads`.
struct UploadPageRequest: Sendable {
    let folding: KeyFolding
    let limit: Int
    let keyMarker: String
    let idMarker: String
    let encodesURLs: Bool

    init(_ query: Query) throws(S3Error) {
        folding = KeyFolding(prefix: query.first("prefix") ?? "", delimiter: query.first("delimiter") ?? "")
        keyMarker = query.first("key-marker") ?? ""
        idMarker = query.first("upload-id-marker") ?? ""
        limit = try query.pageLimit("max-uploads")
        encodesURLs = query.first("encoding-type") == "url"
    }

    /// The key and the id to go on after.
    var after: (key: String, id: String) {
        if keyMarker.isEmpty { return ("", "") }
        if folding.isCommonPrefix(keyMarker) { return (KeyFolding.end(of: keyMarker), "") }
        // Without an id, all uploads to the key of the marker are passed over: no id sorts after this.
        return (keyMarker, idMarker.isEmpty ? KeyFolding.end(of: "") : idMarker)
    }
}

/// One page of uploads under way, and what lies deeper than the delimiter folded into common prefixes.
struct UploadPage: Sendable {
    private static let batch = 256

    private let request: UploadPageRequest
    private var uploads: [MultipartUpload] = []
    private var prefixes: [String] = []
    /// What the next page begins after; nil for the last page.
    private var next: (key: String, id: String)?

    /// Skips over each common prefix in one step, as the list of objects does.
    init(_ bucket: String, _ request: UploadPageRequest, _ catalog: any CatalogReader) throws {
        self.request = request
        guard request.limit > 0 else { return }
        var after = request.after
        var listed = (key: "", id: "")
        while true {
            let batch = try catalog.uploads(
                bucket: bucket, prefix: request.folding.prefix, after: after, limit: Self.batch)
            guard !batch.isEmpty else { return }
            for upload in batch {
                let folded = request.folding.commonPrefix(of: upload.object.key)
                if let folded, let last = prefixes.last, folded.utf8.elementsEqual(last.utf8) { continue }
                guard uploads.count + prefixes.count < request.limit else {
                    next = listed
                    return
                }
                if let folded {
                    prefixes.append(folded)
                    listed = (folded, "")
                    after = (KeyFolding.end(of: folded), "")
                } else {
                    uploads.append(upload)
                    listed = (upload.object.key, upload.id)
                    after = listed
                }
            }
        }
    }

    func document(_ bucket: String) -> XMLDocument {
        func text(_ value: String) -> String {
            request.encodesURLs ? PercentEncoding.encode(value, allowed: .path) : value
        }
        var document = XMLDocument()
        document.element("ListMultipartUploadsResult", namespace: S3Gateway.namespace) { document in
            document.element("Bucket", bucket)
            document.element("KeyMarker", text(request.keyMarker))
            document.element("UploadIdMarker", request.idMarker)
            if let next {
                document.element("NextKeyMarker", text(next.key))
                document.element("NextUploadIdMarker", next.id)
            }
            document.element("Prefix", text(request.folding.prefix))
            if !request.folding.delimiter.isEmpty { document.element("Delimiter", text(request.folding.delimiter)) }
            if request.encodesURLs { document.element("EncodingType", "url") }
            document.element("MaxUploads", "\(request.limit)")
            document.element("IsTruncated", "\(next != nil)")
            for upload in uploads {
                document.element("Upload") { document in
                    document.element("Key", text(upload.object.key))
                    document.element("UploadId", upload.id)
                    document.parties()
                    document.element("Initiated", ISO8601.extended(milliseconds: upload.object.createdAt))
                }
            }
            for prefix in prefixes {
                document.element("CommonPrefixes") { $0.element("Prefix", text(prefix)) }
            }
        }
        return document
    }
}
