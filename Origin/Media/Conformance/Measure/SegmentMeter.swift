import CMAF

/// The meter for what the segments of a playlist turn out to be.
enum SegmentMeter {
    case none
    case fragments(FragmentMeter)
    case transport(TransportMeter)
    case packedAudio(PackedAudioMeter)
    case subtitles(SubtitleMeter)

    /// What `bytes` begin like; nil for what no HLS segment begins like.
    static func container(of bytes: [UInt8]) -> MeasuredPlaylist.Container? {
        if TransportStream.isOne(bytes) { return .transport }
        if SubtitleMeter.isOne(bytes) { return .subtitles }
        let boxes: Set<String> = ["styp", "ftyp", "moof", "sidx", "emsg", "prft", "moov", "mdat", "free", "skip"]
        if bytes.count >= 8, boxes.contains(String(decoding: bytes[4..<8], as: UTF8.self)) { return .fragments }
        return PackedAudioMeter.isOne(bytes) ? .packedAudio : nil
    }

    /// Makes the meter for a container that needs no initialisation section, unless it is there already.
    mutating func prepare(for container: MeasuredPlaylist.Container) {
        switch (container, self) {
        case (.transport, .transport), (.packedAudio, .packedAudio), (.subtitles, .subtitles), (.fragments, _): break
        case (.transport, _): self = .transport(TransportMeter())
        case (.packedAudio, _): self = .packedAudio(PackedAudioMeter())
        case (.subtitles, _): self = .subtitles(SubtitleMeter())
        }
    }

    mutating func measure(
        _ bytes: [UInt8], _ context: SegmentContext, into segment: inout SegmentMeasure,
        _ findings: inout FindingCollector
    ) {
        switch self {
        case .none: break
        case .fragments(var meter):
            self = .none
            meter.measure(bytes, context, into: &segment, &findings)
            self = .fragments(meter)
        case .transport(var meter):
            self = .none
            meter.measure(bytes, context, into: &segment, &findings)
            self = .transport(meter)
        case .packedAudio(var meter):
            self = .none
            meter.measure(bytes, context, into: &segment, &findings)
            self = .packedAudio(meter)
        case .subtitles(let meter):
            meter.measure(bytes, context, into: &segment, &findings)
        }
    }

    /// Ends the run of key frames where the film ends.
    mutating func end(at nanoseconds: Int64?) {
        switch self {
        case .fragments(var meter):
            meter.end(at: nanoseconds)
            self = .fragments(meter)
        case .transport(var meter):
            meter.end(at: nanoseconds)
            self = .transport(meter)
        case .none, .packedAudio, .subtitles: break
        }
    }

    var traits: MediaTraits {
        switch self {
        case .none: MediaTraits()
        case .fragments(let meter): meter.traits
        case .transport(let meter): meter.traits
        case .packedAudio(let meter): meter.traits
        case .subtitles(let meter): meter.traits
        }
    }

    var clock: FrameClock {
        switch self {
        case .fragments(let meter): meter.clock
        case .transport(let meter): meter.clock
        case .none, .packedAudio, .subtitles: FrameClock()
        }
    }
}
