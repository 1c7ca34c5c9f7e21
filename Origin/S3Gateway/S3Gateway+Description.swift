internal import Bytes
internal import Catalog
internal import HTTPWire

extension S3Gateway {
    private static let storedHeaders = ["cache-control", "content-disposition", "content-language", "expires"]
    private static let maximumMetadataBytes = 2_048

    /// The object as the head describes it, without what only the body tells.
    func describe(_ bucket: String, _ key: String, _ headers: Headers) throws(S3Error) -> StoredObject {
        var object = StoredObject(
            bucket: bucket, key: key, blob: "", size: 0, etag: "",
            contentType: headers.first("content-type") ?? "binary/octet-stream", createdAt: now())
        for name in S3Gateway.storedHeaders { object.headers[name] = headers.first(name) }
        object.headers["content-encoding"] = SignedPayload.storedContentEncoding(headers)
        var metadataBytes = 0
        for field in headers {
            let name = ASCII.lowercased(field.name)
            guard name.hasPrefix("x-amz-meta-") else { continue }
            let short = String(name.dropFirst("x-amz-meta-".count))
            metadataBytes += short.utf8.count + field.value.utf8.count
            object.metadata[short] = object.metadata[short].map { "\($0),\(field.value)" } ?? field.value
        }
        guard metadataBytes <= S3Gateway.maximumMetadataBytes else {
            throw S3Error(
                "MetadataTooLarge", 400, "Your metadata headers exceed \(S3Gateway.maximumMetadataBytes) bytes.")
        }
        return object
    }
}
