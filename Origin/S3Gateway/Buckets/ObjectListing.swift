internal import Bytes
internal import Catalog
internal import HTTPWire
internal import XML

/// One page of a list: objects, and what lies deeper than the delimiter folded into common prefixes.
struct ObjectListing: Sendable {
    private(set) var objects: [StoredObject] = []
    private(set) var prefixes: [String] = []
    private(set) var next: String?
    /// Keys of those that are in the archive.
    private var archived: Set<String> = []

    /// Skips over each common prefix in one step, so a folder of a million objects costs one look-up.
    init(_ bucket: String, _ request: ObjectListRequest, _ catalog: any CatalogReader) throws {
        guard request.limit > 0 else { return }
        let folding = request.folding
        var start = request.after.isEmpty ? folding.prefix : request.after + "\u{0}"
        if folding.isCommonPrefix(request.after) { start = KeyFolding.end(of: request.after) }
        var lastListed = ""
        while true {
            let batch = try catalog.objects(bucket: bucket, prefix: folding.prefix, from: start, limit: 256)
            guard !batch.isEmpty else { return }
            for object in batch where object.key.utf8.lexicographicallyPrecedes(start.utf8) == false {
                guard objects.count + prefixes.count < request.limit else {
                    next = lastListed
                    return
                }
                if let folded = folding.commonPrefix(of: object.key) {
                    prefixes.append(folded)
                    lastListed = folded
                    start = KeyFolding.end(of: folded)
                } else {
                    objects.append(object)
                    if try catalog.archivedSource(blob: object.blob)?.storageClass != nil {
                        archived.insert(object.key)
                    }
                    lastListed = object.key
                    start = object.key + "\u{0}"
                }
            }
        }
    }

    func document(_ bucket: String, _ request: ObjectListRequest) -> XMLDocument {
        func text(_ value: String) -> String {
            request.encodesURLs ? PercentEncoding.encode(value, allowed: .path) : value
        }
        var document = XMLDocument()
        document.element("ListBucketResult", namespace: S3Gateway.namespace) { document in
            document.element("Name", bucket)
            document.element("Prefix", text(request.folding.prefix))
            if !request.folding.delimiter.isEmpty { document.element("Delimiter", text(request.folding.delimiter)) }
            document.element("MaxKeys", "\(request.limit)")
            if request.encodesURLs { document.element("EncodingType", "url") }
            document.element("IsTruncated", next == nil ? "false" : "true")
            if request.isVersion2 {
                document.element("KeyCount", "\(objects.count + prefixes.count)")
                if let token = request.token { document.element("ContinuationToken", token) }
                if let start = request.startAfter { document.element("StartAfter", text(start)) }
                if let next {
                    document.element("NextContinuationToken", Base64.encode(Array(next.utf8), alphabet: .url))
                }
            } else {
                document.element("Marker", text(request.startAfter ?? ""))
                if let next, !request.folding.delimiter.isEmpty { document.element("NextMarker", text(next)) }
            }
            for object in objects {
                document.element("Contents") { document in
                    document.element("Key", text(object.key))
                    document.element("LastModified", ISO8601.extended(milliseconds: object.createdAt))
                    document.element("ETag", "\"\(object.etag)\"")
                    for name in object.checksums.keys.sorted() {
                        document.element("ChecksumAlgorithm", name.uppercased())
                    }
                    document.element("Size", "\(object.size)")
                    document.element(
                        "StorageClass", archived.contains(object.key) ? ArchivedSource.storageClass : "STANDARD")
                    if request.tellsOwner { document.owner() }
                }
            }
            for prefix in prefixes {
                document.element("CommonPrefixes") { $0.element("Prefix", text(prefix)) }
            }
        }
        return document
    }
}
