internal import Bytes
internal import Catalog
internal import HTTPWire
internal import XML

/// One page of a list: objects, and what lies deeper than the delimiter folded into common prefixes.
struct ObjectListing: Sendable {
    private(set) var objects: [StoredObject] = []
    private(set) var prefixes: [String] = []
    private(set) var next: String?

    /// Skips over each common prefix in one step, so a folder of a million objects costs one look-up.
    init(_ bucket: String, _ request: ObjectListRequest, _ catalog: any CatalogReader) throws {
        guard request.limit > 0 else { return }
        // U+10FFFF sorts after every character a key can go on with.
        let last = "\u{10FFFF}"
        var start = request.after.isEmpty ? request.prefix : request.after + "\u{0}"
        if ObjectListing.commonPrefix(request.after, request) == request.after { start = request.after + last }
        var lastListed = ""
        while true {
            let batch = try catalog.objects(bucket: bucket, prefix: request.prefix, from: start, limit: 256)
            guard !batch.isEmpty else { return }
            for object in batch where object.key.utf8.lexicographicallyPrecedes(start.utf8) == false {
                guard objects.count + prefixes.count < request.limit else {
                    next = lastListed
                    return
                }
                if let folded = ObjectListing.commonPrefix(object.key, request) {
                    prefixes.append(folded)
                    lastListed = folded
                    start = folded + last
                } else {
                    objects.append(object)
                    lastListed = object.key
                    start = object.key + "\u{0}"
                }
            }
        }
    }

    private static func commonPrefix(_ key: String, _ request: ObjectListRequest) -> String? {
        guard !request.delimiter.isEmpty else { return nil }
        guard key.utf8.starts(with: request.prefix.utf8) else { return nil }
        let rest = Array(key.utf8.dropFirst(request.prefix.utf8.count))
        let delimiter = Array(request.delimiter.utf8)
        guard rest.count >= delimiter.count else { return nil }
        for index in 0...(rest.count - delimiter.count) where Array(rest[index..<index + delimiter.count]) == delimiter
        {
            return request.prefix + String(decoding: rest[..<(index + delimiter.count)], as: UTF8.self)
        }
        return nil
    }

    func document(_ bucket: String, _ request: ObjectListRequest) -> XMLDocument {
        func text(_ value: String) -> String {
            request.encodesURLs ? PercentEncoding.encode(value, allowed: .path) : value
        }
        var document = XMLDocument()
        document.element("ListBucketResult", namespace: S3Gateway.namespace) { document in
            document.element("Name", bucket)
            document.element("Prefix", text(request.prefix))
            if !request.delimiter.isEmpty { document.element("Delimiter", text(request.delimiter)) }
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
                if let next, !request.delimiter.isEmpty { document.element("NextMarker", text(next)) }
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
                    document.element("StorageClass", "STANDARD")
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
