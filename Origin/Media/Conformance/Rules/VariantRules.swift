import Playlist

/// What EXT-X-STREAM-INF, EXT-X-I-FRAME-STREAM-INF and EXT-X-MEDIA say, beside the bytes behind them.
enum VariantRules {
    static func check(_ presentation: MeasuredPresentation, _ findings: inout FindingCollector) {
        for variant in presentation.variants {
            let sound = presentation.group(.audio, variant.stated.audioGroup)
            let text = presentation.group(.subtitles, variant.stated.subtitlesGroup)
            checkCodecs(variant, sound: sound, text: text, &findings)
            checkBandwidth(variant, with: sound, and: text, &findings)
            guard let measured = variant.measured, let video = measured.traits.video else { continue }
            checkPictures(variant, video, measured, &findings)
            let multichannel = measured.traits.audio.contains { $0.channels > 2 }
            if !measured.traits.audio.isEmpty {
                findings.addRepeated(
                    multichannel ? .separateMultichannel : .separateStreams, at: variant.place,
                    "Pictures and sound are in the same segments: every rung carries, and every switch repeats, the sound."
                )
            }
        }
        checkRanges(presentation, &findings)
        for variant in presentation.iFrameVariants { checkIFrames(variant, &findings) }
        for rendition in presentation.renditions { checkChannels(rendition, &findings) }
    }

    // MARK: CODECS

    private static func checkCodecs(
        _ variant: MeasuredPresentation.Variant, sound: [MeasuredPresentation.Rendition],
        text: [MeasuredPresentation.Rendition], _ findings: inout FindingCollector
    ) {
        guard !variant.stated.codecs.isEmpty, let own = variant.measured, own.container != nil else { return }
        let renditions = sound.filter { $0.stated.uri != nil }.map { $0.measured?.traits ?? MediaTraits() }
        let traits = [own.traits] + renditions
        compare(
            variant.stated.codecs, with: traits, isAllKnown: traits.allSatisfy { !$0.isEmpty },
            of: variant.stated.uri, rule: .codecs, at: variant.place, &findings)
        if !text.isEmpty, !variant.stated.codecs.contains(where: { $0.hasPrefix("wvtt") || $0.hasPrefix("stpp") }) {
            findings.addRepeated(
                .subtitleCodec, at: variant.place, "CODECS does not say that the subtitles are wvtt, or stpp.ttml.im1t."
            )
        }
    }

    private static func compare(
        _ stated: [String], with traits: [MediaTraits], isAllKnown: Bool, of uri: String, rule: ConformanceRule,
        at place: Finding.Place, _ findings: inout FindingCollector
    ) {
        let measured = traits.flatMap(\.codecs)
        let isText = { (codec: String) in codec.hasPrefix("wvtt") || codec.hasPrefix("stpp") }
        let missing = measured.filter { codec in
            !isText(codec) && !stated.contains { CodecName.matches($0, codec) }
        }
        let held = measured + traits.flatMap { $0.video?.lesserCodecs ?? [] }
        let extra = stated.filter { codec in
            isAllKnown && !isText(codec) && !held.contains { CodecName.matches(codec, $0) }
                && !CodecName.isUnknown(codec, among: traits)
        }
        guard !missing.isEmpty || !extra.isEmpty else { return }
        let unique = Array(Set(measured)).sorted().joined(separator: ",")
        let reason =
            missing.isEmpty
            ? "names \(extra.joined(separator: ", ")), which no segment holds"
            : "does not name \(Array(Set(missing)).sorted().joined(separator: ", ")), which segments hold"
        findings.add(
            rule, at: place, stated: stated.joined(separator: ","), measured: unique, "CODECS of \(uri) \(reason).")
    }

    // MARK: Rates

    private static func checkBandwidth(
        _ variant: MeasuredPresentation.Variant, with sound: [MeasuredPresentation.Rendition],
        and text: [MeasuredPresentation.Rendition], _ findings: inout FindingCollector
    ) {
        guard let measured = variant.measured, let own = measured.bandwidth else { return }
        let others = sound.compactMap(\.measured) + text.compactMap(\.measured)
        let soundRates = sound.compactMap { $0.measured?.bandwidth }
        let textRates = text.compactMap { $0.measured?.bandwidth }
        let peak = own.peak + (soundRates.map(\.peak).max() ?? 0) + (textRates.map(\.peak).max() ?? 0)
        let average =
            own.average + (soundRates.map(\.average).max() ?? 0) + (textRates.map(\.average).max() ?? 0)
        let isWhole = measured.isComplete && others.allSatisfy(\.isComplete)
        let rates = RateComparison(
            uri: variant.stated.uri, place: variant.place, isWhole: isWhole && measured.isEnded,
            isLive: !measured.isEnded)
        if rates.isOff(stated: variant.stated.bandwidth, measured: peak) {
            // The variant's own rate, as if it played alone: the sum was not made.
            let isOwn =
                !others.isEmpty
                && (own.peak - own.peak / 50...own.peak + own.peak / 50).contains(variant.stated.bandwidth)
            rates.report(
                isOwn ? .bandwidth : measured.isEnded ? .peak : .livePeak, "BANDWIDTH",
                stated: variant.stated.bandwidth, measured: peak, &findings)
        }
        if let stated = variant.stated.averageBandwidth, rates.isAverageOff(stated: stated, measured: average) {
            rates.report(
                measured.isEnded ? .average : .liveAverage, "AVERAGE-BANDWIDTH", stated: stated, measured: average,
                &findings)
        }
        if isWhole, measured.isEnded, measured.segments.count > 1, peak > 2 * average {
            findings.add(
                .peakToAverage, at: variant.place, stated: Quantity.rate(average), measured: Quantity.rate(peak),
                "The peak of \(variant.stated.uri) is \(Quantity.percent(peak, of: average)) of its average.")
        }
    }

    // MARK: Pictures

    private static func checkPictures(
        _ variant: MeasuredPresentation.Variant, _ video: MediaTraits.Video, _ measured: MeasuredPlaylist,
        _ findings: inout FindingCollector
    ) {
        checkResolution(
            variant.stated.resolution, video, of: variant.stated.uri, rule: .resolution, at: variant.place, &findings)
        guard let stated = variant.stated.frameRateThousandths else {
            findings.add(
                .frameRate, at: variant.place,
                measured: measured.clock.rate.map { Quantity.decimal($0, places: 3) },
                "\(variant.stated.uri) has no FRAME-RATE.")
            return
        }
        guard let rate = measured.clock.rate else { return }
        let rates = [rate, measured.clock.averageRate ?? rate, measured.clock.usualRate ?? rate]
        if !rates.contains(where: { abs($0 - Double(stated) / 1_000) < max(0.01, $0 * 0.002) }) {
            findings.add(
                .frameRate, at: variant.place, stated: Quantity.decimal(Double(stated) / 1_000, places: 3),
                measured: Quantity.decimal(rate, places: 3),
                "FRAME-RATE of \(variant.stated.uri) is not what its frames show.")
        }
    }

    private static func checkResolution(
        _ stated: MultivariantPlaylist.Resolution?, _ video: MediaTraits.Video, of uri: String, rule: ConformanceRule,
        at place: Finding.Place, _ findings: inout FindingCollector
    ) {
        guard let stated else {
            if rule == .resolution {
                findings.add(rule, at: place, measured: "\(video.width)x\(video.height)", "\(uri) has no RESOLUTION.")
            }
            return
        }
        let sizes = [MediaTraits.Video.Size(width: video.width, height: video.height)] + video.otherSizes
        let wrong = sizes.first { size in
            guard size.width > 0, size.height > 0 else { return false }
            // Pixels that are not square may be stated as coded or as shown.
            let shown = Double(size.width) * video.pixelAspect
            let isWidthRight = stated.width == size.width || abs(Double(stated.width) - shown) <= 1
            return !isWidthRight || stated.height != size.height
        }
        guard let wrong else { return }
        findings.add(
            rule, at: place, stated: "\(stated.width)x\(stated.height)", measured: "\(wrong.width)x\(wrong.height)",
            "RESOLUTION of \(uri) is not that of its pictures.")
    }

    private static func checkRanges(_ presentation: MeasuredPresentation, _ findings: inout FindingCollector) {
        let measured = presentation.variants.compactMap { $0.measured?.traits.video?.range }
        let isHDR = measured.contains { $0 != "SDR" }
        for variant in presentation.variants {
            guard let video = variant.measured?.traits.video else { continue }
            let stated = variant.stated.videoRange?.rawValue
            guard let range = video.range else {
                if stated != nil, stated != "SDR" {
                    findings.add(
                        .notMeasured, at: variant.place, stated: stated,
                        "The bytes do not say the range of their brightness: VIDEO-RANGE was not compared.")
                }
                continue
            }
            if stated == nil ? isHDR : stated != range {
                findings.add(
                    .videoRange, at: variant.place, stated: stated, measured: range,
                    stated == nil
                        ? "\(variant.stated.uri) has no VIDEO-RANGE, and not everything is SDR."
                        : "VIDEO-RANGE of \(variant.stated.uri) is not what its bytes say.")
            }
        }
    }

    // MARK: I-frames and sound

    private static func checkIFrames(
        _ variant: MeasuredPresentation.IFrameVariant, _ findings: inout FindingCollector
    ) {
        guard let measured = variant.measured, let own = measured.bandwidth else { return }
        if !variant.stated.codecs.isEmpty, measured.container != nil {
            compare(
                variant.stated.codecs, with: [measured.traits], isAllKnown: !measured.traits.isEmpty,
                of: variant.stated.uri, rule: .iFrameCodecs, at: variant.place, &findings)
        }
        if let video = measured.traits.video {
            checkResolution(
                variant.stated.resolution, video, of: variant.stated.uri, rule: .iFrameResolution, at: variant.place,
                &findings)
        }
        let rates = RateComparison(
            uri: variant.stated.uri, place: variant.place, isWhole: measured.isComplete && measured.isEnded,
            isLive: !measured.isEnded)
        if rates.isOff(stated: variant.stated.bandwidth, measured: own.peak) {
            rates.report(
                measured.isEnded ? .peak : .livePeak, "BANDWIDTH", stated: variant.stated.bandwidth,
                measured: own.peak, &findings)
        }
        if let stated = variant.stated.averageBandwidth, rates.isAverageOff(stated: stated, measured: own.average) {
            rates.report(
                measured.isEnded ? .average : .liveAverage, "AVERAGE-BANDWIDTH", stated: stated,
                measured: own.average, &findings)
        }
    }

    private static func checkChannels(
        _ rendition: MeasuredPresentation.Rendition, _ findings: inout FindingCollector
    ) {
        guard rendition.stated.kind == .audio, let sound = rendition.measured?.traits.audio.first, sound.channels > 0,
            let stated = rendition.stated.channels, let count = Int(stated.prefix { $0 != "/" }),
            count != sound.channels, !stated.contains("JOC")
        else { return }
        findings.add(
            .renditionAttributes, at: rendition.place, stated: stated, measured: "\(sound.channels)",
            "CHANNELS of \(rendition.stated.name) is not what its sound has.")
    }
}

/// A rate that is stated beside one that is measured (Apple's appendix on declared and measured values).
struct RateComparison {
    let uri: String
    let place: Finding.Place
    /// Whether all of the film was measured, so that a rate may also be too high.
    let isWhole: Bool
    let isLive: Bool

    /// Of BANDWIDTH.
    func isOff(stated: Int, measured: Int) -> Bool {
        isOff(stated: stated, measured: measured, percentAbove: isLive ? 25 : 10)
    }

    /// Of AVERAGE-BANDWIDTH: over less than everything it says nothing.
    func isAverageOff(stated: Int, measured: Int) -> Bool {
        (isWhole || isLive) && isOff(stated: stated, measured: measured, percentAbove: 10)
    }

    private func isOff(stated: Int, measured: Int, percentAbove: Int) -> Bool {
        let margin = Double(stated) * Double(percentAbove) / 100
        let difference = Double(measured) - Double(stated)
        return difference > margin || isWhole && difference < -margin
    }

    func report(
        _ rule: ConformanceRule, _ attribute: String, stated: Int, measured: Int, _ findings: inout FindingCollector
    ) {
        let sum = rule == .bandwidth ? ", sound and subtitles that play with it included" : ""
        findings.add(
            rule, at: place, stated: "\(stated)", measured: "\(measured)",
            "\(attribute) of \(uri) is \(Quantity.rate(stated)) and should be \(Quantity.rate(measured))\(sum).")
    }
}
