/// The cues of one rendition: taken in any order, written as segments.
public struct CueList: Sendable {
    /// One text and when it is shown, in milliseconds from the film's beginning.
    public struct Cue: Sendable, Equatable {
        /// When it appears.
        public var start: Int64
        /// When it disappears.
        public var end: Int64
        /// What is shown, as WebVTT writes it.
        public var text: String
    }

    /// Further cues are left out.
    public static let maximumCues = 20_000
    /// Bytes of all texts; what does not fit is left out.
    public static let maximumBytes = 1 << 20
    /// Cues of one segment.
    public static let maximumCuesPerSegment = 100
    /// Bytes of cues that are in an earlier segment as well.
    public static let maximumRepeatedBytes = 4 << 20
    /// How long a text without an end is shown at most.
    public static let longestUnended: Int64 = 5000
    /// What every segment begins with: times are those of the media, which begin at 0.
    public static let header = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"

    private struct Entry {
        let start: Int64
        /// Nil when the source does not say.
        let end: Int64?
        let text: String
    }

    private let length: Int64
    private var entries: [Entry] = []
    private var bytes = 0
    /// Texts that were not taken because there were too many.
    public private(set) var omitted = 0

    /// A list without cues for a film of `length` milliseconds.
    public init(length: Int64) { self.length = length }

    /// Takes `text`, as WebVTT writes it, shown from `start` to `end` in milliseconds; nil when no end is known.
    public mutating func add(_ text: String, from start: Int64, to end: Int64?) {
        let end = end.flatMap { $0 > start ? $0 : nil }
        guard start < length, end ?? start.addingReportingOverflow(Self.longestUnended).partialValue > 0 else { return }
        guard entries.count < Self.maximumCues, bytes + text.utf8.count <= Self.maximumBytes else {
            omitted += 1
            return
        }
        bytes += text.utf8.count
        entries.append(Entry(start: max(0, start), end: end.map { min($0, length) }, text: text))
    }

    /// All cues in the order of their beginnings, each text once for as long as it is shown without interruption.
    public var cues: [Cue] {
        let order = entries.indices.sorted { (entries[$0].start, $0) < (entries[$1].start, $1) }
        var cues: [Cue] = []
        var last: [String: Int] = [:]
        var following = order.startIndex
        for index in order {
            let entry = entries[index]
            while following < order.endIndex, entries[order[following]].start <= entry.start { following += 1 }
            let next = following < order.endIndex ? entries[order[following]].start : length
            let end = entry.end ?? min(next, entry.start + Self.longestUnended, length)
            if let known = last[entry.text], cues[known].end + 1 >= entry.start {
                cues[known].end = max(cues[known].end, end)
            } else {
                last[entry.text] = cues.count
                cues.append(Cue(start: entry.start, end: end, text: entry.text))
            }
        }
        return cues
    }

    /// A segment for each pair of neighbours in `boundaries`, which ascend, in microseconds.
    public func segments(at boundaries: [Int64], _ body: (_ number: Int, _ bytes: [UInt8]) throws -> Void) rethrows {
        let cues = cues
        var shown: [Int] = []
        var next = cues.startIndex
        var repeated = 0
        for (number, (start, end)) in zip(boundaries, boundaries.dropFirst()).enumerated() {
            shown.removeAll { cues[$0].end * 1000 <= start }
            while next < cues.endIndex, cues[next].start * 1000 < end {
                if cues[next].end * 1000 > start { shown.append(next) }
                next += 1
            }
            var text = Self.header
            for cue in shown.prefix(Self.maximumCuesPerSegment).map({ cues[$0] }) {
                let block = "\n" + cue.webVTT
                if cue.start * 1000 < start {
                    guard repeated + block.utf8.count <= Self.maximumRepeatedBytes else { continue }
                    repeated += block.utf8.count
                }
                text += block
            }
            try body(number + 1, Array(text.utf8))
        }
    }
}

extension CueList.Cue {
    /// Times and text, with a line end.
    var webVTT: String {
        "\(Timestamp.text(milliseconds: start)) --> \(Timestamp.text(milliseconds: end))\n\(text)\n"
    }
}
