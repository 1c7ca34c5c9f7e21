/// Measures segments of sound without a container (RFC 8216 §3.4).
struct PackedAudioMeter {
    private(set) var traits = MediaTraits()
    private var expected: Int64?

    static func isOne(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: "ID3".utf8) || AudioFrames(bytes[...]) != nil || bytes.starts(with: [0x0b, 0x77])
    }

    mutating func measure(
        _ bytes: [UInt8], _ context: SegmentContext, into segment: inout SegmentMeasure,
        _ findings: inout FindingCollector
    ) {
        let tag = ID3Tag(bytes)
        let time = tag?.transportTime
        if time == nil {
            findings.addRepeated(
                .packedAudio, at: context.place,
                "The segment does not begin with an ID3 tag that has com.apple.streaming.transportStreamTimestamp.")
        }
        guard let frames = AudioFrames(bytes[(tag?.length ?? 0)...]) else {
            findings.addRepeated(
                .notMeasured, aspect: "packed", at: context.place,
                "The sound is in a form that this check does not read: durations were not measured.")
            return
        }
        if traits.audio.isEmpty { traits.audio = [frames.traits] }
        if context.isFresh { expected = nil }
        segment.durationNanoseconds = frames.nanoseconds
        guard let time else { return }
        let start = nanoseconds(time, timescale: 90_000)
        segment.startNanoseconds = start
        segment.shownNanoseconds = start
        if let expected, (start - expected).magnitude > 30_000_000 {
            findings.addRepeated(
                .continuityCounters, aspect: "times", at: context.place,
                measured: Quantity.seconds((start - expected) / 1_000),
                "The times of the segment do not go on where the segment before ended.")
        }
        expected = start &+ frames.nanoseconds
    }
}

/// The tag at the beginning of packed audio (ID3 2.4).
private struct ID3Tag {
    /// Bytes of the tag with its header.
    let length: Int
    /// Ticks of 90 kHz.
    let transportTime: Int64?

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 10, bytes.starts(with: "ID3".utf8) else { return nil }
        let size = bytes[6..<10].reduce(0) { $0 << 7 | Int($1 & 0x7f) }
        length = min(10 + size, bytes.count)
        let owner = Array("com.apple.streaming.transportStreamTimestamp".utf8) + [0]
        var found: Int64?
        var rest = bytes[10..<length]
        while rest.count >= 10 {
            let header = rest.prefix(10)
            let count = header.dropFirst(4).prefix(4).reduce(0) { $0 << 7 | Int($1 & 0x7f) }
            let content = rest.dropFirst(10).prefix(count)
            if header.starts(with: "PRIV".utf8), content.starts(with: owner), content.count >= owner.count + 8 {
                found =
                    content.dropFirst(owner.count).prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) } & 0x1_ffff_ffff
            }
            rest = rest.dropFirst(10 + count)
        }
        transportTime = found
    }
}
