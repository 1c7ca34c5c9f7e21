import Glibc
import JSON
import Presentation
import Synchronization
import Transcode

@testable import TranscodeWorker

/// Says what a test wants a child to say.
final class ScriptedProcess: TranscodeProcess {
    enum Step: Sendable {
        case says(TranscodeEvent)
        case bytes([UInt8])
        /// Says nothing until it is killed.
        case hangs
    }

    private struct State {
        var steps: [Step]
        var isKilled = false
        var isCollected = false
    }

    private let state: Mutex<State>
    /// A pipe that ends when the process is killed.
    private let alive: (reading: Int32, writing: Int32)
    private let exit: ProcessExit

    init(_ steps: [Step], exit: ProcessExit = ProcessExit(code: 0, signal: 0, words: "")) {
        state = Mutex(State(steps: steps))
        self.exit = exit
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0)
        alive = (ends[0], ends[1])
    }

    deinit {
        kill()
        close(alive.reading)
    }

    convenience init(events: [TranscodeEvent]) { self.init(events.map { .says($0) }) }

    var isKilled: Bool { state.withLock { $0.isKilled } }
    var isCollected: Bool { state.withLock { $0.isCollected } }

    func read() -> [UInt8]? {
        let step = state.withLock { $0.steps.isEmpty ? nil : $0.steps.removeFirst() }
        switch step {
        case nil: return nil
        case .says(let event): return event.encoded
        case .bytes(let bytes): return bytes
        case .hangs:
            var byte: UInt8 = 0
            while Glibc.read(alive.reading, &byte, 1) < 0, errno == EINTR {}
            return nil
        }
    }

    func kill() {
        let isFirst = state.withLock { state in
            defer { state.isKilled = true }
            return !state.isKilled
        }
        if isFirst { close(alive.writing) }
    }

    func wait() -> ProcessExit {
        state.withLock { state in
            state.isCollected = true
            return state.isKilled ? ProcessExit(code: -1, signal: 9, words: "") : exit
        }
    }
}

/// A film of two sizes and sound, two segments each.
enum Film {
    static let outline = PresentationOutline(
        renditions: [
            video("234p", 416, 234), video("720p", 1280, 720),
            RenditionOutline(
                name: "audio", content: .audio(language: nil, channels: 2, isDefault: true), codec: "mp4a.40.2",
                declaredPeak: 160_000, declaredAverage: 128_000),
        ], targetDurationSeconds: 6, durationSeconds: 12, explanation: ["decisions": []])

    static let events: [TranscodeEvent] =
        [.started(outline)] + (0..<3).map { .initialization(rendition: $0, bytes: [0]) }
        + [1, 2].flatMap { number in (0..<3).map { segment($0, number) } }
        + [.progress(0.5), .finished(durationMicroseconds: 12_000_000, explanation: ["decisions": []])]

    static func segment(_ rendition: Int, _ number: Int) -> TranscodeEvent {
        .segment(
            rendition: rendition, number: number, durationMicroseconds: 6_000_000,
            bytes: Array(repeating: UInt8(number), count: 1000))
    }

    private static func video(_ name: String, _ width: Int, _ height: Int) -> RenditionOutline {
        RenditionOutline(
            name: name, content: .video(width: width, height: height, frameRateThousandths: 25_000),
            codec: "avc1.64001f",
            declaredPeak: 400_000, declaredAverage: 365_000)
    }
}
