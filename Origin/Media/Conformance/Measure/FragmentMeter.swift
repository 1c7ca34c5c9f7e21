import CMAF

/// Measures segments of fragmented MP4 behind one initialisation section.
struct FragmentMeter {
    private struct TrackState {
        let track: MovieHeader.Track
        let keyFrames: KeyFrameTest?
        /// Where the next fragment must begin; nil when it may begin anywhere.
        var expected: UInt64?
        /// Ticks by which presentation is earlier than the samples say.
        let edit: Int64
    }

    private let header: MovieHeader
    private var tracks: [UInt32: TrackState] = [:]
    private var lastSequence: UInt32?
    let traits: MediaTraits
    private(set) var clock = FrameClock()

    init(header: MovieHeader) {
        self.header = header
        traits = MediaTraits(header)
        for track in header.tracks {
            let empty = track.edits.prefix { $0.isEmpty }.reduce(Int64(0)) { $0 &+ Int64(clamping: $1.duration) }
            let delay = Quantity.rescaled(empty, from: header.timescale, to: track.timescale)
            let media = track.edits.first { !$0.isEmpty }?.mediaTime ?? 0
            tracks[track.id] = TrackState(
                track: track, keyFrames: track.entries.first.flatMap { KeyFrameTest($0) }, edit: media &- delay)
        }
    }

    /// The track whose times are those of the segment: pictures where there are any.
    private var leader: UInt32? {
        (header.tracks.first { $0.handler == "vide" } ?? header.tracks.first { $0.handler == "soun" }
            ?? header.tracks.first)?.id
    }

    /// Takes over what goes on behind another initialisation section of the same rendition.
    mutating func resume(_ clock: FrameClock) { self.clock = clock }

    mutating func end(at nanoseconds: Int64?) { clock.end(at: nanoseconds) }

    mutating func measure(
        _ bytes: [UInt8], _ context: SegmentContext, into segment: inout SegmentMeasure,
        _ findings: inout FindingCollector
    ) {
        let layout: SegmentLayout
        do {
            layout = try SegmentLayout(parsing: bytes, header: header)
        } catch {
            findings.addRepeated(
                .fragmentFormat, aspect: "unreadable", at: context.place, measured: error.description,
                "The segment is no readable fragmented MP4: \(error.description).")
            return
        }
        guard !layout.fragments.isEmpty else {
            findings.addRepeated(
                context.isIFrame ? .iFrameHeader : .fragmentFormat, aspect: "empty", at: context.place,
                measured: layout.boxes.prefix(8).joined(separator: " "), "The segment has no moof box.")
            return
        }
        checkOrder(layout, context, &findings)
        if context.isFresh {
            lastSequence = nil
            for id in tracks.keys { tracks[id]?.expected = nil }
        }
        checkSequence(layout, context, &findings)
        var isFirst = true
        for fragment in layout.fragments {
            for part in fragment.tracks {
                measure(part, of: bytes, layout, context, isFirst: &isFirst, into: &segment, &findings)
            }
        }
    }

    // MARK: Boxes

    private func checkOrder(
        _ layout: SegmentLayout, _ context: SegmentContext, _ findings: inout FindingCollector
    ) {
        let order = layout.boxes.filter { $0 == "moof" || $0 == "mdat" }
        let isInTurn = zip(order, order.dropFirst()).allSatisfy { $0 != $1 || $0 == "mdat" }
        if order.first != "moof" || !isInTurn || layout.boxes.dropFirst().contains("styp") {
            findings.addRepeated(
                context.isIFrame && order.first != "moof" ? .iFrameHeader : .boxOrder, at: context.place,
                measured: layout.boxes.prefix(8).joined(separator: " "),
                "The boxes of the segment do not stand in order: styp first, then each moof with its mdat.")
        }
    }

    private mutating func checkSequence(
        _ layout: SegmentLayout, _ context: SegmentContext, _ findings: inout FindingCollector
    ) {
        for sequence in layout.fragments.compactMap(\.sequence) {
            if let last = lastSequence, sequence <= last {
                findings.addRepeated(
                    .fragmentSequence, at: context.place, measured: "\(sequence) after \(last)",
                    "The sequence number of a fragment is not higher than that of the one before.")
            }
            lastSequence = sequence
        }
    }

    // MARK: Samples

    private mutating func measure(
        _ part: SegmentLayout.TrackFragment, of bytes: [UInt8], _ layout: SegmentLayout, _ context: SegmentContext,
        isFirst: inout Bool, into segment: inout SegmentMeasure, _ findings: inout FindingCollector
    ) {
        guard let state = tracks[part.trackID] else {
            findings.addRepeated(
                .fragmentFormat, aspect: "track", at: context.place, measured: "track \(part.trackID)",
                "A fragment belongs to a track that EXT-X-MAP does not describe.")
            return
        }
        guard let start = decodeTime(part, context, &findings) else { return }
        checkContinuity(start, state, context, &findings)
        if !context.isIFrame || !layout.isCutShort { checkPlaces(part, context, &findings) }
        if context.isIFrame { checkIFrame(part, layout, context, &findings) }

        let timescale = state.track.timescale
        let length = part.samples.reduce(Int64(0)) { $0 &+ Int64($1.duration) }
        tracks[part.trackID]?.expected = UInt64(start) &+ UInt64(length)
        let isLeader = part.trackID == leader
        if isLeader {
            let shown = part.samples.prefix(64).reduce((time: start, first: Int64.max)) { sum, sample in
                (sum.time &+ Int64(sample.duration), min(sum.first, sum.time &+ sample.compositionOffset))
            }.first
            if segment.startNanoseconds == nil {
                segment.startNanoseconds = nanoseconds(start, timescale: timescale)
                segment.shownNanoseconds = nanoseconds(
                    (part.samples.isEmpty ? start : shown) &- state.edit, timescale: timescale)
            }
            segment.durationNanoseconds =
                (segment.durationNanoseconds ?? 0) &+ nanoseconds(length, timescale: timescale)
        }
        if state.track.handler == "vide" {
            measurePictures(part, of: bytes, from: start, state, context, isFirst: &isFirst, &findings)
        }
    }

    private func decodeTime(
        _ part: SegmentLayout.TrackFragment, _ context: SegmentContext, _ findings: inout FindingCollector
    ) -> Int64? {
        guard let time = part.decodeTime else {
            findings.addRepeated(
                .fragmentFormat, aspect: "tfdt", at: context.place, "A track fragment has no decode time (tfdt).")
            return nil
        }
        if !part.isRelativeToFragment {
            findings.addRepeated(
                .fragmentFormat, aspect: "base", at: context.place,
                "A track fragment names places relative to the file: default-base-is-moof must be set, base-data-offset not."
            )
        }
        let isNegative = part.decodeTimeBits == 64 ? time >= 1 << 62 : context.isFresh && time >= 1 << 31
        if isNegative {
            let value = part.decodeTimeBits == 64 ? Int64(bitPattern: time) : Int64(Int32(truncatingIfNeeded: time))
            findings.addRepeated(
                .negativeTime, at: context.place, measured: "\(value)",
                "The decode time is a negative number that was written into a field without a sign.")
            return nil
        }
        return Int64(time)
    }

    private func checkContinuity(
        _ start: Int64, _ state: TrackState, _ context: SegmentContext, _ findings: inout FindingCollector
    ) {
        guard let expected = state.expected else { return }
        let difference = start &- Int64(clamping: expected)
        // Clocks too coarse for the frame rate round by one tick.
        guard difference.magnitude > max(1, UInt64(state.track.timescale) / 10_000), !context.isIFrame else { return }
        let gap = Quantity.microseconds(difference, timescale: state.track.timescale)
        findings.addRepeated(
            .decodeTimes, at: context.place, stated: "\(start)", measured: "\(expected)",
            "The \(Self.name(state.track)) of the segment begins \(Quantity.seconds(abs(gap))) "
                + "\(gap < 0 ? "before" : "after") the end of what came before.")
    }

    private static func name(_ track: MovieHeader.Track) -> String {
        switch track.handler {
        case "vide": "video"
        case "soun": "audio"
        default: "track"
        }
    }

    private func checkPlaces(
        _ part: SegmentLayout.TrackFragment, _ context: SegmentContext, _ findings: inout FindingCollector
    ) {
        let outside = part.samples.count { $0.range == nil }
        guard outside > 0 else { return }
        findings.addRepeated(
            .sampleData, at: context.place, measured: "\(outside) of \(part.samples.count)",
            "Samples lie outside of the segment.")
    }

    private func checkIFrame(
        _ part: SegmentLayout.TrackFragment, _ layout: SegmentLayout, _ context: SegmentContext,
        _ findings: inout FindingCollector
    ) {
        let whole = part.samples.count { $0.range != nil }
        if whole != 1 {
            findings.addRepeated(
                .oneIFrame, aspect: "count", at: context.place, measured: "\(whole)",
                whole == 0
                    ? "The segment of the I-frame playlist ends before its frame does."
                    : "The segment of the I-frame playlist holds \(whole) frames.")
        } else if part.samples.count > 1 {
            findings.addRepeated(
                .notMeasured, aspect: "moof", at: context.place, measured: "\(part.samples.count) samples",
                "The moof of the I-frame lists samples that the byte range leaves out: players in browsers refuse that."
            )
        }
    }

    private mutating func measurePictures(
        _ part: SegmentLayout.TrackFragment, of bytes: [UInt8], from start: Int64, _ state: TrackState,
        _ context: SegmentContext, isFirst: inout Bool, _ findings: inout FindingCollector
    ) {
        if context.isFresh, isFirst { clock.end(at: nil) }
        var time = start
        for sample in part.samples {
            let verdict = sample.range.flatMap { range in state.keyFrames?.verdict(bytes[range]) }
            let isKey = verdict?.isIDR ?? sample.isSync
            if isFirst, !isKey {
                findings.addRepeated(
                    context.isIFrame ? .oneIFrame : .beginsWithIDR, aspect: "first", at: context.place,
                    stated: sample.isSync ? "a sync sample" : nil, measured: "no IDR",
                    context.isIFrame
                        ? "The frame is no IDR."
                        : "The segment does not begin with an IDR\(sample.isSync ? ", though its flags say so" : "").")
            } else if let verdict, verdict.isIDR != sample.isSync, verdict.maySync != sample.isSync {
                findings.addRepeated(
                    .syncFlags, at: context.place, stated: sample.isSync ? "sync" : "not sync",
                    measured: verdict.isIDR ? "IDR" : "no IDR",
                    verdict.isIDR
                        ? "An IDR is not marked as a sync sample: players do not seek to it."
                        : "A frame is marked as a sync sample and is no IDR: players that seek to it show garbage.")
            }
            isFirst = false
            if isKey {
                clock.addKeyFrame(at: nanoseconds(time &+ sample.compositionOffset, timescale: state.track.timescale))
            }
            if !context.isIFrame {
                clock.add(frameNanoseconds: nanoseconds(Int64(sample.duration), timescale: state.track.timescale))
            }
            time = time &+ Int64(sample.duration)
            if context.isIFrame { break }
        }
    }
}

extension Quantity {
    /// Ticks of one clock as ticks of another, clamped.
    static func rescaled(_ ticks: Int64, from: UInt32, to: UInt32) -> Int64 {
        guard from > 0 else { return 0 }
        let (high, low) = UInt64(ticks.magnitude).multipliedFullWidth(by: UInt64(to))
        guard high < UInt64(from) else { return ticks < 0 ? .min : .max }
        let value = Int64(clamping: UInt64(from).dividingFullWidth((high, low)).quotient)
        return ticks < 0 ? -value : value
    }
}
