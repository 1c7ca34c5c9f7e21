import Configuration
import EventLoop
import HTTPClient
import HTTPWire
import JSON
import Synchronization
import Telemetry
import TestKit
import Testing
import Transcode

@testable import TranscodeWorker

@Suite struct WorkerTests {
    private func settings(_ origin: FakeOrigin, changes: JSONObject = [:]) throws -> TranscoderSettings {
        let url = JSONValue.string("http://\(origin.address)")
        var document: JSONObject = [
            "workerId": "w1", "origin": ["url": url, "workerToken": "worker-token"],
            "objects": ["url": url, "accessKeyId": "AKIDWORKER", "secretAccessKey": .string(FakeOrigin.secret)],
        ]
        for (key, value) in changes.members { document[key] = value }
        return try TranscoderSettings(Configuration(.object(document), parameters: TranscoderParameters.all))
    }

    /// Runs a worker until `isDone`, then drains it; returns its page of metrics.
    @discardableResult
    private func work(
        for origin: FakeOrigin, changes: JSONObject = [:], process: ScriptedProcess,
        metrics: MetricsRegistry = MetricsRegistry(), until isDone: @escaping @Sendable () -> Bool
    ) async throws -> String {
        let group = try EventLoopGroup(loops: 1, name: "worker")
        let pool = try BlockingPool(name: "child", threads: 2, queueLimit: 16)
        let client = HTTPClient(loop: group.loops[0], resolver: Resolver(pool: pool))
        let worker = Worker(
            settings: try settings(origin, changes: changes), client: client, pool: pool,
            log: Logger(label: "test", sink: MemorySink()), metrics: WorkerMetrics(metrics, slots: 1),
            start: { _, _ in process })
        let running = Task(executorPreference: group.loops[0]) { await worker.run() }
        let done = await eventually(within: .seconds(20)) { isDone() }
        #expect(done)
        worker.drain()
        worker.abandon()
        await running.value
        try? await group.loops[0].run { client.shutdownOnLoop() }
        await group.shutdown()
        await origin.stop()
        return Self.page(metrics)
    }

    private static func page(_ metrics: MetricsRegistry) -> String {
        String(decoding: metrics.renderPrometheus(), as: UTF8.self)
    }

    private func ended(_ origin: FakeOrigin, _ call: String) -> @Sendable () -> Bool {
        { origin.reports.contains { $0.call.hasSuffix(call) } }
    }

    @Test func `a job is published and reported complete`() async throws {
        let origin = try FakeOrigin(upload: Array(repeating: 1, count: 200_000))
        try await work(
            for: origin, process: ScriptedProcess(events: Film.events), until: ended(origin, "job-1/complete"))
        #expect(origin.unsigned == [])
        #expect(origin.objects["/weir-media/media/v1/720p/00002.m4s"]?.count == 1000)
        let calls = origin.reports.map(\.call).filter { !$0.hasSuffix("heartbeat") }
        #expect(calls == ["jobs/job-1/publish", "jobs/job-1/complete"])
        let complete = try #require(origin.reports.last { $0.call.hasSuffix("complete") }?.body)
        #expect(complete["fence"]?.integer == 7)
        #expect(complete["durationSeconds"]?.number == 12)
        #expect(complete["renditions"]?.array?.count == 3)
    }

    @Test func `objects carry their type, life and tag`() async throws {
        let origin = try FakeOrigin(upload: [1])
        try await work(
            for: origin, process: ScriptedProcess(events: Film.events), until: ended(origin, "job-1/complete"))
        #expect(
            origin.fields["/weir-media/media/v1/720p/00001.m4s"] == [
                "content-type": "video/iso.segment", "cache-control": "public, max-age=31536000, immutable",
                "x-amz-meta-cache-tag": "video:v1",
            ])
        #expect(
            origin.fields["/weir-media/media/v1/index.m3u8"]?["cache-control"]
                == "public, max-age=3600, stale-if-error=86400")
    }

    @Test func `an upload that is no film fails for good and the worker goes on`() async throws {
        let origin = try FakeOrigin(upload: [1], jobs: 2)
        let process = ScriptedProcess(events: [.failed(TranscodeFailure(reason: "This file is no film."))])
        try await work(for: origin, process: process, until: ended(origin, "job-2/fail"))
        let first = try #require(origin.reports.first { $0.call == "jobs/job-1/fail" }?.body)
        #expect(first["reason"]?.string == "This file is no film.")
        #expect(first["retryable"]?.bool == false)
    }

    @Test func `a lost lease ends the child and nothing more is reported`() async throws {
        let origin = try FakeOrigin(upload: [1])
        origin.refuse("heartbeat", with: 409)
        let process = ScriptedProcess([.says(.started(Film.outline)), .hangs])
        try await work(for: origin, process: process) { process.isCollected }
        #expect(process.isKilled)
        #expect(!origin.reports.contains { $0.call.hasSuffix("fail") })
    }

    @Test func `a worker that must stop gives its job back to the queue`() async throws {
        let origin = try FakeOrigin(upload: [1])
        let process = ScriptedProcess([.says(.started(Film.outline)), .hangs])
        try await work(for: origin, process: process, until: ended(origin, "heartbeat"))
        let failure = try #require(origin.reports.last { $0.call.hasSuffix("fail") }?.body)
        #expect(failure["retryable"]?.bool == true)
        #expect(process.isKilled && process.isCollected)
    }

    @Test func `an upload above the limit is refused without a download`() async throws {
        let origin = try FakeOrigin(upload: Array(repeating: 1, count: 1_048_577))
        let process = ScriptedProcess(events: [])
        try await work(
            for: origin, changes: ["limits": ["uploadMebibytes": 1]], process: process,
            until: ended(origin, "job-1/fail"))
        let failure = try #require(origin.reports.last { $0.call.hasSuffix("fail") }?.body)
        #expect(failure["reason"]?.string?.contains("larger than the 1 MiB") == true)
        #expect(failure["retryable"]?.bool == false)
    }

    @Test func `jobs are counted by how they ended`() async throws {
        let hanging = [ScriptedProcess.Step.says(.started(Film.outline)), .hangs]
        let cases: [(outcome: String, refusal: String?, process: ScriptedProcess, end: String)] = [
            ("done", nil, ScriptedProcess(events: Film.events), "job-1/complete"),
            ("failed", nil, ScriptedProcess(events: [.failed(TranscodeFailure(reason: "No film."))]), "job-1/fail"),
            ("given_back", nil, ScriptedProcess(hanging), "heartbeat"),
            ("lost", "heartbeat", ScriptedProcess(hanging), ""),
        ]
        for (outcome, refusal, process, end) in cases {
            let origin = try FakeOrigin(upload: [1])
            if let refusal { origin.refuse(refusal, with: 409) }
            let isEnded = ended(origin, end)
            let page = try await work(for: origin, process: process) { end.isEmpty ? process.isCollected : isEnded() }
            for other in WorkerMetrics.Outcome.allCases {
                let count = other.rawValue == outcome ? 1 : 0
                #expect(
                    page.contains("weir_transcoder_jobs_total{outcome=\"\(other.rawValue)\"} \(count)\n"), "\(outcome)")
            }
            #expect(page.contains("weir_transcoder_jobs_running 0\n"))
            #expect(page.contains("weir_transcoder_media_seconds_total \(outcome == "done" ? 12 : 0)\n"))
            #expect(page.contains("weir_transcoder_build_info{version="))
        }
    }

    @Test func `an origin that does not answer is counted`() async throws {
        let origin = try FakeOrigin(upload: [1])
        origin.refuse("lease", with: 503)
        let metrics = MetricsRegistry()
        let isCounted: @Sendable () -> Bool = {
            !Self.page(metrics).contains("weir_transcoder_lease_failures_total 0\n")
        }
        try await work(for: origin, process: ScriptedProcess(events: []), metrics: metrics, until: isCounted)
        #expect(isCounted())
    }

    @Test func `operators find health and metrics on a listener of their own`() async throws {
        let group = try EventLoopGroup(loops: 1, name: "worker")
        let metrics = MetricsRegistry()
        _ = WorkerMetrics(metrics, slots: 3)
        let listener = try OperatorListener(.loopback(port: 0), metrics: metrics, on: group)
        let pool = try BlockingPool(name: "resolver", threads: 1, queueLimit: 4)
        let client = HTTPClient(loop: group.loops[0], resolver: Resolver(pool: pool))
        for (target, text) in [
            ("/healthz", "ok"), ("/readyz", "ok"), ("/metrics", "weir_transcoder_job_slots 3\n"),
        ] {
            let endpoint = Endpoint(host: "127.0.0.1", port: listener.address.port)
            let answer = try await client.send(ClientRequest(endpoint: endpoint, target: target))
            let body = String(decoding: try await answer.body.collect(upTo: 1 << 20), as: UTF8.self)
            #expect(answer.status.code == 200)
            #expect(body.contains(text))
        }
        try? await group.loops[0].run { client.shutdownOnLoop() }
        await listener.stop()
        await group.shutdown()
    }

    @Test(arguments: ["9092", "host:9092", "127.0.0.1"])
    func `a listener's address that is none is refused with its key`(_ text: String) throws {
        let document: JSONObject = [
            "adminListen": .string(text), "origin": ["url": "http://a:1", "workerToken": "t"],
            "objects": ["url": "http://a:1", "accessKeyId": "a", "secretAccessKey": "s"],
        ]
        let configuration = try Configuration(.object(document), parameters: TranscoderParameters.all)
        let error = #expect(throws: ConfigurationRefused.self) { try TranscoderSettings(configuration) }
        #expect(error?.description.contains("$.adminListen: '\(text)'") == true)
    }

    @Test(arguments: [
        ("origin", "ftp://127.0.0.1:9000", "$.origin.url"), ("origin", "127.0.0.1:9000", "$.origin.url"),
        ("objects", "http://host:0", "$.objects.url"), ("objects", "http://host:1/path", "$.objects.url"),
    ])
    func `a wrong address is refused with its key`(section: String, url: String, path: String) throws {
        var document: JSONObject = [
            "origin": ["url": "http://a:1", "workerToken": "t"],
            "objects": ["url": "http://a:1", "accessKeyId": "a", "secretAccessKey": "s"],
        ]
        var values = try #require(document[section]?.object)
        values["url"] = .string(url)
        document[section] = .object(values)
        let configuration = try Configuration(.object(document), parameters: TranscoderParameters.all)
        let error = #expect(throws: ConfigurationRefused.self) { try TranscoderSettings(configuration) }
        #expect(error?.description.contains(path) == true)
        #expect(error?.description.contains(url) == true)
    }
}
