/// What an upload may be made of.
///
/// Everything else libav knows stays out of reach: formats that name other files or addresses (playlists, concat
/// scripts, image sequences), text and game formats, devices.
enum InputPolicy {
    /// Demuxers by any of their short names.
    static let formats: Set<String> = [
        "mov", "matroska", "mpegts", "mpeg", "avi", "flv", "ogg", "asf", "mxf", "ivf", "wav", "w64", "mp3", "flac",
        "aac",
        "ac3", "eac3", "aiff", "caf", "amr",
    ]

    /// Decoders by name.
    static let decoders: [String] = [
        "h264", "hevc", "mpeg1video", "mpeg2video", "mpeg4", "msmpeg4v1", "msmpeg4v2", "msmpeg4", "h263", "h263p",
        "flv",
        "vp6", "vp6f", "vp6a", "vp8", "vp9", "libdav1d", "theora", "vc1", "wmv1", "wmv2", "wmv3", "mjpeg", "prores",
        "dnxhd", "cfhd", "dvvideo", "rawvideo", "v210", "qtrle", "svq1", "svq3", "cinepak", "ffv1", "huffyuv",
        "utvideo",
        "aac", "aac_latm", "mp1float", "mp2float", "mp3float", "mp1", "mp2", "mp3", "ac3", "eac3", "dca", "truehd",
        "mlp",
        "opus", "libopus", "vorbis", "flac", "alac", "wmav1", "wmav2", "wmapro", "speex", "libspeex", "nellymoser",
        "amrnb", "amrwb", "adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms", "adpcm_swf", "pcm_alaw", "pcm_mulaw", "pcm_u8",
        "pcm_s8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le",
        "pcm_f32be",
        "pcm_f64le", "pcm_bluray", "pcm_dvd",
        "subrip", "ass", "mov_text", "webvtt", "text",
    ]

    /// Bytes and time a demuxer may look at before it must have named its streams.
    static let probeBytes = 20_000_000
    static let analyzeMicroseconds = 10_000_000
    /// Bytes read until the streams are known, whatever the demuxer looks for: the index of a day of film and more.
    static let openingBytes = Int64(256) << 20
    /// Streams libav looks at before it gives up: more than `ProbedMedia.maximumStreams`, so that the refusal can say how many there are.
    static let countedStreams = 1000
}
