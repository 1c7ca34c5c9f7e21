import Catalog
import HTTPServer
import HTTPWire
import JSON
import Jobs
import Testing

@testable import API

@Suite struct WorkerTests {
    private let rung: JSONValue = [
        "name": "360p", "width": 640, "height": 360, "frameRate": 29.97, "codecs": "avc1.64001e,mp4a.40.2",
        "bandwidth": 900_000, "averageBandwidth": 700_000, "segments": 3, "bytes": 12_345,
    ]

    @Test func `a worker takes an upload to a ready video`() async throws {
        let bench = try await Bench()
        #expect(await bench.worker("lease", ["workerId": "w"]).status == .noContent)
        let id = await bench.upload()
        try await bench.arrive(id)
        let job = await bench.worker("lease", ["workerId": "w", "waitSeconds": 1]).json["job"]
        #expect(job?["videoId"]?.string == id && job?["mediaPrefix"]?.string == "media/\(id)/")
        #expect(job?["source"]?["bucket"]?.string == "uploads" && job?["source"]?["key"]?.string == "\(id)/original")
        #expect(job?["fence"]?.integer == 1 && job?["attempt"]?.integer == 1 && job?["leaseSeconds"]?.integer == 30)
        let jobId = try #require(job?["jobId"]?.string)
        let base = "jobs/\(jobId)"
        for (call, body, status, playable) in [
            ("heartbeat", ["phase": "probing", "progress": 0], "probing", false),
            ("heartbeat", ["phase": "transcoding", "progress": 0.25], "transcoding", false),
            ("publish", ["durationSeconds": 9.5, "renditions": [rung]], "transcoding", true),
            ("complete", ["durationSeconds": 9.6, "renditions": [rung], "explain": ["ladder": []]], "ready", true),
            ("complete", ["durationSeconds": 1, "renditions": []], "ready", true),
        ] as [(String, JSONObject, String, Bool)] {
            var report = body
            report["fence"] = 1
            let response = await bench.worker("\(base)/\(call)", .object(report))
            #expect(response.status == .ok && response.json["leaseSeconds"]?.integer == 30)
            let video = await bench.call(.get, "/videos/\(id)").json
            #expect(video["status"]?.string == status && video["playable"]?.bool == playable)
        }
        let video = await bench.call(.get, "/videos/\(id)").json
        #expect(video["durationSeconds"]?.number == 9.6 && video["renditions"]?[0] == rung)
        let explain = await bench.call(.get, "/videos/\(id)/explain")
        #expect(explain.json == ["ladder": []])
    }

    @Test func `a stale fence is 409 and changes nothing`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        _ = await bench.worker("lease", ["workerId": "first"])
        bench.clock.advance(seconds: 31)
        try await bench.jobs.expireLeases()
        bench.clock.advance(seconds: 5)
        let second = await bench.worker("lease", ["workerId": "second"])
        #expect(second.json["job"]?["fence"]?.integer == 2)
        let reports: [(String, JSONValue)] = [
            ("heartbeat", ["fence": 1, "phase": "transcoding", "progress": 0.9]), ("publish", ["fence": 1]),
            ("complete", ["fence": 1, "durationSeconds": 1]), ("fail", ["fence": 1, "reason": "late"]),
        ]
        for (call, body) in reports {
            let response = await bench.worker("jobs/transcode-\(id)/\(call)", body)
            #expect((response.status, response.code) == (409, "lease_lost"))
        }
        #expect(await bench.call(.get, "/videos/\(id)").json["status"]?.string == "probing")
    }

    @Test func `a failure reaches the owner with its reason, and its detail only who may edit`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        _ = await bench.worker("lease", ["workerId": "w"])
        let report: JSONValue = [
            "fence": 1, "reason": "This file is not a video.", "detail": "line\none\u{1b}[0m", "retryable": false,
        ]
        #expect(await bench.worker("jobs/transcode-\(id)/fail", report).status == .ok)
        let stranger = await bench.call(.get, "/videos/\(id)").json
        #expect(stranger["status"]?.string == "failed")
        #expect(stranger["failure"] == ["reason": "This file is not a video."])
        let owner = await bench.call(.get, "/videos/\(id)", as: "token-anna").json
        #expect(owner["failure"]?["detail"]?.string == "line one [0m")
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
        _ = await bench.worker("lease", ["workerId": "w"])
        for (call, body) in [
            ("heartbeat", ["phase": "probing"]), ("heartbeat", ["fence": 1, "phase": "dreaming"]),
            ("heartbeat", ["fence": 1, "phase": "transcoding", "progress": 2]),
            ("publish", ["fence": 1, "renditions": [["width": 1]]]), ("complete", ["fence": 1]),
        ] as [(String, JSONValue)] {
            #expect(await bench.worker("jobs/transcode-\(id)/\(call)", body).status == .badRequest)
        }
        #expect(await bench.call(.get, "/videos/\(id)").json["status"]?.string == "probing")
    }

    @Test func `administrators list jobs and bring dead ones back`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        let path = "/admin/jobs/transcode-\(id)/retry"
        #expect(await bench.call(.get, "/admin/jobs", as: "token-anna").status == .forbidden)
        #expect(await bench.call(.post, path, as: "token-anna").status == .forbidden)
        #expect(await bench.call(.post, path, as: "token-admin").code == "job_not_dead")
        #expect(await bench.call(.post, "/admin/jobs/none/retry", as: "token-admin").code == "job_not_found")
        _ = await bench.worker("lease", ["workerId": "w"])
        _ = await bench.worker("jobs/transcode-\(id)/fail", ["fence": 1, "reason": "broken"])
        let dead = await bench.call(.get, "/admin/jobs?state=dead", as: "token-admin").json
        #expect(dead["items"]?[0]?["jobId"]?.string == "transcode-\(id)")
        #expect(dead["items"]?[0]?["failure"]?["reason"]?.string == "broken")
        #expect(await bench.call(.post, path, as: "token-admin").json["state"]?.string == "queued")
        #expect(await bench.call(.get, "/videos/\(id)").json["status"]?.string == "queued")
    }
}
