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
    mutating func parties() {
        for name in ["Initiator", "Owner"] {
            element(name) { document in
                document.element("ID", "weir")
                document.element("DisplayName", "weir")
            }
        }
        element("StorageClass", "STANDARD")
    }
}
