import CMAF
import Playlist

/// One media playlist with what its segments' bytes say.
struct MeasuredPlaylist {
    /// How segments are wrapped.
    enum Container: String {
        case fragments = "fmp4"
        case transport = "mpegts"
        case packedAudio = "packed-audio"
        case subtitles = "webvtt"
    }

    /// As the report calls it.
    let name: String
    let role: RenditionFacts.Role
    let playlist: MediaPlaylist
    let lines: [Int]
    var container: Container?
    var segments: [SegmentMeasure] = []
    var traits = MediaTraits()
    var clock = FrameClock()
    /// Whether the bytes of every listed segment were counted.
    var isComplete = false
    /// Edits of the tracks; to be reported once.
    var edits: [MovieHeader.Edit] = []

    /// Whether nothing will be added to the list.
    var isEnded: Bool { playlist.isEnded || playlist.kind == .vod }

    func place(segment number: Int? = nil) -> Finding.Place {
        guard let number else { return Finding.Place(name) }
        let line = lines.indices.contains(number - 1) ? lines[number - 1] : nil
        return Finding.Place(name, line: line, segment: number)
    }

    /// What the rendition needs, as RFC 8216 §4.1 defines it; nil when no segment was measured.
    var bandwidth: MeasuredBandwidth? {
        guard !segments.isEmpty else { return nil }
        return MeasuredBandwidth(
            segments: segments.map { .init(bytes: $0.bytes, durationMicroseconds: $0.statedMicroseconds) },
            targetDurationSeconds: min(playlist.targetDurationSeconds, 1 << 20))
    }

    /// Length of what is shown of a segment: priming samples that an edit hides do not count.
    func contentNanoseconds(_ segment: SegmentMeasure) -> Int64? {
        guard let duration = segment.durationNanoseconds else { return nil }
        guard segment.number == 1, let shown = segment.shownNanoseconds, shown < 0 else { return duration }
        return max(0, duration &+ shown)
    }

    /// Length of everything as measured; nil unless every segment was.
    var contentNanoseconds: Int64? {
        guard isComplete else { return nil }
        var sum: Int64 = 0
        for segment in segments {
            guard let duration = contentNanoseconds(segment) else { return nil }
            sum = sum &+ duration
        }
        return sum
    }

    var facts: RenditionFacts {
        var facts = RenditionFacts(address: name, role: role)
        facts.container = container?.rawValue
        facts.segments = playlist.segments.count
        facts.measuredSegments = segments.count
        facts.bytes = segments.reduce(0) { $0 + $1.bytes }
        facts.statedSeconds = Double(playlist.durationMicroseconds) / 1_000_000
        facts.measuredSeconds = contentNanoseconds.map { Double($0) / 1_000_000_000 }
        facts.peakBitsPerSecond = bandwidth?.peak
        facts.averageBitsPerSecond = bandwidth?.average
        facts.codecs = traits.codecs
        facts.width = traits.video.flatMap { $0.width > 0 ? $0.width : nil }
        facts.height = traits.video.flatMap { $0.height > 0 ? $0.height : nil }
        facts.frameRate = clock.rate
        facts.longestKeyFrameSeconds = clock.longestKeyFrameNanoseconds.map { Double($0) / 1_000_000_000 }
        facts.videoRange = traits.video?.range
        facts.channels = traits.audio.first?.channels
        facts.sampleRate = traits.audio.first?.sampleRate
        return facts
    }
}
