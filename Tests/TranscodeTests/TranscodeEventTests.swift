import JSON
import MediaPlan
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

    static let plan = WorkPlan(
        outline: outline, media: ["frames": 312],
        units: [
            UnitOutline(
                number: 1, kind: .pictures, renditions: [0], segments: 1...3, memoryMebibytes: 100, detail: ["a": 1]),
            UnitOutline(
                number: 2, kind: .sound, renditions: [1], segments: 1...3, memoryMebibytes: 60, detail: [:]),
        ])

    private static func planned(_ outline: PresentationOutline) -> [UInt8] {
        TranscodeEvent.planned(WorkPlan(outline: outline, media: [:], units: plan.units)).encoded
    }

    static let notes = {
        var notes = UnitNotes(
            packets: 7, brokenPackets: 1, frames: 6, processorMilliseconds: 12,
            decisions: [.init("segment 1", "black", because: "nothing is there")])
        notes.sceneCuts = [0, 5_280_000]
        notes.loudness = [
            Loudness(rendition: "audio", integrated: -23, range: 4.5, samplePeak: -1.2),
            Loudness(rendition: "audio-2", integrated: nil, range: 0, samplePeak: nil),
        ]
        return notes
    }()

    static let events: [TranscodeEvent] = [
        .planned(plan), .initialization(rendition: 1, bytes: [1, 2, 3]),
        .segment(rendition: 0, number: 1, durationMicroseconds: 6_000_000, bytes: Array(repeating: 7, count: 70_000)),
        .progress(0.25), .finished(notes),
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
        #"{"event":"progress","thousandths":1001}"#, #"{"event":"planned"}"#, "not json",
        #"{"event":"finished"}"#, #"{"event":"finished","notes":{"packets":1}}"#,
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

    @Test func `orders cross unchanged`() throws {
        let options = TranscodeOptions(
            preset: "medium", video: VideoOptions(codecs: [.hevc]), limits: .init(maximumSeconds: 60))
        let unit = try #require(Self.plan.units.first)
        for order in [TranscodeOrder.probe(options), .unit(unit, media: Self.plan.media)] {
            #expect(TranscodeOrder(json: try JSONValue.parse(order.json.serialized())) == order)
        }
    }

    @Test(arguments: [
        #"{}"#, #"{"unit":"probe"}"#, #"{"unit":"sound","media":{},"detail":{}}"#, #"{"unit":"other","options":{}}"#,
        #"{"unit":"probe","options":{"preset":"fast","maximumPixels":0}}"#,
    ])
    func `an order that is none is not followed`(text: String) throws {
        #expect(TranscodeOrder(json: try JSONValue.parse(text)) == nil)
    }

    @Test func `a unit's order says what kind it is twice, and alike`() throws {
        let unit = try #require(Self.plan.units.first)
        var json = try #require(TranscodeOrder.unit(unit, media: [:]).json.object)
        json["unit"] = "sound"
        #expect(TranscodeOrder(json: .object(json)) == nil)
    }
}
