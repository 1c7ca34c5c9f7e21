internal import AV
internal import CMAF
internal import MediaPlan
internal import Presentation

/// Copies the coded pictures of a film into the top rung, without decoding any.
///
/// The plan was made from the same pictures one by one; if another one comes than was measured, nothing more is said.
final class CopyUnit {
    private let plan: MediaPlan
    private let video: VideoPlan
    private let rendition: Int
    private let descriptor: Int32
    private let sink: any TranscodeSink
    private var writer: VideoTrackWriter

    /// Whether `unit` makes the rung that is copied.
    static func isMeant(by unit: UnitOutline, plan: MediaPlan) -> Bool {
        plan.video?.copy != nil && plan.video.map { unit.renditions == [$0.encodedRungs.upperBound] } == true
    }

    /// Throws `TranscodeFailure` when the order does not fit the plan.
    init(_ unit: UnitOutline, plan: MediaPlan, descriptor: Int32, sink: any TranscodeSink) throws {
        guard let video = plan.video, let copy = video.copy,
            let span = PictureSpan(json: unit.detail, segments: unit.segments, plan: plan),
            span.frames == 0..<plan.frames
        else { throw TranscodeFailure(reason: "The unit of work does not fit the plan.") }
        self.plan = plan
        self.video = video
        self.descriptor = descriptor
        self.sink = sink
        rendition = video.encodedRungs.upperBound
        writer = VideoTrackWriter(
            grid: plan.grid, rung: video.rungs[rendition], reorderFrames: copy.reorderFrames, span: span.segments,
            frames: plan.frames)
    }

    func run() throws -> UnitNotes {
        let source = try MediaSource(borrowing: descriptor)
        source.select(streams: [video.streamIndex])
        guard let pictures = source.codedPictures(of: video.streamIndex),
            let unit = source.unit(of: video.streamIndex)
        else { throw failure("it has no header", at: 0) }
        var notes = UnitNotes()
        let packet = try Packet()
        while notes.packets < plan.frames, source.read(into: packet) {
            let picture: AVCAccessUnit
            do {
                picture = try pictures.picture(in: packet)
            } catch {
                throw failure("it \(error.words)", at: notes.packets)
            }
            guard let time = packet.presentation else { throw failure("it has no time", at: notes.packets) }
            let place = plan.grid.place(of: time, unit: unit, origin: plan.originMicroseconds)
            notes.packets += 1
            if let segment = try writer.add(picture.sample, presentation: Int64(place), isKey: picture.isIDR) {
                try pass(segment)
            }
        }
        try writer.finish()
        return notes
    }

    private func pass(_ segment: WrittenSegment) throws {
        try sink.receive(segment, of: rendition)
        let segments = plan.grid.segments(frames: plan.frames)
        try sink.receive(.progress(Double(segment.number) / Double(segments)))
    }

    private func failure(_ what: String, at picture: Int) -> TranscodeFailure {
        TranscodeFailure(
            reason: "The pictures of this file are no longer what they were when it was looked at.",
            detail: "picture \(picture + 1): \(what)", isRetryable: true)
    }
}
