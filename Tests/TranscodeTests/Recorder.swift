import JSON
import MediaPlan
import Presentation
import Testing
import Transcode

/// Does units of work one after the other and keeps everything they say.
final class Recorder: TranscodeSink {
    struct Rendition: Equatable {
        var initialization: [UInt8] = []
        var segments: [Int: [UInt8]] = [:]
        var durations: [Int: Int64] = [:]
        var fragments: [Int: [StoredSegment.Fragment]] = [:]
    }

    var plan: WorkPlan?
    var renditions: [Rendition] = []
    var progress: [Double] = []
    var notes: [UnitNotes] = []
    var failure: TranscodeFailure?

    func receive(_ event: TranscodeEvent) throws {
        switch event {
        case .planned(let plan):
            #expect(WorkPlan(json: plan.json) == plan)
            self.plan = plan
            renditions = plan.outline.renditions.map { _ in Rendition() }
        case .initialization(let rendition, let bytes):
            renditions[rendition].initialization = bytes
        case .segment(let rendition, let number, let duration, let bytes, let fragments):
            #expect(renditions[rendition].segments[number] == nil)
            renditions[rendition].segments[number] = bytes
            renditions[rendition].durations[number] = duration
            renditions[rendition].fragments[number] = fragments
        case .progress(let fraction):
            progress.append(fraction)
        case .finished(let notes):
            self.notes.append(notes)
        case .failed(let failure):
            self.failure = failure
        }
    }

    /// A rendition as one file.
    func file(_ index: Int) -> [UInt8] {
        let segments = renditions[index].segments.sorted { $0.key < $1.key }
        #expect(segments.map(\.key) == Array(1...segments.count))
        return renditions[index].initialization + segments.flatMap(\.value)
    }

    /// Durations of a rendition's segments in microseconds, in order.
    func durations(_ index: Int) -> [Int64] {
        renditions[index].durations.sorted { $0.key < $1.key }.map(\.value)
    }

    var decisions: [MediaPlan.Decision] { notes.flatMap(\.decisions) }

    /// Looks at an upload.
    static func probing(_ descriptor: Int32, codecs: [VideoCodec] = []) throws -> Recorder {
        let recorder = Recorder()
        let options = TranscodeOptions(preset: "ultrafast", video: VideoOptions(codecs: codecs))
        try Transcoder.run(.probe(options), descriptor: descriptor, sink: recorder)
        return recorder
    }

    /// Does `unit`.
    func perform(_ unit: UnitOutline, _ descriptor: Int32, threads: Int = 1) throws {
        let plan = try #require(plan)
        let order = TranscodeOrder.unit(unit, media: plan.media)
        let read = try #require(TranscodeOrder(json: try JSONValue.parse(order.json.serialized())))
        #expect(read == order)
        progress = []
        try Transcoder.run(read, descriptor: descriptor, threads: threads, sink: self)
        #expect(progress == progress.sorted())
    }

    /// Looks at an upload and does all work on it.
    static func transcoding(_ descriptor: Int32, codecs: [VideoCodec] = [], threads: Int = 1) throws -> Recorder {
        let recorder = try probing(descriptor, codecs: codecs)
        for unit in recorder.plan?.units ?? [] where recorder.failure == nil {
            try recorder.perform(unit, descriptor, threads: threads)
        }
        return recorder
    }

    /// Does all work on the pictures as if they were a single span.
    static func transcodingAsOneSpan(_ descriptor: Int32) throws -> Recorder {
        let recorder = try probing(descriptor)
        let plan = try #require(recorder.plan)
        let media = try #require(MediaPlan(json: plan.media))
        let segments = 1...media.grid.segments(frames: media.frames)
        let span = PictureSpan(segments: segments, frames: 0..<media.frames, key: nil, needed: -1 << 40)
        try recorder.perform(
            UnitOutline(
                number: 1, kind: .pictures, renditions: plan.outline.pictures, segments: segments, memoryMebibytes: 1,
                detail: span.json), descriptor)
        return recorder
    }
}
