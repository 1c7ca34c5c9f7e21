import Audit
import Catalog
import HTTPServer
import HTTPWire
import JSON
import Jobs
import Presentation
import Publishing
import TestKit
import Testing

@testable import API

@Suite struct WorkerTests {
    @Test func `a worker takes an upload to a ready video`() async throws {
        let bench = try await Bench()
        #expect(await bench.worker("lease", ["workerId": "w"]).status == .noContent)
        let id = await bench.upload()
        try await bench.arrive(id)
        let probe = try await bench.lease()
        #expect(probe["kind"] == "probe" && probe["number"] == 0 && probe["fence"] == 1 && probe["attempt"] == 1)
        #expect(probe["videoId"]?.string == id && probe["mediaPrefix"]?.string == "media/\(id)/")
        #expect(probe["source"]?["bucket"] == "uploads" && probe["source"]?["key"]?.string == "\(id)/original")
        #expect(probe["leaseSeconds"] == 30 && probe["media"] == nil && probe["outline"] == nil)
        #expect(await bench.status(of: id) == "probing")
        try await bench.accepted(probe, "complete", ["plan": Bench.plan.json])
        #expect(await bench.status(of: id) == "transcoding")

        let pictures = try await bench.lease()
        #expect(pictures["kind"] == "pictures" && pictures["media"] == Bench.plan.media)
        #expect(pictures["outline"] == Bench.plan.outline.json && pictures["detail"] == Bench.plan.units[0].json)
        #expect(pictures["stored"] == [])
        try await bench.commit(pictures, id, [("360p", 0, 1)])
        try await bench.publisher.publishDue()
        var video = await bench.call(.get, "/videos/\(id)").json
        #expect(video["playable"] == true && video["progress"]?.number ?? 0 > 0.4)
        #expect(await bench.report(pictures, "heartbeat", ["progress": 0.5]).json["leaseSeconds"] == 30)
        try await bench.commit(pictures, id, [("360p", 0, 1), ("360p", 0, 2)])
        for _ in 0..<2 { try await bench.accepted(pictures, "complete", ["notes": ["frames": 360]]) }
        try await bench.publisher.publishDue()

        let finish = try await bench.lease()
        #expect(finish["kind"] == "finish" && finish["media"] == nil && finish["outline"] == Bench.plan.outline.json)
        #expect(await bench.call(.get, "/videos/\(id)/conformance").code == "not_checked")
        try await bench.accepted(finish, "complete", ["conformance": ["findings": []]])
        video = await bench.call(.get, "/videos/\(id)").json
        #expect(video["status"] == "ready" && video["progress"]?.number == 1)
        #expect(video["durationSeconds"]?.number == 12)
        #expect(video["renditions"]?[0]?["segments"] == 2 && video["renditions"]?[0]?["frameRate"] == 29.97)
        #expect(await bench.call(.get, "/videos/\(id)/conformance").json == ["findings": []])
        let explain = await bench.call(.get, "/videos/\(id)/explain").json
        #expect(
            explain == ["ladder": [], "units": [["number": 1, "kind": "pictures", "notes": ["frames": 360]]]])
    }

    @Test func `only leases of what is encrypted tell the key, and no other answer does`() async throws {
        let bench = try await Bench()
        let id = await bench.upload(transcode: ["encryption": "aes-128"])
        try await bench.arrive(id)
        let probe = try await bench.lease()
        #expect(probe["contentKey"] == nil)
        try await bench.accepted(probe, "complete", ["plan": Bench.plan.json])
        let pictures = try await bench.lease()
        let key = try #require(pictures["contentKey"]?.string)
        #expect(key.utf8.count == 32)
        try await bench.commit(pictures, id, [("360p", 0, 1)])
        for (path, account) in [
            ("/videos/\(id)", "token-anna"), ("/videos/\(id)/explain", "token-anna"), ("/admin/jobs", "token-admin"),
        ] {
            let answer = String(decoding: await bench.call(.get, path, as: account).json.serialized(), as: UTF8.self)
            #expect(answer.contains(id) || path.hasSuffix("explain"))
            #expect(!answer.contains(key) && !answer.contains("contentKey"), "\(path)")
        }
    }

    @Test func `a stale fence is 409 and changes nothing`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        try await bench.transcode(id, until: .planned)
        let first = try await bench.lease()
        bench.clock.advance(seconds: 31)
        try await bench.jobs.expireLeases()
        bench.clock.advance(seconds: 5)
        let second = try await bench.lease()
        #expect(second["fence"] == 3 && second["attempt"] == 2)
        let reports: [(String, JSONObject)] = [
            ("heartbeat", [:]), ("segments", ["segments": [Bench.segment(0, 1).json]]), ("complete", [:]),
            ("fail", ["reason": "late"]),
        ]
        for (call, body) in reports {
            let response = await bench.report(first, call, body)
            #expect((response.status, response.code) == (409, "lease_lost"))
        }
        #expect(await bench.status(of: id) == "transcoding")
    }

    @Test func `what is stored already is named to the next worker`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        try await bench.transcode(id, until: .planned)
        try await bench.commit(try await bench.lease(), id, [("360p", 0, 2)])
        bench.clock.advance(seconds: 31)
        try await bench.jobs.expireLeases()
        bench.clock.advance(seconds: 5)
        let hash = JSONValue.string(Bench.segment(0, 2).sha256)
        #expect(try await bench.lease()["stored"] == [["rendition": 0, "number": 2, "sha256": hash]])
    }

    @Test func `segments are refused one by one, with what is wrong`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        try await bench.transcode(id, until: .planned)
        let unit = try await bench.lease()
        try await bench.commit(unit, id, [("360p", 0, 1)])
        var other = Bench.segment(0, 1)
        other.sha256 = String(repeating: "b", count: 64)
        for (segments, status, code, word) in [
            ([other.json], 422, "segment_differs", "360p"),
            ([Bench.segment(0, 2).json], 422, "segment_not_stored", "00002.m4s"),
            ([Bench.segment(0, 1).json, Bench.segment(0, 3).json], 422, "unprocessable", "segments[1]"),
            ([["rendition": 0]], 400, "invalid_request", "segments[0]"), ([], 400, "invalid_request", "segments"),
        ] as [([JSONValue], HTTPStatus, String, String)] {
            let response = await bench.report(unit, "segments", ["segments": .array(segments)])
            #expect((response.status, response.code) == (status, code))
            #expect(response.json["detail"]?.string?.contains(word) == true)
        }
    }

    @Test func `a plan that is none is refused by its path`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        let probe = try await bench.lease()
        for (path, status, change) in [
            ("plan.outline", 422, { $0.outline.renditions[0].name = "../etc" }),
            ("plan.units", 400, { $0.units = [] }), ("plan.units[0].number", 422, { $0.units[0].number = 2 }),
            ("plan.units[0].renditions", 422, { $0.units[0].renditions = [4] }),
            ("plan.units[0].lastSegment", 422, { $0.units[0].segments = 1...100_001 }),
            ("plan.units", 422, { $0.units[0].segments = 2...3 }),
        ] as [(String, Int, (inout WorkPlan) -> Void)] {
            var plan = Bench.plan
            change(&plan)
            let response = await bench.report(probe, "complete", ["plan": plan.json])
            #expect(response.status.code == status)
            #expect(response.json["detail"]?.string?.hasPrefix(path + " ") == true)
        }
        #expect(await bench.report(probe, "complete", [:]).code == "wrong_result")
        #expect(await bench.status(of: id) == "probing")
    }

    @Test func `the plan of a film of many hours fits, and nothing larger than it may be`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        let probe = try await bench.lease()
        var plan = Bench.plan
        plan.units = (1...7_200).map { number in
            UnitOutline(
                number: number, kind: .pictures, renditions: [0], segments: number...number, memoryMebibytes: 100,
                detail: ["firstFrame": .integer(Int64(number) * 180)])
        }
        plan.media = .string(String(repeating: "m", count: 2 << 20))
        try await bench.accepted(probe, "complete", ["plan": plan.json])
        let unit = try await bench.lease()
        #expect(unit["number"] == 1 && unit["media"] == plan.media)
        let large = JSONValue.string(String(repeating: "a", count: 1 << 20))
        let refused = await bench.worker("jobs/transcode-\(id)/units/1/heartbeat", ["fence": 2, "filler": large])
        #expect(refused.code == "body_too_large")
    }

    @Test func `a failure reaches the owner with its reason, and its detail only who may edit`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        let report: JSONObject = [
            "reason": "This file is not a video.", "detail": "line\none\u{1b}[0m", "retryable": false,
        ]
        try await bench.accepted(try await bench.lease(), "fail", report)
        let stranger = await bench.call(.get, "/videos/\(id)").json
        #expect(stranger["status"]?.string == "failed")
        #expect(stranger["failure"] == ["reason": "This file is not a video."])
        let owner = await bench.call(.get, "/videos/\(id)", as: "token-anna").json
        #expect(owner["failure"]?["detail"]?.string == "line one [0m")
    }

    @Test func `what breaks a rule is not shown, and its report can be read`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        try await bench.transcode(id, until: .published)
        #expect(await bench.call(.get, "/videos/\(id)").json["playable"] == true)
        try await bench.accepted(
            try await bench.lease(), "fail",
            [
                "reason": "1.13: an IDR picture is missing.", "retryable": false,
                "conformance": ["findings": [["rule": "1.13"]]],
            ])
        let video = await bench.call(.get, "/videos/\(id)").json
        #expect(video["status"] == "failed" && video["playable"] == false)
        #expect(video["failure"]?["reason"] == "1.13: an IDR picture is missing.")
        #expect(await bench.call(.get, "/videos/\(id)/conformance").json["findings"]?[0]?["rule"] == "1.13")
    }

    @Test func `the worker's calls take the worker's token and no account's`() async throws {
        let bench = try await Bench()
        for token in [nil, "token-admin", "worker-toke", "worker-token2"] {
            let response = await bench.call(.post, "/worker/lease", as: token, ["workerId": "w"])
            #expect(response.status == .unauthorized)
        }
    }

    @Test func `a malformed report is refused and costs nothing`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        _ = try await bench.lease()
        for (call, body) in [
            ("heartbeat", [:]), ("heartbeat", ["fence": 1, "progress": 2]), ("heartbeat", ["fence": 0]),
            ("complete", ["fence": 1, "notes": "text"]), ("fail", ["fence": 1, "retryable": "no"]),
        ] as [(String, JSONValue)] {
            #expect(await bench.worker("jobs/transcode-\(id)/units/0/\(call)", body).status == .badRequest)
        }
        #expect(await bench.worker("lease", ["workerId": "w", "sources": [7]]).status == .badRequest)
        #expect(await bench.worker("jobs/transcode-\(id)/units/x/heartbeat", ["fence": 1]).status == .notFound)
        #expect(await bench.status(of: id) == "probing")
    }

    @Test func `administrators list jobs with their units, and bring dead ones back`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        let path = "/admin/jobs/transcode-\(id)/retry"
        #expect(await bench.call(.get, "/admin/jobs", as: "token-anna").status == .forbidden)
        #expect(await bench.call(.post, path, as: "token-anna").status == .forbidden)
        #expect(await bench.call(.post, path, as: "token-admin").code == "job_not_dead")
        #expect(await bench.call(.post, "/admin/jobs/none/retry", as: "token-admin").code == "job_not_found")
        try await bench.transcode(id, until: .planned)
        let unit = try await bench.lease()
        _ = await bench.report(unit, "heartbeat", ["progress": 0.25])
        let running = await bench.call(.get, "/admin/jobs?state=running", as: "token-admin").json["items"]?[0]
        #expect(running?["units"] == ["queued": 0, "leased": 1, "done": 1, "dead": 0, "cancelled": 0])
        #expect(running?["openUnits"]?[0]?["workerId"] == "w" && running?["openUnits"]?[0]?["progress"] == 0.25)
        try await bench.accepted(unit, "fail", ["reason": "broken", "detail": "signal 11"])
        let dead = await bench.call(.get, "/admin/jobs?state=dead", as: "token-admin").json["items"]?[0]
        #expect(dead?["jobId"]?.string == "transcode-\(id)" && dead?["failure"]?["reason"] == "broken")
        #expect(dead?["openUnits"]?[0]?["failure"]?["detail"] == "signal 11")
        #expect(dead?["openUnits"]?[0]?["attempts"] == 1)
        #expect(await bench.call(.post, path, as: "token-admin").json["state"]?.string == "running")
        let told = try await bench.catalog.read { try $0.auditLines(after: 0, limit: 100) }.map(\.document)
        #expect(told.last?["subject"]?.string == "job:transcode-\(id)" && told.last?["actor"] == "user:sub-admin")
        #expect(told.count { $0["action"] == "job_retried" } == 1)
        #expect(await bench.status(of: id) == "queued")
    }
}

extension Bench {
    func status(of videoId: String) async -> String? {
        await call(.get, "/videos/\(videoId)").json["status"]?.string
    }
}
