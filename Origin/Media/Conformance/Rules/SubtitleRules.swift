import Playlist

/// Subtitles beside the film they belong to.
enum SubtitleRules {
    static func check(_ presentation: MeasuredPresentation, _ findings: inout FindingCollector) {
        guard let film = presentation.media.first(where: { $0.traits.video != nil }) ?? presentation.media.first else {
            return
        }
        var known: Set<String> = []
        for rendition in presentation.renditions where rendition.stated.kind == .subtitles {
            guard let measured = rendition.measured, known.insert(measured.name).inserted else { continue }
            checkDuration(measured, film, &findings)
            checkCues(measured, film, &findings)
        }
    }

    private static func checkDuration(
        _ measured: MeasuredPlaylist, _ film: MeasuredPlaylist, _ findings: inout FindingCollector
    ) {
        guard measured.isEnded, film.isEnded else { return }
        let missing = film.playlist.durationMicroseconds &- measured.playlist.durationMicroseconds
        // A segment of text is no frame; half a second is nothing anyone reads in.
        guard missing > 500_000 else { return }
        findings.add(
            .subtitleDuration, at: measured.place(), stated: Quantity.seconds(measured.playlist.durationMicroseconds),
            measured: Quantity.seconds(film.playlist.durationMicroseconds),
            "The subtitle playlist ends \(Quantity.seconds(missing)) before the film.")
    }

    /// Cues must lie in the time of their segment, on the clock of the media.
    private static func checkCues(
        _ measured: MeasuredPlaylist, _ film: MeasuredPlaylist, _ findings: inout FindingCollector
    ) {
        guard let begin = film.segments.first(where: { $0.number == 1 })?.shownNanoseconds else { return }
        var time = max(0, begin)
        for segment in measured.segments {
            let end = time &+ segment.statedMicroseconds &* 1_000
            if let cues = segment.cueNanoseconds,
                cues.lowerBound > end &+ 500_000_000 || cues.upperBound < time &- 500_000_000
            {
                findings.addRepeated(
                    .timestampMap, aspect: "time", at: measured.place(segment: segment.number),
                    stated: Quantity.seconds(cues.lowerBound / 1_000), measured: Quantity.seconds(time / 1_000),
                    "By X-TIMESTAMP-MAP the cues of the segment are shown from "
                        + "\(Quantity.seconds(cues.lowerBound / 1_000)) on, which is outside of it.")
            }
            time = end
        }
    }
}
