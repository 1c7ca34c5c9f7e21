import Playlist

/// What a presentation offers as a whole.
enum LadderRules {
    static func check(_ presentation: MeasuredPresentation, _ findings: inout FindingCollector) {
        let place = Finding.Place(presentation.outline.name)
        let pictures = presentation.pictures
        let videos = pictures.compactMap { $0.measured?.traits.video }
        if !videos.isEmpty {
            // What could not be read may be another size.
            let isAllKnown = presentation.variants.allSatisfy { !($0.measured?.traits.isEmpty ?? true) }
            if isAllKnown { checkChoice(pictures, videos, at: place, &findings) }
            checkCodecs(videos, at: place, &findings)
            checkRanges(presentation, videos, at: place, &findings)
            checkIFrames(presentation, at: place, &findings)
        }
        checkSound(presentation, at: place, &findings)
    }

    private static func checkChoice(
        _ pictures: [MeasuredPresentation.Variant], _ videos: [MediaTraits.Video], at place: Finding.Place,
        _ findings: inout FindingCollector
    ) {
        if pictures.count < 2 {
            findings.add(
                .severalRates, at: place, measured: "1", "There is one variant: slow connections have no choice.")
        }
        let top = videos.map { min($0.width, $0.height) }.max() ?? 0
        let atTop = videos.count { min($0.width, $0.height) == top }
        if top >= 720, pictures.count > 1, atTop < 2 {
            findings.add(
                .severalTopRates, at: place, measured: "1 at \(top) lines",
                "There is one variant at the highest resolution; two let players keep it when the rate falls.")
        }
        checkAspects(videos, at: place, &findings)
        checkStart(pictures, &findings)
        let rates = pictures.compactMap { $0.measured?.bandwidth?.average }
        if videos.contains(where: { min($0.width, $0.height) >= 2_160 }) {
            let isModest = pictures.contains { variant in
                let video = variant.measured?.traits.video
                return min(video?.width ?? 0, video?.height ?? 0) >= 2_160
                    && (variant.measured?.bandwidth?.average ?? 0) <= 15_000_000
            }
            if !isModest { findings.add(.modestUHD, at: place, "No variant in UHD needs 15 Mb/s or less.") }
        }
        let least = pictures.map(\.stated.bandwidth).min() ?? 0
        if !rates.isEmpty, least > 192_000 {
            findings.add(
                .cellular, at: place, measured: Quantity.rate(least),
                "The lowest BANDWIDTH is \(Quantity.rate(least)); over cellular networks 192 kb/s must be offered.")
        }
    }

    private static func checkAspects(
        _ videos: [MediaTraits.Video], at place: Finding.Place, _ findings: inout FindingCollector
    ) {
        guard let first = videos.max(by: { $0.width < $1.width }), first.aspect > 0 else { return }
        for video in videos where video.aspect > 0 {
            // Sizes are even numbers: two pixels either way.
            let shown = Double(video.width) * video.pixelAspect
            if abs(first.aspect * Double(video.height) - shown) > 2 * max(first.aspect, 1) {
                findings.addRepeated(
                    .aspectRatio, at: place, stated: "\(first.width)x\(first.height)",
                    measured: "\(video.width)x\(video.height)",
                    "\(video.width)x\(video.height) is shown in another shape than \(first.width)x\(first.height).")
            }
        }
    }

    /// Players start with the first: the best one up to 2000 kb/s, or the one nearest to it, of those in its codec.
    private static func checkStart(
        _ pictures: [MeasuredPresentation.Variant], _ findings: inout FindingCollector
    ) {
        guard let first = pictures.first, first.measured?.isComplete == true else { return }
        let format = first.measured?.traits.video?.format
        let pictures = pictures.filter { $0.measured?.traits.video?.format == format }
        guard pictures.count > 1 else { return }
        let rates = pictures.compactMap { $0.measured?.bandwidth?.average }
        guard rates.count == pictures.count, let own = first.measured?.bandwidth?.average else { return }
        let ideal = 2_000_000.0
        let distance = { (rate: Int) in max(ideal / Double(max(rate, 1)), Double(rate) / ideal) }
        let nearest = rates.map(distance).min() ?? 1
        let below = rates.filter { Double($0) <= ideal * 1.1 }.max() ?? rates.min() ?? own
        guard own != below, distance(own) > nearest * 1.1 else { return }
        findings.add(
            .startVariant, at: first.place, measured: Quantity.rate(own),
            "The first variant, with which players start, needs \(Quantity.rate(own)); one nearer to 2000 kb/s is offered."
        )
    }

    private static func checkCodecs(
        _ videos: [MediaTraits.Video], at place: Finding.Place, _ findings: inout FindingCollector
    ) {
        let known = videos.filter { $0.codec != nil }
        let simple = known.filter { $0.format == "avc1" || $0.format == "avc3" }
        if known.count == videos.count, simple.isEmpty {
            findings.add(.someAVC, at: place, "No variant is H.264: old devices can play none.")
        }
        if !simple.isEmpty, !simple.contains(where: { $0.profile <= 100 && $0.level <= 41 }) {
            findings.add(.someModestLevel, at: place, "All H.264 variants are above High Profile, Level 4.1.")
        }
    }

    private static func checkRanges(
        _ presentation: MeasuredPresentation, _ videos: [MediaTraits.Video], at place: Finding.Place,
        _ findings: inout FindingCollector
    ) {
        let bright = videos.filter { $0.range == "PQ" || $0.range == "HLG" }
        guard !bright.isEmpty else { return }
        if bright.count == videos.count {
            findings.add(.standardRange, at: place, "Everything is HDR: devices without it have nothing to play.")
        }
        let rates = presentation.pictures.filter { variant in
            variant.measured?.traits.video.map { $0.range == "PQ" || $0.range == "HLG" } ?? false
        }.compactMap { $0.measured?.clock.rate }
        if !rates.isEmpty, !rates.contains(where: { $0 <= 30.1 }) {
            findings.add(.modestHDRRate, at: place, "HDR is offered at more than 30 frames per second only.")
        }
        let iFrames = presentation.iFrameVariants.compactMap { $0.measured?.traits.video?.range }
        if !iFrames.isEmpty, !iFrames.contains("SDR") {
            findings.add(.standardRangeIFrames, at: place, "All I-frame playlists are HDR.")
        }
    }

    private static func checkIFrames(
        _ presentation: MeasuredPresentation, at place: Finding.Place, _ findings: inout FindingCollector
    ) {
        guard !presentation.iFrameVariants.isEmpty else {
            let isEnded = presentation.pictures.contains { $0.measured?.isEnded ?? false }
            if isEnded {
                findings.add(
                    .iFramePlaylists, at: place, "There is no EXT-X-I-FRAME-STREAM-INF: scrubbing shows no pictures.")
            }
            return
        }
        if presentation.iFrameVariants.count < 2, presentation.pictures.count > 1 {
            findings.add(.severalIFramePlaylists, at: place, "There is one I-frame playlist, for all bit rates.")
        }
        for variant in presentation.iFrameVariants {
            guard let measured = variant.measured, !measured.playlist.segments.isEmpty else { continue }
            let each = measured.playlist.durationMicroseconds / Int64(measured.playlist.segments.count)
            if each > 1_100_000, measured.playlist.segments.count > 1 {
                findings.addRepeated(
                    .denseIFrames, at: Finding.Place(place.playlist, line: variant.place.line),
                    measured: Quantity.seconds(each),
                    "An I-frame comes every \(Quantity.seconds(each)); one every second makes scrubbing smooth.")
            }
        }
    }

    private static func checkSound(
        _ presentation: MeasuredPresentation, at place: Finding.Place, _ findings: inout FindingCollector
    ) {
        let sounds = presentation.media.flatMap(\.traits.audio)
        guard !sounds.isEmpty, sounds.allSatisfy({ $0.codec != nil }) else { return }
        if !sounds.contains(where: { $0.isAAC && $0.channels <= 2 }) {
            findings.add(
                .stereoAAC, at: place, measured: Array(Set(sounds.compactMap(\.codec))).sorted().joined(separator: ","),
                "No sound is stereo AAC, which every device plays.")
        }
        if sounds.contains(where: { $0.channels > 2 && !$0.isDolby && !$0.isAAC }),
            !sounds.contains(where: { $0.channels > 2 && $0.isAAC })
        {
            findings.add(.multichannelAAC, at: place, "Multichannel sound is not offered as AAC.")
        }
    }
}
