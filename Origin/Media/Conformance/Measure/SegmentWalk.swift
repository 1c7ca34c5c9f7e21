import CMAF
import Playlist

/// Where a walk through the segments of one playlist is.
struct SegmentWalk {
    let base: String
    private var meter = SegmentMeter.none
    /// Of all segments so far that said something.
    private var traits: MediaTraits?
    /// Whether what the present initialisation section says is in `traits`.
    private var isJoined = false
    private var clock = FrameClock()
    var map: MediaPlaylist.Map?
    /// Whether times may begin anew.
    var isFresh = true
    /// Where the last segment ended.
    private var end: Int64?

    init(base: String) { self.base = base }

    // MARK: Bytes

    /// Forgets the initialisation section, not what was measured.
    mutating func dropHeader() {
        clock = meter.clock
        meter = .none
        isJoined = false
    }

    /// Takes the initialisation section that holds from here on.
    mutating func begin(_ bytes: [UInt8], at place: Finding.Place, _ findings: inout FindingCollector) {
        do {
            let header = try MovieHeader(parsing: bytes)
            FragmentRules.check(header, at: Finding.Place(place.playlist), &findings)
            var meter = FragmentMeter(header: header)
            meter.resume(clock)
            self.meter = .fragments(meter)
        } catch {
            findings.addRepeated(
                .fragmentFormat, aspect: "init", at: place, measured: error.description,
                "The initialisation section cannot be read: \(error.description).")
        }
    }

    /// Measures the bytes of one segment.
    mutating func measure(
        _ bytes: [UInt8], at place: Finding.Place, of measured: inout MeasuredPlaylist,
        into segment: inout SegmentMeasure, _ findings: inout FindingCollector
    ) {
        guard let container = SegmentMeter.container(of: bytes) else {
            findings.addRepeated(
                .notMeasured, aspect: "unknown", at: place,
                measured: bytes.prefix(8).map { Hexadecimal.byte(Int($0)) }.joined(separator: " "),
                "The segment is in no form that this check knows: nothing in it was measured.")
            return
        }
        measured.container = measured.container ?? container
        if container == .fragments, map == nil {
            findings.addRepeated(
                .map, at: place, "The segment is fragmented MP4, and no EXT-X-MAP says how to read it.")
            return
        }
        meter.prepare(for: container)
        let context = SegmentContext(
            place: place, isFresh: isFresh, isIFrame: measured.role == .iFrames || measured.playlist.isIFramesOnly)
        meter.measure(bytes, context, into: &segment, &findings)
        isFresh = false
        join(meter.traits)
        if let start = segment.startNanoseconds, let duration = segment.durationNanoseconds {
            end = start &+ duration
        }
    }

    private mutating func join(_ part: MediaTraits) {
        if traits?.isEmpty ?? true {
            traits = part
        } else if !isJoined {
            traits?.join(part)
        }
        isJoined = true
    }

    /// Hands over what was measured of the whole.
    ///
    /// - Parameter isWhole: whether the film ends where the last segment does.
    mutating func finish(_ measured: inout MeasuredPlaylist, isWhole: Bool) {
        meter.end(at: isWhole ? end : nil)
        measured.traits = traits ?? MediaTraits()
        measured.clock = meter.clock
    }
}
