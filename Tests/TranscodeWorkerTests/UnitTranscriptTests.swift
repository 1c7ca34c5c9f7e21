import Presentation
import Testing
import Transcode

@testable import TranscodeWorker

@Suite struct UnitTranscriptTests {
    private func probe(_ plan: WorkPlan = Film.plan) throws -> UnitTranscript {
        var transcript = UnitTranscript(.plan)
        try transcript.planned(plan)
        return transcript
    }

    private func unit() -> UnitTranscript {
        UnitTranscript(.segments(Film.outline, Film.unit(4, .pictures, [0, 1], 2...3)))
    }

    @Test func `a probe plans and gives every init segment in order`() throws {
        var transcript = try probe()
        let folders = try (0..<3).map { try transcript.initialization(of: $0, bytes: 700) }
        #expect(folders == ["234p", "720p", "audio"])
        try transcript.finished()
        #expect(transcript.plan == Film.plan)
    }

    @Test func `a unit gives its segments, each rendition's in order`() throws {
        var transcript = unit()
        for (rendition, number) in [(0, 2), (0, 3), (1, 2), (1, 3)] {
            let path = try transcript.segment(number, of: rendition, bytes: 10, durationMicroseconds: 6_000_000)
            #expect(path == "\(["234p", "720p"][rendition])/0000\(number).m4s")
        }
        try transcript.finished()
    }

    @Test func `a plan whose units leave a gap, overlap or forget a rendition is refused`() {
        var plans = [Film.plan, Film.plan, Film.plan]
        plans[0].units[3] = Film.unit(4, .pictures, [0, 1], 3...3)
        plans[1].units[3] = Film.unit(4, .pictures, [0, 1], 1...2)
        plans[2].units.remove(at: 1)
        for plan in plans { #expect(throws: UnitTranscript.Violation.self) { try probe(plan) } }
    }

    @Test func `a probe that says too much or too little is refused`() throws {
        var early = UnitTranscript(.plan)
        #expect(throws: UnitTranscript.Violation.self) { try early.initialization(of: 0, bytes: 1) }
        var twice = try probe()
        #expect(throws: UnitTranscript.Violation.self) { try twice.planned(Film.plan) }
        var skipping = try probe()
        #expect(throws: UnitTranscript.Violation.self) { try skipping.initialization(of: 1, bytes: 1) }
        var large = try probe()
        #expect(throws: UnitTranscript.Violation.self) { try large.initialization(of: 0, bytes: 2 << 20) }
        var encoding = try probe()
        #expect(throws: UnitTranscript.Violation.self) {
            try encoding.segment(1, of: 0, bytes: 1, durationMicroseconds: 1)
        }
        let incomplete = try probe()
        #expect(throws: UnitTranscript.Violation.self) { try incomplete.finished() }
        let silent = UnitTranscript(.plan)
        #expect(throws: UnitTranscript.Violation.self) { try silent.finished() }
    }

    @Test(arguments: [(2, 2), (0, 1), (0, 3), (0, 4), (7, 2)])
    func `a segment that is not the unit's next one is refused`(rendition: Int, number: Int) {
        var transcript = unit()
        #expect(throws: UnitTranscript.Violation.self) {
            try transcript.segment(number, of: rendition, bytes: 10, durationMicroseconds: 6_000_000)
        }
    }

    @Test(arguments: [(0, 6_000_000), (60_000_000, 6_000_000), (10, 0), (10, 7_000_000)] as [(Int, Int64)])
    func `a segment of impossible size or length is refused`(bytes: Int, duration: Int64) {
        var transcript = unit()
        #expect(throws: UnitTranscript.Violation.self) {
            try transcript.segment(2, of: 0, bytes: bytes, durationMicroseconds: duration)
        }
    }

    @Test func `a unit that ends before its last segment is refused, one that goes on after it as well`() throws {
        var transcript = unit()
        for number in 2...3 {
            _ = try transcript.segment(number, of: 0, bytes: 10, durationMicroseconds: 6_000_000)
        }
        #expect(throws: UnitTranscript.Violation("it finished without segment 2 of rendition 1")) {
            try transcript.finished()
        }
        #expect(throws: UnitTranscript.Violation.self) {
            try transcript.segment(4, of: 0, bytes: 10, durationMicroseconds: 6_000_000)
        }
        #expect(throws: UnitTranscript.Violation.self) { try transcript.planned(Film.plan) }
    }
}
