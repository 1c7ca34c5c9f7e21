import AccessSigning
import EventLoop
import Presentation
import Synchronization
import TestKit
import Testing
import Transcode

@testable import TranscodeWorker

/// Keeps what is stored and reported, in one order.
private final class Journal: Destination {
    struct Full: Error {}

    private let lines = Mutex<[String]>([])
    private let failsAt: String?

    init(failsAt: String? = nil) { self.failsAt = failsAt }

    var all: [String] { lines.withLock { $0 } }

    func put(_ path: String, _ bytes: [UInt8], hash: String, as kind: FileKind) async throws {
        if path == failsAt { throw Full() }
        #expect(hash == SigV4.payloadHash(bytes))
        lines.withLock { $0.append("put \(path)") }
    }

    func report(_ segments: [StoredSegment]) {
        lines.withLock { lines in
            for segment in segments {
                let path = Film.outline.renditions[segment.rendition].path(ofSegment: segment.number)
                lines.append("report \(path)")
            }
        }
    }
}

@Suite struct UnitRunTests {
    private static let unit = Film.unit(4, .pictures, [0, 1], 1...2)

    private func run(
        _ process: ScriptedProcess, _ request: UnitTranscript.Request = .segments(Film.outline, Self.unit),
        stored: [LeasedUnit.Place: String] = [:], into journal: Journal = Journal(),
        reporting: (@Sendable ([StoredSegment]) async throws -> Void)? = nil
    ) async throws -> UnitRun.Result {
        let pool = try BlockingPool(name: "child", threads: 2, queueLimit: 4)
        return try await UnitRun(
            child: process, request: request, stored: stored, destination: journal, pool: pool,
            report: reporting ?? { journal.report($0) }
        ).run()
    }

    private static let events = Film.segments(of: unit) + [.finished(Film.notes)]

    @Test func `a segment is stored before it is reported, all in the order in which they came`() async throws {
        let journal = Journal()
        let process = ScriptedProcess(events: Self.events)
        let result = try await run(process, into: journal)
        let names = ["234p/00001.m4s", "720p/00001.m4s", "234p/00002.m4s", "720p/00002.m4s"]
        #expect(journal.all.filter { $0.hasPrefix("put") } == names.map { "put \($0)" })
        #expect(journal.all.filter { $0.hasPrefix("report") } == names.map { "report \($0)" })
        for name in names {
            let (put, report) = (
                journal.all.firstIndex(of: "put \(name)"), journal.all.firstIndex(of: "report \(name)")
            )
            #expect(try #require(put) < #require(report))
        }
        #expect(result.notes == Film.notes && result.plan == nil && result.bytes == 4002)
        #expect(process.isCollected)
    }

    @Test func `a probe stores the init segments and answers the plan`() async throws {
        let journal = Journal()
        let result = try await run(ScriptedProcess(events: Film.probe), .plan, into: journal)
        #expect(journal.all == ["put 234p/init.mp4", "put 720p/init.mp4", "put audio/init.mp4"])
        #expect(result.plan == Film.plan)
    }

    @Test func `what is committed already is neither stored nor reported again`() async throws {
        let journal = Journal()
        let bytes = [UInt8](repeating: 1, count: 1000)
        let stored = [LeasedUnit.Place(rendition: 0, number: 1): SigV4.payloadHash(bytes)]
        _ = try await run(ScriptedProcess(events: Self.events), stored: stored, into: journal)
        #expect(!journal.all.contains { $0.hasSuffix("234p/00001.m4s") })
        #expect(journal.all.count == 6)
    }

    @Test func `other bytes under a committed number are a failure that names both`() async throws {
        let hash = String(repeating: "a", count: 64)
        let stored = [LeasedUnit.Place(rendition: 0, number: 1): hash]
        let journal = Journal()
        let failure = await #expect(throws: TranscodeFailure.self) {
            try await run(ScriptedProcess(events: Self.events), stored: stored, into: journal)
        }
        #expect(failure?.detail.contains(hash) == true)
        #expect(failure?.detail.hasPrefix("234p/00001.m4s") == true)
        #expect(journal.all == [])
    }

    @Test func `a failure of the upload is handed on as it is`() async throws {
        let failure = TranscodeFailure(reason: "This file is no film.")
        let process = ScriptedProcess(events: [.failed(failure)])
        await #expect(throws: failure) { try await run(process) }
        #expect(process.isCollected)
    }

    @Test func `a crash becomes a reason, with the signal and the last words as detail`() async throws {
        let process = ScriptedProcess(
            [.says(Film.segment(0, 1))], exit: ProcessExit(code: -1, signal: 11, words: "first\nlast words\n"))
        let failure = await #expect(throws: TranscodeFailure.self) { try await run(process) }
        #expect(failure?.reason.contains("crashed") == true)
        #expect(failure?.detail.contains("signal 11") == true)
        #expect(failure?.detail.contains("last words") == true)
        #expect(failure?.isRetryable == true)
    }

    @Test(
        arguments: [
            [.says(Film.segment(2, 1))], [.says(Film.segment(0, 2))], [.says(Film.segment(7, 1))],
            [.says(Film.segment(0, 1)), .says(.finished(Film.notes))], [.says(.planned(Film.plan))],
            [.says(.initialization(rendition: 0, bytes: [1]))], [.bytes([0, 0, 0, 2, 0, 0, 0, 0, 0x7b, 0x7d])],
            [.bytes(Array(repeating: 0xff, count: 64))],
        ] as [[ScriptedProcess.Step]])
    func `a child that breaks the protocol is killed and nothing more of it is believed`(
        steps: [ScriptedProcess.Step]
    ) async throws {
        let process = ScriptedProcess(steps + [.hangs])
        let failure = await #expect(throws: TranscodeFailure.self) { try await run(process) }
        #expect(process.isKilled && process.isCollected)
        #expect(failure?.detail.hasPrefix("protocol:") == true)
        #expect(failure?.isRetryable == false)
    }

    @Test func `a store that fails ends the child`() async throws {
        let process = ScriptedProcess(Self.events.map { .says($0) } + [.hangs])
        await #expect(throws: Journal.Full.self) {
            try await run(process, into: Journal(failsAt: "720p/00001.m4s"))
        }
        #expect(process.isKilled && process.isCollected)
    }

    @Test func `a report that is refused ends the child`() async throws {
        let process = ScriptedProcess([.says(Film.segment(0, 1)), .hangs])
        await #expect(throws: OriginClient.LeaseLost.self) {
            try await run(process, reporting: { _ in throw OriginClient.LeaseLost() })
        }
        #expect(process.isKilled && process.isCollected)
    }

    @Test func `a child goes on encoding while a segment is on its way`() async throws {
        let gate = ScriptedProcess.Gate()
        let isRead = Mutex(false)
        let process = ScriptedProcess(
            [.says(Film.segment(0, 1)), .says(Film.segment(1, 1)), .says(Film.segment(0, 2)), .waits(gate)]
                + [.says(Film.segment(1, 2)), .says(.finished(Film.notes))])
        _ = try await run(
            process,
            reporting: { _ in
                // Whatever the report takes, the rest of the pipe is read meanwhile.
                isRead.withLock { $0 = true }
                gate.open()
            })
        #expect(isRead.withLock { $0 })
    }

    @Test func `a unit that is cancelled while its child hangs ends and the child with it`() async throws {
        let process = ScriptedProcess([.says(Film.segment(0, 1)), .hangs])
        let journal = Journal()
        let unit = Task { try await run(process, into: journal) }
        let began = await eventually { journal.all.contains("report 234p/00001.m4s") }
        unit.cancel()
        await #expect(throws: CancellationError.self) { try await unit.value }
        #expect(began && process.isKilled && process.isCollected)
    }
}
