/// Rules about what is in the segments.
extension ConformanceRule {
    static let codecAllowed = ConformanceRule("1.1", .must, "Video is H.264, HEVC, Dolby Vision or AV1")
    static let someModestLevel = ConformanceRule(
        "1.3a", .should, "Some H.264 variants are at most High Profile, Level 4.1")
    static let highestAVCLevel = ConformanceRule("1.3b", .must, "H.264 is at most High Profile, Level 5.2")
    static let highProfile = ConformanceRule("1.4", .should, "H.264 uses High Profile rather than Main or Baseline")
    static let containerOfHEVC = ConformanceRule("1.5", .must, "HEVC is in fragmented MP4")
    static let highestHEVCLevel = ConformanceRule("1.6b", .must, "HEVC is at most Main 10, Level 5.1, High Tier")
    static let staticMetadata = ConformanceRule(
        "1.8", .should, "Static metadata of HDR10 is in hvcC, not in the samples")
    static let parameterSets = ConformanceRule(
        "1.10", .should, "Parameter sets are in the sample descriptions: avc1 and hvc1, not avc3 and hev1")
    static let needlessLevel = ConformanceRule("1.11", .should, "The level is no higher than size and rate need")
    static let someAVC = ConformanceRule("1.12", .should, "Some video is encoded with H.264")
    static let keyFrameSpacing = ConformanceRule("1.13", .should, "An IDR comes every two seconds")
    static let progressive = ConformanceRule("1.14", .must, "Interlaced material is deinterlaced")
    static let naturalRate = ConformanceRule(
        "1.18", .should, "The frame rate is 23.976, 24, 25, 29.97, 30, 50, 59.94 or 60")
    static let highestRate = ConformanceRule("1.19", .must, "Frame rates above 60 are not used")
    static let modestHDRRate = ConformanceRule("1.20", .should, "HDR is offered at 30 frames per second or fewer")
    static let standardRange = ConformanceRule("1.24", .must, "SDR is offered beside HDR")
    static let average = ConformanceRule("1.26", .must, "The average rate is within 10 % of AVERAGE-BANDWIDTH")
    static let peak = ConformanceRule("1.27", .must, "The peak rate is within 10 % of BANDWIDTH")
    static let liveAverage = ConformanceRule(
        "1.28", .must, "Live, the average rate is under 110 % of AVERAGE-BANDWIDTH")
    static let livePeak = ConformanceRule("1.29", .must, "Live, the peak rate is under 125 % of BANDWIDTH")
    static let peakToAverage = ConformanceRule("1.30", .should, "The peak rate is at most 200 % of the average")
    static let startVariant = ConformanceRule("1.32", .should, "The first variant is that of about 2000 kb/s")
    static let aspectRatio = ConformanceRule("1.33", .should, "All variants have the same aspect ratio")
    static let modestUHD = ConformanceRule("1.34", .should, "Some UHD variants need at most 15 Mb/s")
    static let highestAV1Level = ConformanceRule("1.37", .must, "AV1 is at most Level 6.2")

    static let stereoAAC = ConformanceRule("2.3", .must, "Stereo sound is offered as AAC, HE-AAC or HE-AAC v2")
    static let efficientAAC = ConformanceRule("2.4", .should, "HE-AAC is not used above 64 kb/s")
    static let describedVideo = ConformanceRule("2.13", .must, "Audio description has AUTOSELECT=YES")
    static let oneSound = ConformanceRule("2.17", .must, "A segment holds no more than one audio stream")
    static let multichannelAAC = ConformanceRule(
        "2.26", .should, "Multichannel sound that is not Dolby's is offered as AAC too")

    static let transcribedDialog = ConformanceRule("4.6", .must, "Subtitles for the deaf have AUTOSELECT=YES")
    static let timestampMap = ConformanceRule("5.3", .must, "WebVTT segments are texts with an X-TIMESTAMP-MAP")
    static let subtitleDuration = ConformanceRule("5.5", .must, "Subtitle playlists last as long as the film")
    static let subtitleCodec = ConformanceRule("5.10", .should, "CODECS names the kind of subtitles")
    static let forcedSubtitles = ConformanceRule("5.11", .should, "Forced subtitles have AUTOSELECT=YES")

    static let iFramePlaylists = ConformanceRule("6.1", .must, "There are I-frame playlists for scrubbing")
    static let denseIFrames = ConformanceRule("6.2", .should, "I-frame renditions have a frame every second")
    static let severalIFramePlaylists = ConformanceRule("6.6", .should, "There are several I-frame playlists")
    static let iFramesOnly = ConformanceRule("6.8", .must, "I-frame playlists have EXT-X-I-FRAMES-ONLY")
    static let iFrameHeader = ConformanceRule("6.10", .must, "I-frame segments begin with the moof of their frame")
    static let standardRangeIFrames = ConformanceRule("6.16", .must, "I-frame playlists in SDR are offered")

    static let continuityCounters = ConformanceRule("7.2", .must, "Counters and times of a transport stream go on")
    static let decodeTimes = ConformanceRule(
        "7.3", .must, "Decode times go on where the segment before ended")
    static let beginsWithIDR = ConformanceRule("7.4", .must, "Segments of video begin with an IDR")
    static let targetOfSix = ConformanceRule("7.5", .should, "The target duration is 6 seconds")
    static let segmentsOfSix = ConformanceRule("7.6", .should, "Segments last about 6 seconds")
    static let overlongSegment = ConformanceRule(
        "7.7", .must, "No segment is longer than the target duration by more than 0.5 seconds")

    static let fragmentFormat = ConformanceRule(
        "RFC 8216 §3.3", .must, "Segments are fragments with a decode time and with places relative to themselves")
    static let transportFormat = ConformanceRule(
        "RFC 8216 §3.2", .must, "Transport streams have one program, with its tables in every segment")
    static let packedAudio = ConformanceRule(
        "RFC 8216 §3.4", .must, "Packed audio begins with an ID3 tag that says when it is heard")
    static let oneIFrame = ConformanceRule(
        "RFC 8216 §4.3.3.6", .must, "A segment of an I-frame playlist is one key frame")
    static let sampleData = ConformanceRule("ISO/IEC 14496-12 §8.8.8", .must, "Samples lie inside their segment")
    static let syncFlags = ConformanceRule(
        "ISO/IEC 14496-12 §8.8.3.1", .should, "Sample flags tell which frames decoding can start at")
    static let editList = ConformanceRule(
        "ISO/IEC 14496-12 §8.6.6", .should, "A track has one edit at most, and no empty one")
    static let negativeTime = ConformanceRule("ISO/IEC 14496-12 §8.8.12", .must, "Decode times are not negative")
    static let fragmentSequence = ConformanceRule(
        "ISO/IEC 14496-12 §8.8.5", .should, "Sequence numbers of fragments ascend")
    static let boxOrder = ConformanceRule(
        "ISO/IEC 23000-19 §7.3.3", .should, "A segment is styp, then moof and mdat in turn")
    static let encryptionPattern = ConformanceRule("13.7", .must, "Common encryption of video has the pattern 1:9")
    static let counterMode = ConformanceRule("13.11", .must, "SAMPLE-AES-CTR is not used")
}
