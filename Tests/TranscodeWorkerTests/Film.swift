import JSON
import Presentation
import Transcode

@testable import TranscodeWorker

/// A film of two sizes and sound, two segments each, made in four units.
enum Film {
    static let outline = PresentationOutline(
        renditions: [
            video("234p", 416, 234), video("720p", 1280, 720),
            RenditionOutline(
                name: "audio", content: .audio(language: nil, channels: 2, isDefault: true), codec: "mp4a.40.2",
                declaredPeak: 160_000, declaredAverage: 128_000),
        ], targetDurationSeconds: 6, durationSeconds: 12, explanation: ["decisions": []])

    static let plan = WorkPlan(
        outline: outline, media: ["plan": 1],
        units: [
            unit(1, .pictures, [0], 1...1), unit(2, .sound, [2], 1...2), unit(3, .pictures, [1], 1...1),
            unit(4, .pictures, [0, 1], 2...2),
        ])

    static let probe: [TranscodeEvent] =
        [.planned(plan)] + (0..<3).map { .initialization(rendition: $0, bytes: [UInt8($0), 1]) } + [.finished(notes)]

    static let notes = UnitNotes(packets: 10, frames: 9, processorMilliseconds: 5)

    /// What a good child says of an order.
    static func events(for order: TranscodeOrder) -> [TranscodeEvent] {
        guard case .unit(let unit, _) = order else { return probe }
        return segments(of: unit) + [.progress(1), .finished(notes)]
    }

    static func segments(of unit: UnitOutline) -> [TranscodeEvent] {
        unit.segments.flatMap { number in unit.renditions.map { segment($0, number) } }
    }

    static func segment(_ rendition: Int, _ number: Int, fill: UInt8? = nil) -> TranscodeEvent {
        .segment(
            rendition: rendition, number: number, durationMicroseconds: 6_000_000,
            bytes: Array(repeating: fill ?? UInt8(number), count: 1000 + rendition))
    }

    static func unit(
        _ number: Int, _ kind: UnitOutline.Kind, _ renditions: [Int], _ segments: ClosedRange<Int>, memory: Int = 200
    ) -> UnitOutline {
        UnitOutline(
            number: number, kind: kind, renditions: renditions, segments: segments, memoryMebibytes: memory, detail: [:]
        )
    }

    private static func video(_ name: String, _ width: Int, _ height: Int) -> RenditionOutline {
        RenditionOutline(
            name: name, content: .video(width: width, height: height, frameRateThousandths: 25_000),
            codec: "avc1.64001f", declaredPeak: 400_000, declaredAverage: 365_000)
    }
}
