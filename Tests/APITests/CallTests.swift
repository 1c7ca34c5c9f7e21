import Catalog
import HTTPServer
import HTTPWire
import JSON
import JSONSchema
import TestKit
import Testing

@testable import API

@Suite struct DescribedBodyTests {
    @Test func `everything that is wrong is said at once, each with its path`() async throws {
        let bench = try await Bench()
        let answer = await bench.call(
            .post, "/uploads", as: "token-anna",
            [
                "fileName": 7, "contentType": "video/mp4", "visiblity": "public",
                "transcode": ["codecs": ["h264", "mpeg2"]],
            ])
        #expect(answer.status == .badRequest && answer.code == "invalid_request")
        #expect(
            answer.json["errors"] == [
                ["path": "$.size", "detail": "is required."], ["path": "$.fileName", "detail": "must be text."],
                ["path": "$.visiblity", "detail": "is no member that is known here."],
                ["path": "$.transcode.codecs[1]", "detail": "must be one of h264, hevc, av1."],
            ])
        #expect(answer.json["detail"] == "size is required.")
    }

    @Test func `who may not make a call does not learn what it takes`() async throws {
        let bench = try await Bench()
        #expect(await bench.call(.post, "/uploads", ["size": "large"]).code == "unauthenticated")
        #expect(await bench.call(.post, "/uploads", as: "token-viewer", ["size": "large"]).code == "role_required")
    }

    @Test func `a body that is required is there`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        let answer = await bench.call(.patch, "/videos/\(id)", as: "token-anna")
        #expect(
            answer.code == "invalid_request" && answer.json["detail"]?.string?.hasPrefix("The body is required") == true
        )
        #expect(await bench.call(.post, "/admin/keys/rotate", as: "token-admin").code != "invalid_request")
    }

    @Test func `a whole number is one however it is written`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        let path = "/videos/\(id)/playback"
        #expect(await bench.call(.post, path, ["ttlSeconds": .number(60.0)]).status == .ok)
        #expect(await bench.call(.post, path, ["ttlSeconds": .number(60.5)]).code == "invalid_request")
    }

    @Test func `a wrong parameter of the query is named`() async throws {
        let answer = await (try Bench()).call(.get, "/videos?limit=1000")
        #expect(answer.code == "invalid_request" && answer.json["parameter"] == "limit")
    }

    @Test func `a body may be as large as its call says`() async throws {
        let bench = try await Bench()
        let long = JSONValue.string(String(repeating: "x", count: 65_536))
        #expect(await bench.call(.post, "/uploads", as: "token-anna", ["title": long]).code == "body_too_large")
        let report = await bench.call(
            .post, "/worker/jobs/none/units/0/heartbeat", as: "worker-token", ["fence": 1, "notes": long])
        #expect(report.code != "body_too_large")
    }
}

@Suite struct CallLimitTests {
    private func bench(reads: Int64 = 3) async throws -> Bench {
        var limits = CallLimits()
        limits.reads = reads
        return try await Bench(limits: limits)
    }

    @Test func `every answer says how many calls are left`() async throws {
        let bench = try await bench()
        let first = await bench.call(.get, "/videos", as: "token-anna")
        #expect(first.headers.first("RateLimit-Policy") == #""reads";q=3;w=60"#)
        #expect(first.headers.first("RateLimit") == #""reads";r=2;t=20"#)
        let missing = await bench.call(.get, "/videos/none", as: "token-anna")
        #expect(missing.status == .notFound && missing.headers.first("RateLimit") == #""reads";r=1;t=40"#)
    }

    @Test func `who has none left is told when to come again, and others are served`() async throws {
        let bench = try await bench()
        for _ in 0..<3 { _ = await bench.call(.get, "/videos", as: "token-anna") }
        let refused = await bench.call(.get, "/videos", as: "token-anna")
        #expect(refused.status == .tooManyRequests && refused.code == "rate_limited")
        #expect(refused.headers.first("Retry-After") == "20")
        #expect(refused.json["detail"] == "More than 3 reads a minute; try again in 20 s.")
        #expect(await bench.call(.get, "/videos", as: "token-ben").status == .ok)
        #expect(await bench.call(.get, "/videos").status == .ok)
        #expect(await bench.call(.post, "/uploads", as: "token-anna", [:]).status == .badRequest)
        bench.clock.advance(seconds: 20)
        #expect(await bench.call(.get, "/videos", as: "token-anna").status == .ok)
    }

    @Test func `tokens that are tried out count as what they were tried with`() async throws {
        let bench = try await bench()
        for _ in 0..<3 { #expect(await bench.call(.get, "/videos", as: "made-up").status == .unauthorized) }
        #expect(await bench.call(.get, "/videos", as: "made-up").status == .tooManyRequests)
        #expect(await bench.call(.get, "/videos").status == .tooManyRequests)
        #expect(await bench.call(.get, "/videos", as: "token-anna").status == .ok)
    }

    @Test func `what players send is counted apart`() async throws {
        var limits = CallLimits()
        (limits.pings, limits.writes) = (1, 1)
        let bench = try await Bench(limits: limits)
        let id = try await bench.playing()
        let ping: JSONValue = ["sessionId": "session-1", "positionSeconds": 0, "event": "play"]
        #expect(await bench.call(.post, "/videos/\(id)/views", ping).status == .noContent)
        #expect(await bench.call(.post, "/videos/\(id)/views", ping).status == .tooManyRequests)
        #expect(await bench.call(.post, "/videos/\(id)/playback").status == .ok)
    }

    @Test func `workers are not counted, and zero is no limit`() async throws {
        let bench = try await bench(reads: 0)
        for _ in 0..<50 {
            let answer = await bench.call(.get, "/videos")
            #expect(answer.status == .ok && answer.headers.first("RateLimit") == nil)
        }
        let lease = await bench.call(
            .post, "/worker/lease", as: "worker-token", ["workerId": "w", "waitSeconds": 0])
        #expect(lease.status == .noContent && lease.headers.first("RateLimit") == nil)
    }
}

@Suite struct IdempotentCallTests {
    private let upload: JSONValue = ["fileName": "film.mp4", "contentType": "video/mp4", "size": 100]

    private func send(
        _ bench: Bench, _ key: String, as account: String = "token-anna", _ body: JSONValue? = nil
    ) async -> Response {
        await bench.call(.post, "/uploads", as: account, body ?? upload, fields: [("Idempotency-Key", key)])
    }

    @Test func `a call that is repeated is answered as the first time and makes nothing again`() async throws {
        let bench = try await Bench()
        let first = await send(bench, "one")
        bench.clock.advance(seconds: 3_600)
        let again = await send(bench, "\"one\"")
        #expect(first.status == .created && again.status == .created && again.json == first.json)
        #expect(
            again.headers.first("Idempotency-Replayed") == "true" && first.headers.first("Idempotency-Replayed") == nil)
        #expect(again.headers.first("Content-Type") == "application/json")
        #expect(await bench.call(.get, "/videos", as: "token-anna").json["items"]?.array?.count == 1)
    }

    @Test func `a key is its sender's own, and for a day`() async throws {
        let bench = try await Bench()
        let first = await send(bench, "one")
        #expect(await send(bench, "one", as: "token-ben").json["videoId"] != first.json["videoId"])
        #expect(await send(bench, "two").json["videoId"] != first.json["videoId"])
        bench.clock.advance(seconds: 86_401)
        #expect(await send(bench, "one").json["videoId"] != first.json["videoId"])
    }

    @Test func `another call under the same key is refused`() async throws {
        let bench = try await Bench()
        _ = await send(bench, "one")
        let other = await send(bench, "one", ["fileName": "other.mp4", "contentType": "video/mp4", "size": 100])
        #expect(other.status.code == 422 && other.code == "idempotency_key_reused")
    }

    @Test func `what was refused may be mended under the same key`() async throws {
        let bench = try await Bench()
        #expect(await send(bench, "one", ["fileName": "film.mp4"]).status == .badRequest)
        #expect(await send(bench, "one").status == .created)
    }

    @Test func `a call that was interrupted is never carried out twice`() async throws {
        let bench = try await Bench()
        let first = await send(bench, "one")
        let (now, caller) = (bench.clock.now, "sub-anna")
        try await bench.catalog.write { transaction in
            let done = try #require(try transaction.idempotentCall(caller: caller, key: "one"))
            try transaction.deleteIdempotentCall(caller: caller, key: "one")
            try transaction.save(
                IdempotentCall(caller: caller, key: "one", fingerprint: done.fingerprint, createdAt: now))
        }
        let meanwhile = await send(bench, "one")
        #expect(meanwhile.code == "idempotency_under_way" && meanwhile.headers.first("Retry-After") == "1")
        bench.clock.advance(seconds: 60)
        #expect(await send(bench, "one").code == "idempotency_outcome_unknown")
        #expect(first.status == .created)
        #expect(await bench.call(.get, "/videos", as: "token-anna").json["items"]?.array?.count == 1)
    }

    @Test func `answers are kept sealed`() async throws {
        let bench = try await Bench()
        let fields = [("Idempotency-Key", "one")]
        _ = await bench.call(.post, "/admin/service-accounts", as: "token-admin", ["name": "robot", "role": "creator"])
        let made = await bench.call(.post, "/admin/service-accounts/robot/keys", as: "token-admin", [:], fields: fields)
        let secret = try #require(made.json["secretAccessKey"]?.string)
        let kept = try await bench.catalog.read { try $0.idempotentCall(caller: "sub-admin", key: "one")?.sealedAnswer }
        #expect(!String(decoding: try #require(kept), as: UTF8.self).contains(secret))
        let again = await bench.call(
            .post, "/admin/service-accounts/robot/keys", as: "token-admin", [:], fields: fields)
        #expect(again.json["secretAccessKey"]?.string == secret)
    }

    @Test(arguments: ["", "a b", "ä", String(repeating: "k", count: 256)])
    func `a key that is none is refused`(key: String) async throws {
        #expect(await send(try Bench(), key).code == "invalid_idempotency_key")
    }
}
