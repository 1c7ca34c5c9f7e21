import CMAF

/// Measures segments that are MPEG transport streams.
struct TransportMeter {
    private(set) var traits = MediaTraits()
    private(set) var clock = FrameClock()
    /// Time of the last packet by stream type, unwrapped, and of the frame behind it.
    private var last: [UInt8: (time: Int64, frame: Int64)] = [:]

    private static let timescale: UInt32 = 90_000

    mutating func end(at nanoseconds: Int64?) { clock.end(at: nanoseconds) }

    mutating func measure(
        _ bytes: [UInt8], _ context: SegmentContext, into segment: inout SegmentMeasure,
        _ findings: inout FindingCollector
    ) {
        guard let transport = TransportStream(bytes) else {
            findings.addRepeated(
                .transportFormat, aspect: "unreadable", at: context.place,
                "The segment is no transport stream of whole packets.")
            return
        }
        checkTables(transport, context, &findings)
        if context.isFresh { last = [:] }
        let pictures = transport.streams.first { Self.isVideo($0.kind) }
        let sounds = transport.streams.filter { Self.isAudio($0.kind) }
        if sounds.count > 1 {
            findings.addRepeated(
                .oneSound, at: context.place, measured: "\(sounds.count)",
                "The segment holds \(sounds.count) audio streams.")
        }
        if let pictures { measurePictures(pictures, context, into: &segment, &findings) }
        if let sound = sounds.first {
            measureSound(sound, isLeader: pictures == nil, context, into: &segment, &findings)
        }
    }

    private func checkTables(
        _ transport: TransportStream, _ context: SegmentContext, _ findings: inout FindingCollector
    ) {
        if transport.programs.count != 1 {
            findings.addRepeated(
                .transportFormat, aspect: "programs", at: context.place, measured: "\(transport.programs.count)",
                "The segment has \(transport.programs.count) programs instead of one.")
        } else if !transport.hasMap {
            findings.addRepeated(
                .transportFormat, aspect: "map", at: context.place, "The segment has no program map table.")
        }
        let errors = transport.streams.reduce(0) { $0 + $1.counterErrors }
        if errors > 0 {
            findings.addRepeated(
                .continuityCounters, aspect: "counters", at: context.place, measured: "\(errors)",
                "\(errors) packets are missing or out of order by their continuity counters.")
        }
    }

    // MARK: Pictures

    private mutating func measurePictures(
        _ stream: TransportStream.Stream, _ context: SegmentContext, into segment: inout SegmentMeasure,
        _ findings: inout FindingCollector
    ) {
        let times = unwrapped(stream.packets.map(\.decoding), after: last[stream.kind]?.time)
        guard let first = times.first, let end = times.last else { return }
        if context.isFresh { clock.end(at: nil) }
        let frame = Self.usualStep(times) ?? last[stream.kind]?.frame ?? 0
        checkTime(first, kind: stream.kind, context, &findings)
        last[stream.kind] = (end, frame)
        segment.startNanoseconds = nanoseconds(first, timescale: Self.timescale)
        segment.durationNanoseconds = nanoseconds(end &- first &+ frame, timescale: Self.timescale)
        let shown = stream.packets.prefix(64).compactMap(\.presentation).map { Self.near(first, $0) }.min()
        segment.shownNanoseconds = nanoseconds(shown ?? first, timescale: Self.timescale)
        for (index, packet) in stream.packets.enumerated() {
            let isKey = beginsKeyFrame(stream, packet)
            if index == 0, isKey == false {
                findings.addRepeated(
                    .beginsWithIDR, aspect: "first", at: context.place, measured: "no IDR",
                    "The segment does not begin with an IDR.")
            }
            if isKey == true {
                clock.addKeyFrame(
                    at: nanoseconds(Self.near(times[index], packet.presentation ?? 0), timescale: Self.timescale))
            }
            let next = index + 1 < times.count ? times[index + 1] &- times[index] : frame
            clock.add(frameNanoseconds: nanoseconds(next, timescale: Self.timescale))
        }
    }

    /// nil for codecs this does not read. Parameter sets on the way become traits.
    private mutating func beginsKeyFrame(
        _ stream: TransportStream.Stream, _ packet: TransportStream.ElementaryPacket
    ) -> Bool? {
        guard stream.kind == 0x1b || stream.kind == 0x24 else {
            if traits.video == nil { traits.video = .init(format: Self.format(stream.kind)) }
            return nil
        }
        // A slice stands behind the parameter sets; nobody has a megabyte of those.
        let bytes = Array(stream.payload[packet.range.prefix(1 << 20)])
        for unit in AnnexB.units(in: bytes) {
            let header = bytes[unit.lowerBound]
            if stream.kind == 0x1b {
                if header & 0x1f == 7, traits.video == nil, let sequence = AVCSequence(unit: bytes[unit]) {
                    var video = MediaTraits.Video(format: "avc1")
                    video.take(sequence)
                    traits.video = video
                }
                if (1...5).contains(header & 0x1f) { return header & 0x1f == 5 }
            } else {
                let kind = header >> 1 & 0x3f
                if kind == 33, traits.video == nil {
                    var video = MediaTraits.Video(format: "hvc1")
                    if let sequence = HEVCSequence(unit: bytes[unit]) {
                        (video.width, video.height) = (sequence.width, sequence.height)
                    }
                    traits.video = video
                }
                if kind < 32 { return kind == 19 || kind == 20 }
            }
        }
        return false
    }

    // MARK: Sound

    private mutating func measureSound(
        _ stream: TransportStream.Stream, isLeader: Bool, _ context: SegmentContext,
        into segment: inout SegmentMeasure, _ findings: inout FindingCollector
    ) {
        let frames =
            stream.kind == 0x0f || stream.kind == 3 || stream.kind == 4 ? AudioFrames(stream.payload[...]) : nil
        if traits.audio.isEmpty {
            let format = Self.format(stream.kind)
            traits.audio = [frames?.traits ?? .init(format: format, codec: Self.isDolby(stream.kind) ? format : nil)]
        }
        let times = unwrapped(stream.packets.map(\.presentation), after: last[stream.kind]?.time)
        guard isLeader, let first = times.first, let end = times.last else { return }
        let length = frames.map { $0.nanoseconds / 100_000 * 9 } ?? (end &- first)
        checkTime(first, kind: stream.kind, context, &findings)
        last[stream.kind] = (first &+ length, 0)
        segment.startNanoseconds = nanoseconds(first, timescale: Self.timescale)
        segment.shownNanoseconds = segment.startNanoseconds
        segment.durationNanoseconds = frames?.nanoseconds ?? nanoseconds(length, timescale: Self.timescale)
    }

    // MARK: Times

    private func checkTime(
        _ first: Int64, kind: UInt8, _ context: SegmentContext, _ findings: inout FindingCollector
    ) {
        guard let before = last[kind] else { return }
        let difference = first &- before.time &- before.frame
        // Encoders of sound and rates such as 23.976 round to ticks; half a frame is no gap.
        guard difference.magnitude > max(900, UInt64(before.frame.magnitude / 2)) else { return }
        findings.addRepeated(
            .continuityCounters, aspect: "times", at: context.place,
            measured: Quantity.seconds(Quantity.microseconds(difference, timescale: Self.timescale)),
            "The times of the segment do not go on where the segment before ended, and no EXT-X-DISCONTINUITY says so.")
    }

    /// Times of 33 bits as times that go on, from the one before.
    private func unwrapped(_ times: [Int64?], after start: Int64?) -> [Int64] {
        var previous = start
        return times.map { time in
            var value = time ?? previous ?? 0
            if let time, let previous { value = Self.near(previous, time) }
            previous = value
            return value
        }
    }

    /// The time of 33 bits that is nearest to another.
    private static func near(_ reference: Int64, _ time: Int64) -> Int64 {
        let cycle: Int64 = 1 << 33
        let offset = (time &- reference) % cycle
        let shortest = offset > cycle / 2 ? offset - cycle : offset < -cycle / 2 ? offset + cycle : offset
        return reference &+ shortest
    }

    private static func usualStep(_ times: [Int64]) -> Int64? {
        let steps = zip(times.dropFirst(), times).map { $0 &- $1 }.filter { $0 > 0 }.sorted()
        return steps.isEmpty ? nil : steps[steps.count / 2]
    }

    // MARK: Stream types

    private static func isVideo(_ kind: UInt8) -> Bool { [0x01, 0x02, 0x10, 0x1b, 0x24].contains(kind) }
    private static func isAudio(_ kind: UInt8) -> Bool { isDolby(kind) || [3, 4, 0x0f, 0x11].contains(kind) }
    private static func isDolby(_ kind: UInt8) -> Bool { kind == 0x81 || kind == 0x87 }

    private static func format(_ kind: UInt8) -> String {
        switch kind {
        case 0x1b: "avc1"
        case 0x24: "hvc1"
        case 0x0f, 0x11, 3, 4: "mp4a"
        case 0x81: "ac-3"
        case 0x87: "ec-3"
        default: "type 0x" + Hexadecimal.byte(Int(kind))
        }
    }
}
