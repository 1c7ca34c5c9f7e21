internal import AV
internal import MediaPlan
internal import Presentation

/// Decodes a span of the pictures once and encodes it in some sizes.
///
/// Which source frame an output frame shows, and every number in the segments, follows from the plan alone, so that the
/// spans of a film fit together whoever makes them, and the same span is always the same bytes, with any number of threads.
final class PicturesUnit {
    private let plan: MediaPlan
    private let video: VideoPlan
    private let span: PictureSpan
    private let descriptor: Int32
    private let sink: any TranscodeSink
    private let renditions: PictureRenditions
    private var selector: FrameSelector<Picture>
    private var notes = UnitNotes()
    private var reported = 0

    /// Works with `threads` threads, the caller's among them. Throws `TranscodeFailure` when the order does not fit the plan.
    init(
        _ unit: UnitOutline, plan: MediaPlan, descriptor: Int32, threads: Int, sink: any TranscodeSink
    ) throws {
        guard let video = plan.video,
            unit.renditions.allSatisfy({
                video.isEncoded($0, in: unit.segments) || plan.byProductRenditions.contains($0)
            }),
            let span = PictureSpan(json: unit.detail, segments: unit.segments, plan: plan)
        else { throw TranscodeFailure(reason: "The unit of work does not fit the plan.") }
        self.plan = plan
        self.video = video
        self.span = span
        self.descriptor = descriptor
        self.sink = sink
        selector = FrameSelector(outputs: span.frames)
        renditions = try PictureRenditions(
            plan: plan, video: video, rungs: unit.renditions.filter(video.sizes.indices.contains), span: span,
            makesByProducts: unit.renditions.contains(plan.storyboardRendition), threads: threads)
    }

    func run() throws -> UnitNotes {
        if let key = span.key {
            if try !read(from: key) { try readFromBeginning(because: "the way to its keyframe did not lead there") }
        } else {
            try read(from: nil)
        }
        if !selector.holdsFrame, !selector.isComplete, span.key != nil {
            try readFromBeginning(because: "nothing of it can be decoded, so that it shows the last picture before")
        }
        try fill()
        try renditions.finish { try sink.receive($1, of: $0) }
        notes.sceneCuts = renditions.sceneCuts.prefix(UnitNotes.maximumSceneCuts).map { frame in
            plan.grid.microseconds(ticks: plan.grid.ticks(ofFrame: frame))
        }
        return notes
    }

    /// What pictures are read as.
    private var size: Rung { video.sizes[renditions.readRung] }

    /// Decodes from `key`, or from the beginning when nil, until every output frame is decided; false if `key` was not
    /// found.
    @discardableResult
    private func read(from key: MeasuredPictures.Key?, keepsAll: Bool = false) throws -> Bool {
        let source = try MediaSource(borrowing: descriptor)
        source.select(streams: [video.streamIndex], repairsClock: plan.repairsClock)
        let reader = try VideoReader(
            source: source, plan: video, width: size.width, height: size.height, origin: plan.originMicroseconds,
            needed: keepsAll ? .min : span.needed)
        let packet = try Packet()
        if let key, !source.arrive(at: key, of: video.streamIndex, packet) { return false }
        var isThere = key != nil || source.read(into: packet)
        while isThere, !selector.isComplete {
            try reader.read(packet) { try take($0, isFirst: key == nil) }
            isThere = source.read(into: packet)
        }
        if !selector.isComplete { try reader.read(nil) { try take($0, isFirst: key == nil) } }
        try judge(reader.decoder)
        return true
    }

    private func readFromBeginning(because reason: String) throws {
        notes.decisions.append(.init("segments \(span.words)", "read from the beginning", because: reason))
        try read(from: nil, keepsAll: true)
    }

    private func take(_ timed: VideoReader.Timed, isFirst: Bool) throws {
        let place = plan.grid.frame(nearest: timed.time, unit: timed.unit)
        // A picture from beyond the span may not stand for what comes before it, unless there is nothing else.
        guard isFirst || selector.holdsFrame || place < span.frames.upperBound else { return }
        if let shown = selector.take(timed.picture, at: place) { try show(shown) }
        // The next span does not see what is before it, and where keyframes dictate the cuts it often begins a scene.
        if place == span.frames.upperBound, place < plan.frames {
            try renditions.look(ahead: timed.picture, at: place)
        }
    }

    private func show(_ shown: FrameSelector<Picture>.Shown) throws {
        try renditions.encode(shown.frame, as: shown.outputs) { try sink.receive($1, of: $0) }
        let hundredths = min(99, (selector.nextOutput - span.frames.lowerBound) * 100 / span.frames.count)
        guard hundredths > reported else { return }
        reported = hundredths
        try sink.receive(.progress(Double(hundredths) / 100))
    }

    /// The last picture lasts to the end of the span; black where there is none.
    private func fill() throws {
        if let shown = selector.finish() {
            try show(shown)
        } else if !selector.isComplete {
            let reason = "not one picture could be decoded up to here"
            notes.decisions.append(.init("segments \(span.words)", "black", because: reason))
            let black = try Picture.black(width: size.width, height: size.height)
            try renditions.encode(black, as: span.frames) { try sink.receive($1, of: $0) }
        }
    }

    /// Some damage is tolerated and noted; a film of which most cannot be decoded is refused.
    private func judge(_ decoder: Decoder) throws {
        if span.frames == 0..<plan.frames { try decoder.judge("pictures") }
        notes.add(decoder, of: "pictures", in: "segments \(span.words)")
    }
}

extension PictureSpan {
    /// The numbers of its segments.
    var words: String {
        segments.count == 1 ? "\(segments.lowerBound)" : "\(segments.lowerBound) to \(segments.upperBound)"
    }
}
