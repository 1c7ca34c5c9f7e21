internal import AccessSigning
internal import Bytes
internal import EventLoop
internal import HTTPClient
internal import HTTPWire

/// The S3 store, path style, every request signed.
struct ObjectClient: Sendable {
    /// The store's answer was no success.
    struct Refused: Error, CustomStringConvertible {
        let status: Int
        let description: String
        /// Whether the same request may succeed later.
        var isTransient: Bool { status >= 500 || status == 429 }
    }

    let client: HTTPClient
    let endpoint: Endpoint
    let credentials: SigV4Credentials

    /// Attempts at a request, with 200 ms, 1 s and 5 s between them.
    private static let pauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(5)]

    /// Stores an object whose SHA-256 in hex is `hash`, which the store verifies; when it returns, every reader sees all of it.
    /// Tried again while the store is away.
    func put(
        bucket: String, key: String, bytes: [UInt8], hash: String, fields: [(name: String, value: String)]
    ) async throws {
        let target = target(bucket: bucket, key: key)
        try await insist { try await putOnce(target, bytes, hash: hash, fields) }
    }

    /// Runs a call again while the store is away.
    func insist<R: Sendable>(_ call: () async throws -> R) async throws -> R {
        for pause in Self.pauses {
            do {
                return try await call()
            } catch let error as Refused where error.isTransient {
                try await client.loop.sleep(for: pause)
            } catch let error as ClientError where error.kind != .cancelled {
                try await client.loop.sleep(for: pause)
            }
        }
        return try await call()
    }

    private func putOnce(
        _ target: String, _ bytes: [UInt8], hash: String, _ fields: [(name: String, value: String)]
    ) async throws {
        let request = signed("PUT", .put, target, hash: hash, fields, body: .bytes(bytes))
        let response = try await client.send(request)
        _ = try await check(response, "PUT \(target)").body.collect(upTo: 1 << 16)
    }

    /// Reads an object from its beginning; `body` gets the pieces in order.
    func get(bucket: String, key: String, _ body: ([UInt8]) async throws -> Void) async throws {
        let target = target(bucket: bucket, key: key)
        let request = signed("GET", .get, target, hash: SigV4.emptyPayloadHash, [], body: .none)
        let response = try await check(try await client.send(request), "GET \(target)")
        var pieces = response.body.makeAsyncIterator()
        while let piece = try await pieces.next() { try await body(piece) }
    }

    /// A whole object of at most `limit` bytes. Tried again while the store is away.
    func read(bucket: String, key: String, upTo limit: Int) async throws -> [UInt8] {
        let target = target(bucket: bucket, key: key)
        return try await insist {
            let request = signed("GET", .get, target, hash: SigV4.emptyPayloadHash, [], body: .none)
            return try await check(try await client.send(request), "GET \(target)").body.collect(upTo: limit)
        }
    }

    private func check(_ response: ClientResponse, _ what: String) async throws -> ClientResponse {
        if response.status.isSuccess { return response }
        let text = String(decoding: (try? await response.body.collect(upTo: 4096)) ?? [], as: UTF8.self)
        throw Refused(
            status: response.status.code, description: "the store answered \(response.status.code) to \(what): \(text)")
    }

    private func target(bucket: String, key: String) -> String {
        "/\(PercentEncoding.encode(bucket))/\(PercentEncoding.encode(key, allowed: .path))"
    }

    private func signed(
        _ name: String, _ method: HTTPMethod, _ target: String, hash: String, _ fields: [(name: String, value: String)],
        body: ClientRequest.Body
    ) -> ClientRequest {
        let unsigned = SigV4Request(
            method: name, path: target, headers: [(name: "host", value: endpoint.authority)] + fields)
        let added = SigV4.sign(
            unsigned, credentials: credentials, payloadHash: hash, epochSeconds: WallClock.epochSeconds())
        var headers = Headers()
        for field in fields + added { headers.add(field.name, field.value) }
        var request = ClientRequest(endpoint: endpoint, method: method, target: target, headers: headers, body: body)
        request.responseTimeout = .seconds(60)
        return request
    }
}

/// Publishes a video's files into the media bucket.
struct BucketDestination: Destination {
    let objects: ObjectClient
    let bucket: String
    let prefix: String
    let videoId: String

    func put(_ path: String, _ bytes: [UInt8], hash: String, as kind: FileKind) async throws {
        try await objects.put(
            bucket: bucket, key: prefix + path, bytes: bytes, hash: hash,
            fields: [
                (name: "content-type", value: kind.contentType), (name: "cache-control", value: FileKind.cacheControl),
                (name: "x-amz-meta-cache-tag", value: "video:\(videoId)"),
            ])
    }
}
