/// Rules about playlists, and what they say of the segments.
extension ConformanceRule {
    static let syntax = ConformanceRule("RFC 8216 §4", .must, "Playlists follow the syntax of the protocol")
    static let version = ConformanceRule("RFC 8216 §7", .must, "EXT-X-VERSION covers what the playlist uses")
    static let roundedDuration = ConformanceRule(
        "RFC 8216 §4.3.3.1", .must, "No EXTINF rounds to more than the target duration")
    static let byteRange = ConformanceRule(
        "RFC 8216 §4.3.2.2", .must, "A byte range without offset follows one of the same resource")
    static let encryption = ConformanceRule(
        "RFC 8216 §4.3.2.4", .must, "What EXT-X-KEY holds for opens with its key and its vector")
    static let encryptedMap = ConformanceRule(
        "RFC 8216 §4.3.2.5", .must, "EXT-X-KEY that holds for an EXT-X-MAP has an IV")
    static let renditionAttributes = ConformanceRule(
        "RFC 8216 §4.3.4.1", .must, "EXT-X-MEDIA tags agree with themselves, with their group and with their sound")
    static let channelStatement = ConformanceRule("RFC 8216 §4.3.4.1", .should, "EXT-X-MEDIA of sound has CHANNELS")
    static let renditionGroups = ConformanceRule(
        "RFC 8216 §4.3.4.1.1", .must, "Names in a group are unique, and one rendition at most is the default")
    static let variantAttributes = ConformanceRule(
        "RFC 8216 §4.3.4.2", .must, "EXT-X-STREAM-INF tags agree with themselves and with each other")
    static let captionStatement = ConformanceRule(
        "RFC 8216 §4.3.4.2", .should, "CLOSED-CAPTIONS=NONE is stated where there are none")
    static let availability = ConformanceRule("RFC 8216 §6.2.1", .must, "What a playlist lists can be fetched")
    static let bitrateTag = ConformanceRule(
        "RFC 8216bis §4.4.4.8", .must, "EXT-X-BITRATE is between 90 % and 110 % of the segment's rate")

    static let exactDurations = ConformanceRule(
        "8.1", .must, "Durations of any run of segments are within one video frame of the truth")
    static let sameTarget = ConformanceRule("8.2", .must, "Audio and video playlists have the same target duration")
    static let sameDuration = ConformanceRule("8.3", .must, "Audio and video playlists have the same duration")
    static let dates = ConformanceRule("8.4", .must, "Live playlists have EXT-X-PROGRAM-DATE-TIME")
    static let vod = ConformanceRule("8.6", .must, "Playlists that do not change have EXT-X-PLAYLIST-TYPE:VOD")
    static let language = ConformanceRule("8.10", .must, "Every EXT-X-MEDIA but those of video has LANGUAGE")
    static let liveSegments = ConformanceRule("8.11", .must, "A live playlist has six segments or more")
    static let liveMinutes = ConformanceRule("8.12", .should, "A live playlist holds 15 minutes or more")
    static let discontinuities = ConformanceRule("8.15", .must, "Discontinuities are at the same times everywhere")
    static let discontinuitySequence = ConformanceRule(
        "8.17", .must, "Live playlists with discontinuities have EXT-X-DISCONTINUITY-SEQUENCE")
    static let redirects = ConformanceRule("8.18", .must, "Media is not behind redirects")
    static let map = ConformanceRule("8.20", .must, "Playlists of fragmented MP4 have EXT-X-MAP")
    static let boundaries = ConformanceRule("8.22", .should, "Segments begin at the same times in all renditions")

    static let codecs = ConformanceRule("9.1", .must, "EXT-X-STREAM-INF has CODECS, naming what is in the segments")
    static let resolution = ConformanceRule("9.2", .must, "EXT-X-STREAM-INF has the RESOLUTION of its video")
    static let iFrameCodecs = ConformanceRule(
        "9.3", .must, "EXT-X-I-FRAME-STREAM-INF has CODECS, naming what is in the segments")
    static let iFrameResolution = ConformanceRule(
        "9.4", .must, "EXT-X-I-FRAME-STREAM-INF has the RESOLUTION of its video")
    static let separateStreams = ConformanceRule("9.5", .should, "Video and audio are separate streams")
    static let separateMultichannel = ConformanceRule("9.6", .must, "Multichannel sound is a separate stream")
    static let severalRates = ConformanceRule("9.9", .must, "Video is offered at several bit rates")
    static let severalTopRates = ConformanceRule(
        "9.10", .should, "Of HD video there are two variants at the highest resolution")
    static let independentSegments = ConformanceRule(
        "9.11", .should, "The multivariant playlist has EXT-X-INDEPENDENT-SEGMENTS")
    static let independentMedia = ConformanceRule(
        "9.12", .must, "EXT-X-INDEPENDENT-SEGMENTS is in the multivariant playlist or in all of video")
    static let bandwidth = ConformanceRule(
        "9.13", .must, "BANDWIDTH is the largest sum of peaks of what plays together")
    static let averageBandwidth = ConformanceRule("9.14", .must, "AVERAGE-BANDWIDTH is stated")
    static let frameRate = ConformanceRule("9.15", .must, "EXT-X-STREAM-INF has the FRAME-RATE of its video")
    static let videoRange = ConformanceRule("9.16", .must, "VIDEO-RANGE is stated, and right, unless everything is SDR")
    static let pathway = ConformanceRule("9.18", .should, "EXT-X-CONTENT-STEERING has PATHWAY-ID")
    static let score = ConformanceRule("9.19", .must, "SCORE is on every variant or on none")
    static let cellular = ConformanceRule(
        "9.21", .note, "Over cellular networks there must be a variant of at most 192 kb/s")

    static let compression = ConformanceRule("10.1", .must, "Playlists are delivered with gzip")
    static let tinyCompression = ConformanceRule(
        "10.1", .note, "Playlists under 1,000 bytes are delivered with gzip too")
    static let mimeTypes = ConformanceRule("10.4", .should, "Recommended MIME types are used")
    static let encryptedTransport = ConformanceRule("11.1", .should, "Playlists are delivered over TLS")

    static let notMeasured = ConformanceRule("measurement", .note, "What could not be measured is said")
}
