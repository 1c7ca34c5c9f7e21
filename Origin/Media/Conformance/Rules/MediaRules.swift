import Playlist

/// What one media playlist says, and how its segments are coded.
enum MediaRules {
    static func check(_ measured: MeasuredPlaylist, _ findings: inout FindingCollector) {
        checkVersion(measured, &findings)
        checkTarget(measured, &findings)
        if measured.isEnded {
            if measured.playlist.kind == nil {
                findings.add(
                    .vod, at: measured.place(),
                    "The playlist has an end (EXT-X-ENDLIST) and does not say EXT-X-PLAYLIST-TYPE:VOD.")
            }
        } else if measured.playlist.kind == nil {
            checkLive(measured, &findings)
        }
        if measured.role == .iFrames, !measured.playlist.isIFramesOnly {
            findings.add(.iFramesOnly, at: measured.place(), "The I-frame playlist has no EXT-X-I-FRAMES-ONLY.")
        }
        checkBitrates(measured, &findings)
        if measured.traits.audio.count > 1 {
            findings.add(
                .oneSound, at: measured.place(), measured: "\(measured.traits.audio.count)",
                "Segments hold \(measured.traits.audio.count) audio streams.")
        }
        if let video = measured.traits.video { VideoRules.check(video, of: measured, &findings) }
        for audio in measured.traits.audio.prefix(1) where audio.isHighEfficiency {
            let average = measured.bandwidth?.average ?? 0
            if measured.traits.video == nil, average > 70_000 {
                findings.add(
                    .efficientAAC, at: measured.place(), stated: audio.codec, measured: Quantity.rate(average),
                    "HE-AAC is for up to 64 kb/s; at this rate AAC-LC sounds better.")
            }
        }
    }

    private static func checkVersion(_ measured: MeasuredPlaylist, _ findings: inout FindingCollector) {
        let playlist = measured.playlist
        var needed = (version: 1, reason: "")
        func need(_ version: Int, _ reason: String, _ isUsed: Bool) {
            if isUsed, version > needed.version { needed = (version, reason) }
        }
        let keys = playlist.segments.flatMap(\.keys)
        need(2, "IV", keys.contains { $0.initializationVector != nil })
        need(3, "A duration with a fraction", playlist.segments.contains { $0.durationMicroseconds % 1_000_000 != 0 })
        need(4, "EXT-X-BYTERANGE", playlist.segments.contains { $0.byteRange != nil })
        need(4, "EXT-X-I-FRAMES-ONLY", playlist.isIFramesOnly)
        need(5, "KEYFORMAT", keys.contains { $0.format != nil })
        let hasMap = playlist.segments.contains { $0.map != nil }
        need(5, "EXT-X-MAP", hasMap)
        need(6, "EXT-X-MAP without EXT-X-I-FRAMES-ONLY", hasMap && !playlist.isIFramesOnly)
        guard playlist.version < needed.version else { return }
        findings.add(
            .version, at: measured.place(), stated: "\(playlist.version)", measured: "\(needed.version)",
            "\(needed.reason) needs EXT-X-VERSION:\(needed.version).")
    }

    private static func checkTarget(_ measured: MeasuredPlaylist, _ findings: inout FindingCollector) {
        let target = min(measured.playlist.targetDurationSeconds, 1 << 30)
        var isOverlong = false
        for (index, segment) in measured.playlist.segments.enumerated()
        where segment.durationMicroseconds >= Int64(target) * 1_000_000 + 500_000 {
            isOverlong = true
            findings.addRepeated(
                .roundedDuration, at: measured.place(segment: index + 1), stated: "\(target) s",
                measured: Quantity.seconds(segment.durationMicroseconds),
                "EXTINF rounds to more than EXT-X-TARGETDURATION.")
        }
        for segment in measured.segments {
            guard !isOverlong, measured.role != .iFrames, let duration = segment.durationNanoseconds,
                duration > Int64(target) * 1_000_000_000 + 501_000_000
            else { continue }
            findings.addRepeated(
                .overlongSegment, at: measured.place(segment: segment.number), stated: "\(target) s",
                measured: Quantity.seconds(duration / 1_000),
                "The segment's bytes last longer than the target duration and half a second.")
        }
        guard measured.role != .iFrames, measured.role != .subtitles, measured.container != nil else { return }
        if target != 6 {
            findings.add(
                .targetOfSix, at: measured.place(), stated: "\(target) s",
                "The target duration is \(target) s; 6 s suit players best.")
        }
        let lengths = measured.playlist.segments.dropLast().map(\.durationMicroseconds).sorted()
        if target == 6, !lengths.isEmpty, !(5_000_000...6_500_000).contains(lengths[lengths.count / 2]) {
            findings.add(
                .segmentsOfSix, at: measured.place(), measured: Quantity.seconds(lengths[lengths.count / 2]),
                "The segments are usually \(Quantity.seconds(lengths[lengths.count / 2])) long, not about 6 s.")
        }
    }

    /// Lists from which segments vanish at the beginning.
    private static func checkLive(_ measured: MeasuredPlaylist, _ findings: inout FindingCollector) {
        let playlist = measured.playlist
        findings.add(
            .notMeasured, at: measured.place(),
            "The playlist is live: this is how it was at one moment, and how it changes was not watched.")
        if !playlist.segments.contains(where: { $0.programDateTime != nil }) {
            findings.add(.dates, at: measured.place(), "The live playlist has no EXT-X-PROGRAM-DATE-TIME.")
        }
        if playlist.segments.count < 6 {
            findings.add(
                .liveSegments, at: measured.place(), measured: "\(playlist.segments.count)",
                "The live playlist has \(playlist.segments.count) segments; six are the least.")
        } else if playlist.durationMicroseconds < 15 * 60 * 1_000_000 {
            findings.add(
                .liveMinutes, at: measured.place(), measured: Quantity.seconds(playlist.durationMicroseconds),
                "The live playlist holds less than 15 minutes.")
        }
        if playlist.segments.contains(where: \.isDiscontinuity), playlist.discontinuitySequence == nil {
            findings.add(
                .discontinuitySequence, at: measured.place(),
                "The live playlist has discontinuities and no EXT-X-DISCONTINUITY-SEQUENCE.")
        }
    }

    private static func checkBitrates(_ measured: MeasuredPlaylist, _ findings: inout FindingCollector) {
        for segment in measured.segments where segment.statedMicroseconds > 0 {
            guard let stated = measured.playlist.segments[segment.number - 1].bitrateKilobits else { continue }
            let (bits, overflow) = segment.bytes.multipliedReportingOverflow(by: 8_000)
            let kilobits = overflow ? Int.max : bits / Int(segment.statedMicroseconds)
            let tenth = kilobits / 10
            // The tag is a whole number of kb/s.
            if stated < kilobits - tenth - 1 || stated > kilobits.addingReportingOverflow(tenth + 1).partialValue {
                findings.addRepeated(
                    .bitrateTag, at: measured.place(segment: segment.number), stated: "\(stated) kb/s",
                    measured: "\(kilobits) kb/s", "EXT-X-BITRATE is more than 10 % off the segment's rate.")
            }
        }
    }
}
