extension ConformanceRule {
    /// Every rule that is checked.
    public static let all = media + playlists

    private static let media: [ConformanceRule] = [
        .codecAllowed, .someModestLevel, .highestAVCLevel, .highProfile, .containerOfHEVC, .highestHEVCLevel,
        .staticMetadata, .parameterSets, .needlessLevel, .someAVC, .keyFrameSpacing, .progressive, .naturalRate,
        .highestRate, .modestHDRRate, .standardRange, .average, .peak, .liveAverage, .livePeak, .peakToAverage,
        .startVariant, .aspectRatio, .modestUHD, .highestAV1Level, .stereoAAC, .efficientAAC, .describedVideo,
        .oneSound, .multichannelAAC, .transcribedDialog, .timestampMap, .subtitleDuration, .subtitleCodec,
        .forcedSubtitles, .iFramePlaylists, .denseIFrames, .severalIFramePlaylists, .iFramesOnly, .iFrameHeader,
        .standardRangeIFrames, .continuityCounters, .decodeTimes, .beginsWithIDR, .targetOfSix, .segmentsOfSix,
        .overlongSegment, .fragmentFormat, .transportFormat, .packedAudio, .oneIFrame, .sampleData, .syncFlags,
        .editList, .negativeTime, .fragmentSequence, .boxOrder, .encryptionPattern, .counterMode,
    ]

    private static let playlists: [ConformanceRule] = [
        .syntax, .version, .roundedDuration, .byteRange, .encryption, .encryptedMap, .renditionAttributes,
        .channelStatement, .renditionGroups,
        .variantAttributes, .captionStatement, .availability, .bitrateTag, .exactDurations, .sameTarget, .sameDuration,
        .dates, .vod, .language, .liveSegments, .liveMinutes, .discontinuities, .discontinuitySequence, .redirects,
        .map, .boundaries, .codecs, .resolution, .iFrameCodecs, .iFrameResolution, .separateStreams,
        .separateMultichannel, .severalRates, .severalTopRates, .independentSegments, .independentMedia, .bandwidth,
        .averageBandwidth, .frameRate, .videoRange, .pathway, .score, .cellular, .compression, .tinyCompression,
        .mimeTypes,
        .encryptedTransport, .notMeasured,
    ]

    /// Whether a rule has this number.
    public static func isKnown(_ number: String) -> Bool { all.contains { $0.number == number } }
}
