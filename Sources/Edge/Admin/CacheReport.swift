import EventLoop
import HTTPServer
import HTTPWire
import JSON
import SegmentStore

/// What is in the cache, for an operator who asks: figures, objects, and whether they match their checksums.
///
/// Objects come in pages; a page that is not the last names the cursor of the next one.
struct CacheReport: Sendable {
    let store: SegmentStore
    let blocking: BlockingPool

    private static let objectsPerPage = 1...10_000

    func statistics() -> Response {
        let figures = store.statistics
        var fields: JSONObject = [:]
        for (name, value) in [
            ("objects", figures.objects), ("unloadedObjects", figures.unloadedObjects),
            ("bodyBytes", figures.bodyBytes), ("usedBytes", figures.usedBytes), ("fileBytes", figures.fileBytes),
            ("indexBytes", figures.indexBytes), ("capacityBytes", figures.capacityBytes), ("shards", figures.shards),
            ("shardsOutOfSpace", figures.shardsOutOfSpace), ("shardsClosed", figures.shardsClosed),
            ("stored", figures.stored), ("onProbation", figures.onProbation), ("evicted", figures.evicted),
            ("purged", figures.purged), ("dropped", figures.dropped), ("refusedChunks", figures.refusedChunks),
            ("commits", figures.commits), ("failedCommits", figures.failedCommits),
            ("slowestCommitMicroseconds", figures.slowestCommitMicroseconds),
            ("checksumFailures", figures.checksumFailures),
        ] {
            fields[name] = .integer(Int64(value))
        }
        return .json(.ok, .object(fields))
    }

    func objects(_ request: Request) async -> Response {
        let query = Query(request.query ?? "")
        let limit = query?.first("limit").map { Int($0) ?? 0 } ?? 1_000
        guard Self.objectsPerPage.contains(limit) else {
            return .json(.badRequest, ["error": "limit must be a number from 1 to 10,000"])
        }
        guard let cursor = Self.cursor(query) else { return Self.badCursor }
        let prefix = Array((query?.first("prefix") ?? "").utf8)
        return await answer { [store] in
            let listing = try store.list(prefix: prefix, after: cursor, limit: limit)
            return [
                "objects": .array(listing.objects.map(Self.document)),
                "cursor": listing.next.map { .string($0.description) } ?? .null,
            ]
        }
    }

    func verify(_ request: Request) async -> Response {
        guard let cursor = Self.cursor(Query(request.query ?? "")) else { return Self.badCursor }
        return await answer { [store] in
            let result = try store.verify(after: cursor)
            return [
                "objects": .integer(Int64(result.objects)), "bytes": .integer(Int64(result.bytes)),
                "damaged": .array(result.damaged.map { .string(Self.text($0)) }),
                "cursor": result.next.map { .string($0.description) } ?? .null,
            ]
        }
    }

    private func answer(_ work: @escaping @Sendable () throws -> JSONValue) async -> Response {
        do {
            return .json(.ok, try await blocking.run { try work() })
        } catch {
            return .json(.internalServerError, ["error": .string("\(error)")])
        }
    }

    private static let badCursor = Response.json(
        .badRequest, ["error": "cursor is not one that this edge handed out"])

    /// `nil` for a cursor that makes no sense.
    private static func cursor(_ query: Query?) -> StoreCursor? {
        guard let text = query?.first("cursor") else { return .start }
        return StoreCursor(text)
    }

    private static func document(_ object: StoredObjectSummary) -> JSONValue {
        [
            "key": .string(text(object.key)), "bytes": .integer(Int64(object.length)),
            "status": .integer(Int64(object.status)), "storedAt": .integer(object.storedAt),
            "freshUntil": .integer(object.freshUntil), "softPurged": .bool(object.softPurged),
            "tags": .array(object.tags.map { .string(text($0)) }),
        ]
    }

    /// A key for people: what tells variants of one URL apart follows a blank.
    private static func text(_ key: [UInt8]) -> String {
        String(decoding: key.map { $0 == 0 ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
}
