/// How the segments of one playlist are coded, as their bytes say.
struct MediaTraits: Equatable {
    /// Pictures.
    struct Video: Equatable {
        /// Four characters of the sample entry, or what a transport stream's type means.
        var format: String
        /// RFC 6381 string; nil when the bytes do not say enough.
        var codec: String?
        /// Strings of parts that ask less of a decoder.
        var lesserCodecs: Set<String> = []
        /// As coded, after cropping.
        var width = 0
        var height = 0
        /// Sizes of parts that are coded in another one.
        var otherSizes: Set<Size> = []
        var pixelAspect = 1.0
        var profile = 0
        /// The byte of constraint_set flags of H.264.
        var constraints = 0
        /// In the codec's own numbers.
        var level = 0
        var isHighTier = false
        var isProgressive = true
        var macroblocks = 0
        var referenceFrames = 0
        /// "SDR", "HLG" or "PQ"; nil when the bytes do not say.
        var range: String?
        /// Whether static metadata of HDR10 is in the sample description.
        var hasStaticMetadata = false
        var protection: String?
        var isPatternRight = true

        struct Size: Hashable {
            let width: Int
            let height: Int
        }

        /// Width to height as shown.
        var aspect: Double { height > 0 ? Double(width) * pixelAspect / Double(height) : 0 }
    }

    /// Sound.
    struct Audio: Equatable {
        /// Four characters of the sample entry, or what a transport stream's type means.
        var format: String
        /// RFC 6381 string; nil when the bytes do not say enough.
        var codec: String?
        var channels = 0
        var sampleRate = 0

        var isAAC: Bool { codec.map { ["mp4a.40.2", "mp4a.40.5", "mp4a.40.29"].contains($0) } ?? false }
        var isHighEfficiency: Bool { codec == "mp4a.40.5" || codec == "mp4a.40.29" }
        var isDolby: Bool { format == "ac-3" || format == "ec-3" }
    }

    var video: Video?
    var audio: [Audio] = []
    /// RFC 6381 strings of subtitles.
    var text: [String] = []

    /// Whether nothing could be read.
    var isEmpty: Bool { video == nil && audio.isEmpty && text.isEmpty }

    /// All RFC 6381 strings that are known.
    var codecs: [String] { [video?.codec].compactMap { $0 } + audio.compactMap(\.codec) + text }
}
