internal import AV
internal import CMAF
internal import MediaPlan
internal import Presentation

/// Copies the coded pictures of a run of segments into the top rung, without decoding any.
///
/// The plan was made from the same pictures one by one; if another one comes than was measured, nothing more is said.
final class CopyUnit {
    private let plan: MediaPlan
    private let video: VideoPlan
    private let span: PictureSpan
    /// What the pictures refer to, with the number that the copy has for it.
    private let sets: [(source: AVCParameterSets, number: Int)]
    private let first: AVCParameterSets
    private let rendition: Int
    private let descriptor: Int32
    private let sink: any TranscodeSink
    private var writer: VideoTrackWriter

    /// Whether `unit` makes segments of the top rung that are copied.
    static func isMeant(by unit: UnitOutline, plan: MediaPlan) -> Bool {
        guard let video = plan.video, let copy = video.copy else { return false }
        return unit.renditions == [video.rungs.count - 1] && copy.runs.contains { $0.segments == unit.segments }
    }

    /// Throws `TranscodeFailure` when the order does not fit the plan.
    init(_ unit: UnitOutline, plan: MediaPlan, descriptor: Int32, sink: any TranscodeSink) throws {
        guard let video = plan.video, let copy = video.copy,
            let span = PictureSpan(json: unit.detail, segments: unit.segments, plan: plan),
            let run = copy.runs.first(where: { $0.segments == span.segments })
        else { throw TranscodeFailure(reason: "The unit of work does not fit the plan.") }
        self.plan = plan
        self.video = video
        self.span = span
        self.descriptor = descriptor
        self.sink = sink
        sets = try copy.sets.map { (try AVCParameterSets($0), $0.numbers.picture) }
        first = try AVCParameterSets(copy.sets[run.sets])
        rendition = video.rungs.count - 1
        writer = VideoTrackWriter(
            grid: plan.grid, rung: video.rungs[rendition], reorderFrames: copy.reorderFrames, span: span.segments,
            frames: plan.frames)
    }

    func run() throws -> UnitNotes {
        var notes = UnitNotes()
        if try !copy(from: span.key, &notes) { _ = try copy(from: nil, &notes) }
        try writer.finish()
        return notes
    }

    /// Copies the run, which `key` begins, or nil for finding its beginning from that of the file; false if `key` was not found.
    private func copy(from key: MeasuredPictures.Key?, _ notes: inout UnitNotes) throws -> Bool {
        let source = try MediaSource(borrowing: descriptor)
        source.select(streams: [video.streamIndex])
        guard var pictures = source.codedPictures(of: video.streamIndex),
            let unit = source.unit(of: video.streamIndex)
        else { throw failure("it has no header", at: 0) }
        pictures.go(on: first)
        let packet = try Packet()
        var isThere = key.map { source.arrive(at: $0, of: video.streamIndex, packet) } ?? source.read(into: packet)
        if key != nil, !isThere { return false }
        while isThere, notes.packets < span.frames.count {
            let place = packet.presentation.map {
                plan.grid.place(of: $0, unit: unit, origin: plan.originMicroseconds)
            }
            if notes.packets > 0 || place ?? -1 >= span.frames.lowerBound {
                guard let place else { throw failure("it has no time", at: notes.packets) }
                try copy(packet, of: &pictures, as: place, notes.packets)
                notes.packets += 1
            }
            isThere = source.read(into: packet)
        }
        return true
    }

    private func copy(_ packet: Packet, of pictures: inout CodedPictures, as place: Int, _ count: Int) throws {
        let sample: [UInt8]
        let isIDR: Bool
        do {
            let picture = try pictures.picture(in: packet)
            guard let known = sets.first(where: { $0.source == pictures.sets }), let numbers = known.source.numbers
            else { throw AVCAccessUnit.Obstacle.parameterSets }
            sample = try picture.sample(referringTo: numbers.picture, as: known.number)
            isIDR = picture.isIDR
        } catch let obstacle as AVCAccessUnit.Obstacle {
            throw failure("it \(obstacle.words)", at: count)
        }
        if let segment = try writer.add(sample, presentation: Int64(place), isKey: isIDR) { try pass(segment) }
    }

    private func pass(_ segment: WrittenSegment) throws {
        try sink.receive(segment, of: rendition)
        let done = segment.number - span.segments.lowerBound + 1
        try sink.receive(.progress(Double(done) / Double(span.segments.count)))
    }

    private func failure(_ what: String, at picture: Int) -> TranscodeFailure {
        TranscodeFailure(
            reason: "The pictures of this file are no longer what they were when it was looked at.",
            detail: "picture \(picture + 1) of segments \(span.words): \(what)", isRetryable: true)
    }
}

extension AVCParameterSets {
    /// Throws `TranscodeFailure` when the plan holds something else.
    init(_ sets: PictureCopy.ParameterSets) throws {
        guard let read = AVCParameterSets(sequence: sets.sequence, picture: sets.picture) else {
            throw TranscodeFailure(reason: "The plan holds parameter sets that are none.")
        }
        self = read
    }

    /// As the copy holds them.
    init(copied sets: PictureCopy.ParameterSets) throws {
        guard let renumbered = try AVCParameterSets(sets).numbered(sets.numbers) else {
            throw TranscodeFailure(reason: "The plan holds parameter sets that are none.")
        }
        self = renumbered
    }
}
