import EventLoop
import JSON
import Playlist
import Presentation
import Synchronization
import Testing
import Transcode

@testable import TranscodeWorker

/// Keeps what is stored and checks, with every playlist, that all it names is there already.
private final class CheckingDestination: Destination {
    struct Full: Error {}

    private let files = Mutex<[String: [UInt8]]>([:])
    private let order = Mutex<[String]>([])
    private let failsAt: String?

    init(failsAt: String? = nil) { self.failsAt = failsAt }

    var paths: [String] { order.withLock { $0 } }

    func text(_ path: String) -> String {
        String(decoding: files.withLock { $0[path] ?? [] }, as: UTF8.self)
    }

    func put(_ path: String, _ bytes: [UInt8], as kind: FileKind) async throws {
        if path == failsAt { throw Full() }
        let names = files.withLock { Set($0.keys) }
        if path == "index.m3u8" {
            let playlist = try MultivariantPlaylist(parsing: bytes)
            let uris = playlist.variants.map(\.uri) + playlist.renditions.compactMap(\.uri)
            #expect(names.isSuperset(of: uris))
        } else if path.hasSuffix("index.m3u8") {
            let folder = path.dropLast("index.m3u8".count)
            let playlist = try MediaPlaylist(parsing: bytes)
            let uris = playlist.segments.flatMap { [$0.uri, $0.map?.uri ?? ""] }
            #expect(names.isSuperset(of: uris.map { folder + $0 }))
        }
        files.withLock { $0[path] = bytes }
        order.withLock { $0.append(path) }
    }
}

@Suite struct JobRunTests {
    private func run(
        _ process: ScriptedProcess, into destination: CheckingDestination = CheckingDestination(),
        playable: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> JobRun.Result {
        let pool = try BlockingPool(name: "child", threads: 1, queueLimit: 4)
        let run = JobRun(
            child: process, destination: destination, pool: pool,
            observer: .init(
                started: { _ in }, progressed: { _ in }, becamePlayable: { _ in try await playable() }))
        return try await run.run()
    }

    @Test func `no playlist ever names a file that is not there`() async throws {
        let destination = CheckingDestination()
        let process = ScriptedProcess(events: Film.events)
        let result = try await run(process, into: destination)
        #expect(result.durationSeconds == 12)
        #expect(process.isCollected)
        #expect(destination.paths.last == "index.m3u8")
        let final = try MediaPlaylist(parsing: Array(destination.text("720p/index.m3u8").utf8))
        #expect(final.kind == .vod && final.isEnded && final.segments.count == 2)
        let multivariant = try MultivariantPlaylist(parsing: Array(destination.text("index.m3u8").utf8))
        #expect(multivariant.variants.allSatisfy { $0.bandwidth == 1334 + 1334 })
    }

    @Test func `it is playable when the first segment of everything and all playlists are stored`() async throws {
        let destination = CheckingDestination()
        let seen = Mutex<[String]>([])
        _ = try await run(ScriptedProcess(events: Film.events), into: destination) {
            seen.withLock { $0 = destination.paths }
        }
        let paths = seen.withLock { $0 }
        #expect(paths.filter { $0.hasSuffix("00001.m4s") }.count == 3)
        #expect(!paths.contains { $0.hasSuffix("00002.m4s") })
        #expect(paths.filter { $0.hasSuffix("index.m3u8") }.count == 4)
        #expect(paths.last == "index.m3u8")
    }

    @Test func `a failure of the upload is handed on as it is`() async throws {
        let failure = TranscodeFailure(reason: "This file is no film.")
        let process = ScriptedProcess(events: [.failed(failure)])
        await #expect(throws: failure) { try await run(process) }
        #expect(process.isCollected)
    }

    @Test func `a crash becomes a reason, with the signal and the last words as detail`() async throws {
        let process = ScriptedProcess(
            [.says(.started(Film.outline))], exit: ProcessExit(code: -1, signal: 11, words: "first\nlast words\n"))
        let failure = await #expect(throws: TranscodeFailure.self) { try await run(process) }
        #expect(failure?.reason.contains("crashed") == true)
        #expect(failure?.detail.contains("signal 11") == true)
        #expect(failure?.detail.contains("last words") == true)
        #expect(failure?.isRetryable == true)
    }

    @Test(
        arguments: [
            [.says(Film.segment(0, 1))],
            [.says(.started(Film.outline)), .says(Film.segment(0, 2))],
            [.says(.started(Film.outline)), .says(Film.segment(7, 1))],
            [.says(.started(Film.outline)), .says(.started(Film.outline))],
            [.says(.started(Film.outline)), .says(.finished(durationMicroseconds: 1, explanation: [:]))],
            [.bytes([0, 0, 0, 2, 0, 0, 0, 0, 0x7b, 0x7d])], [.bytes(Array(repeating: 0xff, count: 64))],
        ] as [[ScriptedProcess.Step]])
    func `a child that breaks the protocol is killed and nothing more of it is believed`(
        steps: [ScriptedProcess.Step]
    ) async throws {
        let process = ScriptedProcess(steps + [.hangs])
        let failure = await #expect(throws: TranscodeFailure.self) { try await run(process) }
        #expect(process.isKilled && process.isCollected)
        #expect(failure?.detail.hasPrefix("protocol:") == true)
    }

    @Test func `a store that fails ends the child`() async throws {
        let process = ScriptedProcess(Film.events.map { .says($0) } + [.hangs])
        await #expect(throws: CheckingDestination.Full.self) {
            try await run(process, into: CheckingDestination(failsAt: "720p/00001.m4s"))
        }
        #expect(process.isKilled && process.isCollected)
    }

    @Test func `a child killed from outside while it hangs is collected`() async throws {
        let process = ScriptedProcess([.says(.started(Film.outline)), .hangs])
        let stopper = Task { process.kill() }
        await #expect(throws: TranscodeFailure.self) { try await run(process) }
        await stopper.value
        #expect(process.isCollected)
    }
}
