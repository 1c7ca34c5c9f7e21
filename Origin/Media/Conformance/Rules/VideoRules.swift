import Playlist

/// How pictures are coded.
enum VideoRules {
    private static let naturalRates = [24_000 / 1_001.0, 24, 25, 30_000 / 1_001.0, 30, 50, 60_000 / 1_001.0, 60]
    private static let known: Set<String> = [
        "avc1", "avc3", "hvc1", "hev1", "dvh1", "dvhe", "dva1", "dvav", "dav1", "av01", "mjpg",
    ]

    static func check(
        _ video: MediaTraits.Video, of measured: MeasuredPlaylist, _ findings: inout FindingCollector
    ) {
        let place = measured.place()
        guard known.contains(video.format) else {
            findings.add(
                .codecAllowed, at: place, measured: video.format,
                "\(video.format) is none of H.264, HEVC, Dolby Vision and AV1.")
            return
        }
        if video.codec == nil, measured.container == .fragments, video.format != "mjpg" {
            findings.add(
                .notMeasured, at: place, measured: video.format,
                "The configuration of \(video.format) could not be read: CODECS was not compared.")
        }
        if ["avc3", "hev1", "dvhe"].contains(video.format) {
            findings.add(
                .parameterSets, at: place, measured: video.format,
                "Parameter sets may be in the samples (\(video.format)); players start faster when they are in the header."
            )
        }
        checkLevel(video, at: place, &findings)
        checkRate(video, measured, at: place, &findings)
        if let scheme = video.protection, !video.isPatternRight {
            findings.add(
                .encryptionPattern, at: place, measured: scheme, "The encryption of video has another pattern than 1:9."
            )
        }
        if !video.isProgressive {
            findings.add(
                .progressive, at: place, measured: "frame_mbs_only_flag 0", "The video is coded as interlaced.")
        }
        if video.format == "hvc1" || video.format == "hev1" {
            if measured.container == .transport {
                findings.add(.containerOfHEVC, at: place, "HEVC is in a transport stream.")
            } else if video.range == "PQ", !video.hasStaticMetadata, video.codec != nil {
                findings.add(.staticMetadata, at: place, "hvcC has no static metadata, which HDR10 has.")
            }
        }
    }

    private static func checkLevel(
        _ video: MediaTraits.Video, at place: Finding.Place, _ findings: inout FindingCollector
    ) {
        guard video.codec != nil else { return }
        switch video.format {
        case "avc1", "avc3":
            if video.level > 52 || video.profile > 100 {
                findings.add(
                    .highestAVCLevel, at: place, measured: video.codec,
                    "The profile or level of H.264 is above High 5.2.")
            } else if video.profile < 100 {
                findings.add(
                    .highProfile, at: place, measured: video.codec,
                    "High Profile gives better pictures at the same rate than Main or Baseline.")
            }
        case "hvc1", "hev1":
            if video.level > 153 || video.profile > 2 {
                findings.add(
                    .highestHEVCLevel, at: place, measured: video.codec,
                    "The profile or level of HEVC is above Main 10, Level 5.1.")
            }
        case "av01":
            if video.level > 18 {
                findings.add(
                    .highestAV1Level, at: place, measured: video.codec, "The level of AV1 is above 6.2.")
            }
        default:
            break
        }
    }

    private static func checkRate(
        _ video: MediaTraits.Video, _ measured: MeasuredPlaylist, at place: Finding.Place,
        _ findings: inout FindingCollector
    ) {
        if measured.role == .iFrames { return }
        if let rate = measured.clock.rate {
            let shown = Quantity.decimal(rate, places: 3)
            if rate > 60.5 {
                findings.add(.highestRate, at: place, measured: shown, "\(shown) frames per second are more than 60.")
            } else if measured.isEnded, !naturalRates.contains(where: { abs($0 - rate) < 0.02 }) {
                findings.add(
                    .naturalRate, at: place, measured: shown,
                    "\(shown) frames per second is no rate that screens show evenly.")
            }
            if let needed = AVCLevel.needed(video, rate: rate, bitsPerSecond: measured.bandwidth?.peak ?? 0),
                video.level > needed
            {
                findings.add(
                    .needlessLevel, at: place, stated: AVCLevel.name(video.level), measured: AVCLevel.name(needed),
                    "Level \(AVCLevel.name(video.level)) is stated where \(AVCLevel.name(needed)) is enough: "
                        + "older devices need not play it.")
            }
        }
        let frame = measured.clock.usualNanoseconds ?? 0
        if let longest = measured.clock.longestKeyFrameNanoseconds, longest > 2_000_000_000 + frame {
            findings.add(
                .keyFrameSpacing, at: place, measured: Quantity.seconds(longest / 1_000),
                "Up to \(Quantity.seconds(longest / 1_000)) pass from one IDR to the next; 2 s are asked for.")
        }
    }
}

/// Levels of H.264 (ITU-T H.264 table A-1).
private enum AVCLevel {
    private static let table: [(level: Int, rate: Int, frame: Int, buffer: Int, kilobits: Int)] = [
        (10, 1_485, 99, 396, 64), (11, 3_000, 396, 900, 192), (12, 6_000, 396, 2_376, 384),
        (13, 11_880, 396, 2_376, 768), (20, 11_880, 396, 2_376, 2_000), (21, 19_800, 792, 4_752, 4_000),
        (22, 20_250, 1_620, 8_100, 4_000), (30, 40_500, 1_620, 8_100, 10_000), (31, 108_000, 3_600, 18_000, 14_000),
        (32, 216_000, 5_120, 20_480, 20_000), (40, 245_760, 8_192, 32_768, 20_000),
        (41, 245_760, 8_192, 32_768, 50_000), (42, 522_240, 8_704, 34_816, 50_000),
        (50, 589_824, 22_080, 110_400, 135_000), (51, 983_040, 36_864, 184_320, 240_000),
        (52, 2_073_600, 36_864, 184_320, 240_000),
    ]

    /// The lowest level that size, rate, reference frames and bits allow; nil for other codecs.
    static func needed(_ video: MediaTraits.Video, rate: Double, bitsPerSecond: Int) -> Int? {
        guard video.format == "avc1" || video.format == "avc3", video.macroblocks > 0 else { return nil }
        let factor = video.profile >= 100 ? 1_250 : 1_000
        return table.first { row in
            video.macroblocks <= row.frame && Double(video.macroblocks) * rate <= Double(row.rate) * 1.001
                && video.macroblocks * min(video.referenceFrames, 16) <= row.buffer
                && bitsPerSecond <= row.kilobits * factor
        }?.level
    }

    static func name(_ level: Int) -> String { "\(level / 10).\(level % 10)" }
}
