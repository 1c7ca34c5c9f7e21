import Crypto
import EventLoop
import Glibc
import MediaPlan
import Playlist
import Presentation
import Synchronization
import TestKit
import Testing
import Transcode

@testable import TranscodeWorker

@Suite struct LocalJobTests {
    private final class Log: Sendable {
        let lines = Mutex<[String]>([])

        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private func job(
        into directory: String, contentKey: ContentKey? = nil, sideBySide: Int = 1, memoryMebibytes: Int = 4096,
        log: Log = Log(),
        children: @escaping @Sendable (TranscodeOrder) -> ScriptedProcess = {
            ScriptedProcess(events: Film.events(for: $0))
        }
    ) throws -> LocalJob {
        LocalJob(
            input: 0, publication: LocalPublication(directory: directory), options: TranscodeOptions(),
            contentKey: contentKey, limits: .init(),
            admission: Admission(
                slots: sideBySide, memory: MemoryBudget(set: memoryMebibytes, slots: sideBySide, machine: 8192),
                processors: sideBySide),
            pool: try BlockingPool(name: "child", threads: 4, queueLimit: 16),
            observer: .init(
                planned: { log.add("planned \($0.units.count)") }, progressed: { log.add("\(Int($0 * 100))") },
                becamePlayable: { log.add("playable") }),
            start: { _, order, threads, _ in
                if case .unit(let unit, _) = order {
                    log.add("unit \(unit.number)")
                    log.add("threads \(threads)")
                }
                return children(order)
            })
    }

    private func text(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }

    @Test func `units are done in their order and leave a finished presentation`() async throws {
        let directory = TemporaryDirectory()
        let log = Log()
        let result = try await job(into: directory.path, log: log).run()
        let lines = log.lines.withLock { $0 }
        #expect(lines.filter { $0.hasPrefix("unit") } == ["unit 1", "unit 2", "unit 3", "unit 4"])
        #expect(lines.first == "planned 4" && lines.last == "100")
        #expect(lines.filter { $0 == "playable" }.count == 1)
        let list = try MediaPlaylist(parsing: text("\(directory.path)/720p/index.m3u8"))
        #expect(list.kind == .vod && list.isEnded && list.segments.count == 2)
        let multivariant = try MultivariantPlaylist(parsing: text("\(directory.path)/index.m3u8"))
        #expect(multivariant.variants.count == 2)
        #expect(result.usage.count == 5)
    }

    @Test func `it is playable with the lowest size and the sound, before the other sizes are begun`() async throws {
        let directory = TemporaryDirectory()
        let log = Log()
        _ = try await job(into: directory.path, log: log).run()
        let lines = log.lines.withLock { $0 }
        let (playable, third) = (lines.firstIndex(of: "playable"), lines.firstIndex(of: "unit 3"))
        #expect(try #require(playable) < #require(third))
    }

    @Test func `units side by side give the same files`() async throws {
        let (alone, together) = (TemporaryDirectory(), TemporaryDirectory())
        _ = try await job(into: alone.path).run()
        _ = try await job(into: together.path, sideBySide: 4).run()
        for path in ["index.m3u8", "234p/index.m3u8", "234p/00002.m4s", "audio/init.mp4"] {
            #expect(try text("\(alone.path)/\(path)") == text("\(together.path)/\(path)"), "\(path)")
        }
    }

    @Test func `units that have no room side by side are done one after the other, with the threads of both`()
        async throws
    {
        let directory = TemporaryDirectory()
        let log = Log()
        let last = Mutex<ScriptedProcess?>(nil)
        let job = try job(into: directory.path, sideBySide: 2, memoryMebibytes: 300, log: log) { order in
            let process = ScriptedProcess(events: Film.events(for: order))
            let before = last.withLock { last in
                defer { last = process }
                return last
            }
            #expect(before?.isCollected != false)
            return process
        }
        _ = try await job.run()
        let lines = log.lines.withLock { $0 }
        #expect(lines.filter { $0.hasPrefix("unit") } == ["unit 1", "unit 2", "unit 3", "unit 4"])
        #expect(lines.filter { $0.hasPrefix("threads") } == Array(repeating: "threads 2", count: 4))
    }

    @Test func `a unit that needs more than there is is done alone`() async throws {
        let directory = TemporaryDirectory()
        let result = try await job(into: directory.path, sideBySide: 2, memoryMebibytes: 100).run()
        #expect(result.usage.count == 5)
    }

    @Test func `an encrypted presentation names its key, and its segments open with it`() async throws {
        let (directory, again) = (TemporaryDirectory(), TemporaryDirectory())
        let key = try #require(ContentKey(Array(0...15)))
        _ = try await job(into: directory.path, contentKey: key).run()
        _ = try await job(into: again.path, contentKey: key, sideBySide: 4).run()
        #expect(try text("\(directory.path)/content.key") == key.bytes)
        #expect(try text("\(directory.path)/234p/init.mp4") == [0, 1])
        for rendition in ["234p", "720p", "audio"] {
            let list = try MediaPlaylist(parsing: text("\(directory.path)/\(rendition)/index.m3u8"))
            #expect(list.segments.allSatisfy { $0.keys.map(\.uri) == ["../content.key"] })
            for number in 1...2 {
                let path = "\(rendition)/0000\(number).m4s"
                let stored = try text("\(directory.path)/\(path)")
                #expect(stored == (try text("\(again.path)/\(path)")))
                let vector = [UInt8](repeating: 0, count: 15) + [UInt8(number)]
                let clear = try AESCBC.open(stored, key: key.bytes, vector: vector)
                #expect(clear.count >= 1000 && clear.allSatisfy { $0 == UInt8(number) })
            }
        }
    }

    @Test func `a unit that fails ends the job and every other child`() async throws {
        let directory = TemporaryDirectory()
        let hanging = ScriptedProcess([.hangs])
        let job = try job(into: directory.path, sideBySide: 2) { order in
            guard case .unit(let unit, _) = order else { return ScriptedProcess(events: Film.probe) }
            return unit.number == 1
                ? hanging : ScriptedProcess([], exit: ProcessExit(code: -1, signal: SIGABRT, words: ""))
        }
        await #expect(throws: TranscodeFailure.self) { try await job.run() }
        #expect(hanging.isKilled && hanging.isCollected)
    }
}

@Suite struct FileOptionsTests {
    @Test func `the command line says what goes where`() throws {
        let options = try FileOptions([
            "--output", "b", "--units", "3", "--preset", "fast", "--codecs", "hevc", "--encryption", "aes-128",
            "--input", "a",
        ])
        #expect(options.input == "a" && options.output == "b" && options.units == 3)
        #expect(
            options.transcode.preset == "fast"
                && options.transcode.video == VideoOptions(codecs: [.hevc], encryption: .aes128))
    }

    @Test(
        arguments: [
            ["--input"], ["--input", "a"], ["--output", "b"], ["--input", "a", "--output", "b", "--units", "0"],
            ["--input", "a", "--output", "b", "--color", "red"],
            ["--input", "a", "--output", "b", "--codecs", "h264,vp9"],
            ["--input", "a", "--output", "b", "--encryption", "rot13"],
        ])
    func `a wrong command line is refused with the right one`(words: [String]) {
        let error = #expect(throws: FileOptions.Wrong.self) { try FileOptions(words) }
        #expect(error?.description.contains("--input FILE --output DIRECTORY") == true)
    }
}
