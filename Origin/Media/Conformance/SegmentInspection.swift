import Playlist

/// What segments in memory say, without a playlist: for a look at single files, and for whoever tries the parsers.
public enum SegmentInspection {
    /// Reads `segments` one after the other, behind `initialization` where they are fragmented MP4.
    ///
    /// - Parameter isIFrames: whether each is to be one key frame.
    public static func run(
        initialization: [UInt8]?, segments: [[UInt8]], isIFrames: Bool = false
    ) -> (facts: RenditionFacts, findings: [Finding]) {
        var findings = FindingCollector(waived: [])
        let map = initialization == nil ? nil : MediaPlaylist.Map(uri: "initialization")
        let playlist = MediaPlaylist(
            targetDurationSeconds: 6, kind: .vod,
            segments: segments.map { _ in .init(uri: "segment", durationMicroseconds: 6_000_000, map: map) },
            isEnded: true, isIFramesOnly: isIFrames)
        var measured = MeasuredPlaylist(
            name: "", role: isIFrames ? .iFrames : .variant, playlist: playlist, lines: [])
        var walk = SegmentWalk(base: "")
        walk.map = map
        if let initialization { walk.begin(initialization, at: measured.place(), &findings) }
        for (index, bytes) in segments.enumerated() {
            var segment = SegmentMeasure(number: index + 1, bytes: bytes.count, statedMicroseconds: 6_000_000)
            walk.measure(bytes, at: measured.place(segment: index + 1), of: &measured, into: &segment, &findings)
            measured.segments.append(segment)
        }
        walk.finish(&measured, isWhole: true)
        measured.isComplete = true
        return (measured.facts, findings.sorted)
    }
}
