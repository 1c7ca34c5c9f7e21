internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import XML

extension S3Gateway {
    /// `GET /`: the buckets the signer may read.
    func bucketList(_ access: S3Access) -> Response {
        var document = XMLDocument()
        document.element("ListAllMyBucketsResult", namespace: S3Gateway.namespace) { document in
            document.element("Owner") { $0.element("ID", "weir") }
            document.element("Buckets") { document in
                for bucket in configuration.buckets where access.mayRead(bucket) {
                    document.element("Bucket") { document in
                        document.element("Name", bucket)
                        document.element("CreationDate", "2026-01-01T00:00:00.000Z")
                    }
                }
            }
        }
        return Response(status: .ok, contentType: "application/xml", bytes: document.bytes)
    }

    /// Buckets are configured, not made; a PUT of one that exists succeeds, as it does for its owner at S3.
    func answerBucket(_ bucket: String, _ request: Request, _ query: Query) async throws -> Response {
        switch request.method {
        case .head:
            var response = Response(status: .ok)
            response.headers.set("x-amz-bucket-region", configuration.region)
            return response
        case .get where query.contains("location"):
            var document = XMLDocument()
            document.element("LocationConstraint", namespace: S3Gateway.namespace) {
                $0.appendText(self.configuration.region)
            }
            return Response(status: .ok, contentType: "application/xml", bytes: document.bytes)
        case .get:
            return try await listObjects(bucket, query)
        case .put:
            var response = Response(status: .ok)
            response.headers.set("Location", "/\(bucket)")
            return response
        case .delete:
            throw S3Error.notImplemented("Deleting a bucket")
        default:
            throw S3Error.methodNotAllowed
        }
    }

    private func listObjects(_ bucket: String, _ query: Query) async throws -> Response {
        let request = try ObjectListRequest(query)
        let listing = try await catalog.read { try ObjectListing(bucket, request, $0) }
        return Response(
            status: .ok, contentType: "application/xml", bytes: listing.document(bucket, request).bytes)
    }
}

/// The parameters of a list, version 1 or 2.
struct ObjectListRequest: Sendable {
    let isVersion2: Bool
    let prefix: String
    let delimiter: String
    let limit: Int
    /// The key or common prefix to start after.
    let after: String
    let token: String?
    let startAfter: String?
    let encodesURLs: Bool

    init(_ query: Query) throws(S3Error) {
        isVersion2 = query.first("list-type") == "2"
        prefix = query.first("prefix") ?? ""
        delimiter = query.first("delimiter") ?? ""
        startAfter = query.first(isVersion2 ? "start-after" : "marker")
        token = isVersion2 ? query.first("continuation-token") : nil
        if let token {
            guard let bytes = Base64.decode(token, alphabet: .url) else {
                throw .invalidArgument("The continuation token provided is incorrect")
            }
            after = String(decoding: bytes, as: UTF8.self)
        } else {
            after = startAfter ?? ""
        }
        if let text = query.first("max-keys") {
            guard let value = ASCII.parseDecimal(text), value <= UInt64(Int32.max) else {
                throw .invalidArgument("max-keys must be an integer from 0 to 2147483647")
            }
            limit = min(Int(value), 1_000)
        } else {
            limit = 1_000
        }
        encodesURLs = query.first("encoding-type") == "url"
    }
}

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
                if let next { document.element("NextMarker", text(next)) }
            }
            for object in objects {
                document.element("Contents") { document in
                    document.element("Key", text(object.key))
                    document.element("LastModified", ISO8601.extended(milliseconds: object.createdAt))
                    document.element("ETag", "\"\(object.etag)\"")
                    document.element("Size", "\(object.size)")
                    document.element("StorageClass", "STANDARD")
                }
            }
            for prefix in prefixes {
                document.element("CommonPrefixes") { $0.element("Prefix", text(prefix)) }
            }
        }
        return document
    }
}
