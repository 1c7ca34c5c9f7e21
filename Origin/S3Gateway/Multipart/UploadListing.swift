internal import Bytes
internal import Catalog
internal import HTTPWire
internal import XML

/// One page of `ListParts`.
struct PartPage {
    let upload: MultipartUpload
    /// One more than `limit` when there is a next page.
    let parts: [UploadPart]
    let after: Int
    let limit: Int

    var document: XMLDocument {
        let (page, isTruncated) = (parts.prefix(limit), parts.count > limit)
        var document = XMLDocument()
        document.element("ListPartsResult", namespace: S3Gateway.namespace) { document in
            document.element("Bucket", upload.object.bucket)
            document.element("Key", upload.object.key)
            document.element("UploadId", upload.id)
            document.parties()
            document.element("PartNumberMarker", "\(after)")
            document.element("NextPartNumberMarker", "\(page.last?.number ?? 0)")
            document.element("MaxParts", "\(limit)")
            document.element("IsTruncated", "\(isTruncated)")
            if let checksum = upload.checksum {
                document.element("ChecksumAlgorithm", checksum.algorithm.uppercased())
                document.element("ChecksumType", checksum.type.rawValue)
            }
            for part in page {
                document.element("Part") { document in
                    document.element("PartNumber", "\(part.number)")
                    document.element("LastModified", ISO8601.extended(milliseconds: part.createdAt))
                    document.element("ETag", "\"\(part.etag)\"")
                    document.element("Size", "\(part.size)")
                    for algorithm in ChecksumAlgorithm.allCases {
                        if let value = part.checksums[algorithm.rawValue] { document.element(algorithm.element, value) }
                    }
                }
            }
        }
        return document
    }
}

/// The parameters of `ListMultipartUploads`.
struct UploadPageRequest: Sendable {
    let prefix: String
    /// The key and the id to go on after.
    let after: (key: String, id: String)
    let limit: Int
    private let keyMarker: String
    private let idMarker: String
    private let encodesURLs: Bool

    init(_ query: Query) throws(S3Error) {
        guard (query.first("delimiter") ?? "").isEmpty else {
            throw .notImplemented("A delimiter in the list of uploads")
        }
        prefix = query.first("prefix") ?? ""
        keyMarker = query.first("key-marker") ?? ""
        idMarker = query.first("upload-id-marker") ?? ""
        // Without an id, all uploads to the key of the marker are passed over; no id sorts after this.
        after = (keyMarker, keyMarker.isEmpty ? "" : idMarker.isEmpty ? "\u{10FFFF}" : idMarker)
        limit = try query.pageLimit("max-uploads")
        encodesURLs = query.first("encoding-type") == "url"
    }

    /// `uploads` has one more than the limit when there is a next page.
    func document(of uploads: [MultipartUpload], in bucket: String) -> XMLDocument {
        func text(_ value: String) -> String {
            encodesURLs ? PercentEncoding.encode(value, allowed: .path) : value
        }
        let (page, isTruncated) = (uploads.prefix(limit), uploads.count > limit)
        var document = XMLDocument()
        document.element("ListMultipartUploadsResult", namespace: S3Gateway.namespace) { document in
            document.element("Bucket", bucket)
            document.element("KeyMarker", text(keyMarker))
            document.element("UploadIdMarker", idMarker)
            if isTruncated, let last = page.last {
                document.element("NextKeyMarker", text(last.object.key))
                document.element("NextUploadIdMarker", last.id)
            }
            document.element("Prefix", text(prefix))
            if encodesURLs { document.element("EncodingType", "url") }
            document.element("MaxUploads", "\(limit)")
            document.element("IsTruncated", "\(isTruncated)")
            for upload in page {
                document.element("Upload") { document in
                    document.element("Key", text(upload.object.key))
                    document.element("UploadId", upload.id)
                    document.parties()
                    document.element("Initiated", ISO8601.extended(milliseconds: upload.object.createdAt))
                }
            }
        }
        return document
    }
}

extension Query {
    /// A parameter that is a whole number of at most nine digits; nil when it is absent.
    func number(_ name: String) throws(S3Error) -> Int? {
        guard let text = first(name) else { return nil }
        guard let value = ASCII.parseDecimal(text), value < 1_000_000_000 else {
            throw .invalidArgument("\(name) must be an integer from 0 to 999999999")
        }
        return Int(value)
    }

    /// How long a page of a list may be: at most, and unless less is asked for, 1,000.
    func pageLimit(_ name: String) throws(S3Error) -> Int { min(try number(name) ?? 1_000, 1_000) }
}

extension XMLDocument {
    /// Who began an upload and whose the object will be; here there is one owner.
    fileprivate mutating func parties() {
        for name in ["Initiator", "Owner"] {
            element(name) { document in
                document.element("ID", "weir")
                document.element("DisplayName", "weir")
            }
        }
        element("StorageClass", "STANDARD")
    }
}
