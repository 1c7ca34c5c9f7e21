import JSON
import Presentation
import Testing
import Transcode

@Suite struct TranscodeEventTests {
    static let outline = PresentationOutline(
        renditions: [
            RenditionOutline(
                name: "720p", content: .video(width: 1280, height: 720, frameRateThousandths: 25_000),
                codec: "avc1.64001f",
                declaredPeak: 3_900_000, declaredAverage: 3_000_000),
            RenditionOutline(
                name: "audio", content: .audio(language: "de", channels: 2, isDefault: true), codec: "mp4a.40.2",
                declaredPeak: 160_000, declaredAverage: 128_000),
        ], targetDurationSeconds: 6, durationSeconds: 12.5, explanation: ["decisions": []])

    static let events: [TranscodeEvent] = [
        .started(outline), .initialization(rendition: 1, bytes: [1, 2, 3]),
        .segment(rendition: 0, number: 1, durationMicroseconds: 6_000_000, bytes: Array(repeating: 7, count: 70_000)),
        .progress(0.25), .finished(durationMicroseconds: 12_500_000, explanation: ["a": 1]),
        .failed(TranscodeFailure(reason: "no", detail: "because", isRetryable: true)),
    ]

    @Test(arguments: [1, 7, 4096, 1 << 20])
    func `events cross the pipe unchanged, however it is cut`(pieceBytes: Int) throws {
        let bytes = Self.events.flatMap(\.encoded)
        var reader = TranscodeEventReader()
        var received: [TranscodeEvent] = []
        for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
            reader.append(bytes[start..<min(start + pieceBytes, bytes.count)])
            while let event = try reader.next() { received.append(event) }
        }
        #expect(received == Self.events)
        #expect(!reader.isInsideFrame)
    }

    @Test(arguments: [
        #"{"event":"unknown"}"#, #"{}"#, #"[]"#,
        #"{"event":"segment","rendition":-1,"number":1,"durationMicroseconds":1}"#,
        #"{"event":"segment","rendition":0,"number":0,"durationMicroseconds":1}"#,
        #"{"event":"segment","rendition":0,"number":1,"durationMicroseconds":0}"#,
        #"{"event":"progress","thousandths":1001}"#, #"{"event":"started","outline":{}}"#, "not json",
        #"{"event":"started","outline":{"targetDurationSeconds":6,"renditions":[],"explanation":null}}"#,
    ])
    func `a header that is no event ends the conversation`(header: String) {
        var reader = TranscodeEventReader()
        reader.append([0, 0, 0, UInt8(header.utf8.count), 0, 0, 0, 0] + Array(header.utf8))
        #expect(throws: TranscodeEventReader.Violation.self) { try reader.next() }
    }

    @Test func `lengths beyond the bounds are refused before anything is kept`() {
        var reader = TranscodeEventReader()
        reader.append([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])
        #expect(throws: TranscodeEventReader.Violation.self) { try reader.next() }
    }
}
