import AccessSigning
import Configuration
import EventLoop
import HTTPClient
import HTTPWire
import JSON
import Presentation
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
        for origin: FakeOrigin, changes: JSONObject = ["work": ["jobs": 1]],
        metrics: MetricsRegistry = MetricsRegistry(),
        children: @escaping @Sendable (TranscodeOrder) -> ScriptedProcess = {
            ScriptedProcess(events: Film.events(for: $0))
        }, until isDone: @escaping @Sendable () -> Bool
    ) async throws -> String {
        let group = try EventLoopGroup(loops: 1, name: "worker")
        let pool = try BlockingPool(name: "child", threads: 4, queueLimit: 16)
        let client = HTTPClient(loop: group.loops[0], resolver: Resolver(pool: pool))
        let worker = Worker(
            settings: try settings(origin, changes: changes), client: client, pool: pool,
            log: Logger(label: "test", sink: MemorySink()), metrics: WorkerMetrics(metrics),
            start: { _, order, _, _ in children(order) })
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

    @Test func `an upload is probed, made in units and checked, each segment stored before it is committed`()
        async throws
    {
        let origin = try FakeOrigin(upload: Array(repeating: 1, count: 200_000))
        try await work(for: origin) { origin.isReady() }
        #expect(origin.unsigned == [])
        #expect(origin.committed().count == 6)
        #expect(origin.objects["/weir-media/media/v1/720p/00002.m4s"]?.count == 1001)
        let inits = ["put 234p/init.mp4", "put 720p/init.mp4", "put audio/init.mp4"]
        #expect(Array(origin.journal.prefix(4)) == inits + ["job-1/0/complete"])
        let ends = origin.journal.filter { $0.hasPrefix("job-1") }
        #expect(ends == (0...4).map { "job-1/\($0)/complete" } + ["job-1/5/fail"])
        #expect(origin.body(of: "job-1/0/complete")?["notes"] == Film.notes.json)
    }

    @Test func `the upload is downloaded once for all its units`() async throws {
        let origin = try FakeOrigin(upload: Array(repeating: 1, count: 200_000))
        try await work(for: origin, changes: ["work": ["jobs": 3]]) { origin.isReady() }
        #expect(origin.downloads == 1)
        #expect(origin.leases.last?["sources"]?.array == ["job-1"])
    }

    @Test func `segments that were committed before a crash are neither stored nor reported again`() async throws {
        let origin = try FakeOrigin(upload: [1])
        let bytes = [UInt8](repeating: 1, count: 1002)
        let sound = StoredSegment(
            rendition: 2, number: 1, bytes: 1002, durationMicroseconds: 6_000_000, sha256: SigV4.payloadHash(bytes))
        origin.plan(Film.plan, committed: [sound])
        try await work(for: origin) { origin.isReady() }
        #expect(!origin.journal.contains { $0.hasSuffix("audio/00001.m4s") })
        #expect(origin.journal.contains("commit audio/00002.m4s"))
        #expect(!origin.journal.contains { $0.contains("init.mp4") })
    }

    @Test func `a segment that comes out differently than a committed one fails its unit with both hashes`()
        async throws
    {
        let origin = try FakeOrigin(upload: [1])
        let sound = StoredSegment(
            rendition: 2, number: 1, bytes: 5, durationMicroseconds: 6_000_000,
            sha256: String(repeating: "a", count: 64))
        origin.plan(Film.plan, committed: [sound])
        try await work(for: origin) { origin.isDead() }
        let failure = try #require(origin.body(of: "job-1/2/fail"))
        #expect(failure["detail"]?.string?.contains(sound.sha256) == true)
        #expect(origin.committed()[.init(rendition: 2, number: 1)] == sound)
    }

    @Test func `what was stored is checked, and what breaks a rule is named`() async throws {
        let origin = try FakeOrigin(upload: [1])
        try await work(for: origin) { origin.isReady() }
        let report = try #require(origin.body(of: "job-1/5/fail"))
        #expect(report["retryable"]?.bool == false)
        #expect(report["conformance"]?["verdict"]?.string == "violates")
        #expect(report["conformance"]?["measured"]?["segments"]?.integer == 6)
        #expect(report["reason"]?.string?.hasPrefix("The finished video breaks rule ") == true)
    }

    @Test func `objects carry their type, life and tag`() async throws {
        let origin = try FakeOrigin(upload: [1])
        try await work(for: origin) { origin.isReady() }
        for (file, type) in [("00001.m4s", "video/iso.segment"), ("init.mp4", "video/mp4")] {
            #expect(
                origin.fields["/weir-media/media/v1/720p/\(file)"] == [
                    "content-type": type, "cache-control": "public, max-age=31536000, immutable",
                    "x-amz-meta-cache-tag": "video:v1",
                ])
        }
    }

    @Test func `an upload that is no film fails for good and the worker goes on`() async throws {
        let origin = try FakeOrigin(upload: [1], jobs: 2)
        try await work(
            for: origin,
            children: { _ in
                ScriptedProcess(events: [.failed(TranscodeFailure(reason: "This file is no film."))])
            }, until: { origin.isDead(1) && origin.isDead(2) })
        let first = try #require(origin.body(of: "job-1/0/fail"))
        #expect(first["reason"]?.string == "This file is no film.")
        #expect(first["retryable"]?.bool == false)
    }

    @Test func `a crash is retried, and the third one is the last`() async throws {
        let origin = try FakeOrigin(upload: [1])
        try await work(
            for: origin,
            children: { order in
                guard case .unit(let unit, _) = order, unit.number == 3 else {
                    return ScriptedProcess(events: Film.events(for: order))
                }
                return ScriptedProcess([], exit: ProcessExit(code: -1, signal: 11, words: "bad"))
            }, until: { origin.isDead() })
        #expect(origin.journal.filter { $0 == "job-1/3/fail" }.count == 3)
        let failure = try #require(origin.body(of: "job-1/3/fail"))
        #expect(failure["detail"]?.string == "signal 11; bad")
        #expect(failure["retryable"]?.bool == true)
    }

    @Test func `a lost lease ends the child and nothing more is reported of the unit`() async throws {
        let origin = try FakeOrigin(upload: [1])
        let process = ScriptedProcess([.says(.planned(Film.plan)), .hangs])
        let isStarted = Mutex(false)
        let isTaken = Mutex(false)
        let child: @Sendable (TranscodeOrder) -> ScriptedProcess = { _ in
            isStarted.withLock { $0 = true }
            return process
        }
        let page = try await work(for: origin, children: child) {
            if isStarted.withLock({ $0 }), origin.heartbeats > 0, !isTaken.withLock({ $0 }) {
                origin.takeAway(0)
                isTaken.withLock { $0 = true }
            }
            return process.isCollected
        }
        #expect(process.isKilled)
        #expect(origin.journal == [])
        #expect(page.contains("weir_transcoder_units_total{kind=\"probe\",outcome=\"lost\"} 1\n"))
    }

    @Test func `a report is repeated while the origin is away`() async throws {
        let origin = try FakeOrigin(upload: [1])
        origin.refuse("/segments", with: 503, times: 2)
        try await work(for: origin) { origin.isReady() }
        #expect(!origin.journal.contains { $0.hasSuffix("fail") && !$0.hasSuffix("5/fail") })
    }

    @Test func `a worker that must stop gives its unit back to the queue`() async throws {
        let origin = try FakeOrigin(upload: [1])
        let process = ScriptedProcess([.says(.planned(Film.plan)), .hangs])
        let isBegun = Mutex(false)
        try await work(
            for: origin,
            children: { _ in
                isBegun.withLock { $0 = true }
                return process
            }, until: { isBegun.withLock { $0 } })
        let failure = try #require(origin.body(of: "job-1/0/fail"))
        #expect(failure["retryable"]?.bool == true)
        #expect(failure["detail"]?.string == "drained")
        #expect(process.isKilled && process.isCollected)
    }

    @Test func `an upload above the limit is refused without a download`() async throws {
        let origin = try FakeOrigin(upload: Array(repeating: 1, count: 1_048_577))
        try await work(for: origin, changes: ["limits": ["uploadMebibytes": 1]]) { origin.isDead() }
        let failure = try #require(origin.body(of: "job-1/0/fail"))
        #expect(failure["reason"]?.string?.contains("larger than the 1 MiB") == true)
        #expect(failure["retryable"]?.bool == false)
        #expect(origin.downloads == 0)
    }

    @Test func `units run side by side, but no more than there is memory for`() async throws {
        let origin = try FakeOrigin(upload: [1])
        var plan = Film.plan
        for index in plan.units.indices { plan.units[index].memoryMebibytes = 400 }
        origin.plan(plan)
        let gate = ScriptedProcess.Gate()
        let begun = Mutex(0)
        let metrics = MetricsRegistry()
        let asked = Mutex<[Int64]>([])
        try await work(
            for: origin, changes: ["work": ["jobs": 4, "memoryMebibytes": 1000]], metrics: metrics,
            children: { order in
                begun.withLock { $0 += 1 }
                return ScriptedProcess([.waits(gate)] + Film.events(for: order).map { .says($0) })
            },
            until: {
                let wishes = origin.leases.compactMap { $0["memoryMebibytes"]?.integer }
                if begun.withLock({ $0 }) == 2, wishes.filter({ $0 == 200 }).count > 2 {
                    asked.withLock { $0 = wishes }
                    gate.open()
                }
                return origin.isReady()
            })
        #expect(Set(asked.withLock { $0 }) == [1000, 600, 200])
    }

    @Test func `units are counted by kind and by how they ended`() async throws {
        let origin = try FakeOrigin(upload: [1])
        let page = try await work(for: origin) { origin.isReady() }
        let ends: [(String, WorkerMetrics.Outcome, Int)] = [
            ("probe", .done, 1), ("pictures", .done, 3), ("sound", .done, 1), ("finish", .failed, 1),
        ]
        for (kind, end, count) in ends {
            for outcome in WorkerMetrics.Outcome.allCases {
                let expected = outcome == end ? count : 0
                let line = "weir_transcoder_units_total{kind=\"\(kind)\",outcome=\"\(outcome.rawValue)\"} \(expected)\n"
                #expect(page.contains(line), "\(line)")
            }
            #expect(page.contains("weir_transcoder_pace{kind=\"\(kind)\"} 0\n") == (end == .failed))
        }
        #expect(page.contains("weir_transcoder_units_running 0\n"))
        #expect(page.contains("weir_transcoder_unit_slots 1\n"))
        #expect(page.contains("weir_transcoder_build_info{version="))
    }

    @Test func `an origin that does not answer is counted`() async throws {
        let origin = try FakeOrigin(upload: [1])
        origin.refuse("lease", with: 503)
        let metrics = MetricsRegistry()
        let isCounted: @Sendable () -> Bool = {
            !Self.page(metrics).contains("weir_transcoder_lease_failures_total 0\n")
        }
        try await work(for: origin, metrics: metrics, until: isCounted)
        #expect(isCounted())
    }

    @Test func `operators find health and metrics on a listener of their own`() async throws {
        let group = try EventLoopGroup(loops: 1, name: "worker")
        let metrics = MetricsRegistry()
        WorkerMetrics(metrics).resized(3)
        let listener = try OperatorListener(.loopback(port: 0), metrics: metrics, on: group)
        let pool = try BlockingPool(name: "resolver", threads: 1, queueLimit: 4)
        let client = HTTPClient(loop: group.loops[0], resolver: Resolver(pool: pool))
        for (target, text) in [
            ("/healthz", "ok"), ("/readyz", "ok"), ("/metrics", "weir_transcoder_unit_slots 3\n"),
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

    @Test func `more jobs at least than at most are refused with their key`() throws {
        let document: JSONObject = [
            "origin": ["url": "http://a:1", "workerToken": "t"],
            "objects": ["url": "http://a:1", "accessKeyId": "a", "secretAccessKey": "s"],
            "work": ["jobs": 4, "maximumJobs": 3],
        ]
        let configuration = try Configuration(.object(document), parameters: TranscoderParameters.all)
        let error = #expect(throws: ConfigurationRefused.self) { try TranscoderSettings(configuration) }
        #expect(error?.description.contains("$.work.maximumJobs: 3 is less than the 4") == true)
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
