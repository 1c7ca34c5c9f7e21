/// Measures segments of WebVTT (RFC 8216 §3.5).
struct SubtitleMeter {
    let traits: MediaTraits = {
        var traits = MediaTraits()
        traits.text = ["wvtt"]
        return traits
    }()

    static func isOne(_ bytes: [UInt8]) -> Bool { withoutMark(bytes).starts(with: "WEBVTT".utf8) }

    private static func withoutMark(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes[3...] : bytes[...]
    }

    func measure(
        _ bytes: [UInt8], _ context: SegmentContext, into segment: inout SegmentMeasure,
        _ findings: inout FindingCollector
    ) {
        guard let text = String(validating: Self.withoutMark(bytes), as: UTF8.self) else {
            findings.addRepeated(.timestampMap, aspect: "text", at: context.place, "The segment is not UTF-8.")
            return
        }
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
        let head = lines.prefix { !$0.isEmpty }
        let map = head.lazy.compactMap { TimestampMap($0) }.first
        if map == nil {
            findings.addRepeated(
                .timestampMap, aspect: "map", at: context.place,
                "The segment has no X-TIMESTAMP-MAP behind its first line, or one that cannot be read.")
        }
        var first: Int64?
        var last: Int64?
        for line in lines.dropFirst(head.count) {
            guard let arrow = line.firstRange(of: "-->") else { continue }
            let from = Self.nanoseconds(line[..<arrow.lowerBound])
            let to = Self.nanoseconds(line[arrow.upperBound...].drop { $0 == " " }.prefix { $0 != " " && $0 != "\t" })
            guard let from, let to, from <= to else {
                findings.addRepeated(
                    .timestampMap, aspect: "cue", at: context.place, measured: String(line.prefix(80)),
                    "The times of a cue cannot be read.")
                continue
            }
            first = min(first ?? from, from)
            last = max(last ?? to, to)
        }
        if let first, let last {
            let shift = map?.shift ?? 0
            segment.cueNanoseconds = first &+ shift...max(first, last) &+ shift
        }
    }

    private struct TimestampMap {
        /// From the clock of the cues to that of the media.
        let shift: Int64

        init?(_ line: Substring) {
            guard line.hasPrefix("X-TIMESTAMP-MAP=") else { return nil }
            var local: Int64?
            var media: Int64?
            for part in line.dropFirst("X-TIMESTAMP-MAP=".count).split(separator: ",") {
                let text = part.drop { $0 == " " }
                if text.hasPrefix("LOCAL:") { local = SubtitleMeter.nanoseconds(text.dropFirst(6)) }
                if text.hasPrefix("MPEGTS:"), let ticks = Int64(text.dropFirst(7)), ticks >= 0 {
                    media = Conformance.nanoseconds(ticks, timescale: 90_000)
                }
            }
            guard let local, let media else { return nil }
            shift = media &- local
        }
    }

    /// `[hh:]mm:ss.ttt`
    private static func nanoseconds(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":").map { $0.filter { $0 != " " && $0 != "\t" } }
        guard (2...3).contains(parts.count), let seconds = parts.last?.split(separator: "."), seconds.count == 2,
            seconds[1].utf8.count == 3, let whole = Int64(seconds[0]), let thousandths = Int64(seconds[1]),
            (0..<60).contains(whole), thousandths >= 0
        else { return nil }
        var minutes: Int64 = 0
        for part in parts.dropLast() {
            guard let value = Int64(part), (0..<1_000_000).contains(value) else { return nil }
            minutes = minutes * 60 + value
        }
        return ((minutes * 60 + whole) * 1_000 + thousandths) * 1_000_000
    }
}
