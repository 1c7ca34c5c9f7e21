/// What will be made of an upload, and why.
///
/// A pure function of what was probed, so that the same upload always gives the same plan.
public struct MediaPlan: Sendable, Equatable {
    /// One choice in words.
    public struct Decision: Sendable, Equatable {
        /// What was decided about, such as "frameRate".
        public var subject: String
        /// The choice.
        public var choice: String
        /// Why.
        public var reason: String

        /// Records a choice.
        public init(_ subject: String, _ choice: String, because reason: String) {
            self.subject = subject
            self.choice = choice
            self.reason = reason
        }
    }

    /// The pictures; nil for sound alone.
    public var video: VideoPlan?
    /// The sound renditions: stereo of every stream, the default one first, then 5.1 of those that have it; empty for silent
    /// films.
    public var audio: [AudioPlan]
    /// The subtitles, in the order of the file.
    public var subtitles: [SubtitlePlan]
    /// Where segments are cut; for sound alone a grid of 25 frames per second, of which only the times matter.
    public var grid: FrameGrid
    /// Length of the output in frames of the grid.
    public var frames: Int
    /// Length of all sound in samples of `AudioPlan.sampleRate`: where the pictures end, or, without any, the longest sound.
    public var samples: Int64
    /// The output's time 0 on the file's own clock: the earliest start of a stream that is used.
    public var originMicroseconds: Int64
    /// Whether the file's clock leaps, so that it means something only when read from the beginning.
    public var repairsClock: Bool
    /// Every choice with its reason.
    public var decisions: [Decision]

    /// Length of the output in seconds.
    public var seconds: Double {
        video == nil ? Double(samples) / Double(AudioPlan.sampleRate) : Double(frames) / grid.rate.value
    }
}

/// What is made of the pictures.
public struct VideoPlan: Sendable, Equatable {
    /// Index in the file.
    public var streamIndex: Int
    /// Pixels per row as coded.
    public var sourceWidth: Int
    /// Rows as coded.
    public var sourceHeight: Int
    /// How to turn the decoded picture.
    public var orientation: Orientation
    /// Whether each field becomes a frame.
    public var deinterlaces: Bool
    /// Colours of the source and of the output.
    public var colour: ColourPlan
    /// The sizes in H.264, lowest first.
    public var rungs: [Rung]
    /// The sizes in other codecs, ladder after ladder, each lowest first.
    public var alternatives: [Rung]
    /// How the top rung is copied; nil where it is encoded like the others.
    public var copy: PictureCopy?
    /// Small pictures beside the sizes.
    public var byProducts: ByProductPlan
    /// The preset of x264 and x265, which have the same names for theirs.
    public var preset: String

    /// Indices of the rungs that are encoded from beginning to end.
    public var encodedRungs: Range<Int> { 0..<rungs.count - (copy == nil ? 0 : 1) }

    /// All sizes, in the order of their renditions.
    public var sizes: [Rung] { rungs + alternatives }

    /// Indices in `sizes` of those in other codecs, ladder by ladder.
    public var alternativeLadders: [Range<Int>] {
        var ladders: [Range<Int>] = []
        for index in rungs.count..<sizes.count {
            if let last = ladders.last, sizes[last.lowerBound].codec == sizes[index].codec {
                ladders[ladders.count - 1] = last.lowerBound..<index + 1
            } else {
                ladders.append(index..<index + 1)
            }
        }
        return ladders
    }

    /// Whether `segments` of a size are all encoded.
    public func isEncoded(_ rung: Int, in segments: ClosedRange<Int>) -> Bool {
        if encodedRungs.contains(rung) || (rungs.count..<sizes.count).contains(rung) { return true }
        guard let copy, rung == encodedRungs.upperBound else { return false }
        return !copy.runs.contains { $0.segments.overlaps(segments) }
    }

    /// How a rung is coded where it is encoded.
    public func coding(of rung: Int) -> RungCoding {
        guard let copy, rung == encodedRungs.upperBound else {
            return RungCoding(colour: colour.encoded, parameterSets: 0, reorderFrames: nil)
        }
        return RungCoding(
            colour: copy.colour, parameterSets: copy.encodedNumber, reorderFrames: copy.reorderFrames)
    }

    /// Whether wide dynamic range is mapped to BT.709.
    public var toneMaps: Bool { colour.transfer != .sdr }
}

/// What an encoder must keep to, because what it makes stands between copied pictures.
public struct RungCoding: Sendable, Equatable {
    /// Colour codes.
    public let colour: EncodedColour
    /// Number of the parameter sets.
    public let parameterSets: Int
    /// Frames by which presentation follows decoding; nil for as many as the encoder needs.
    public let reorderFrames: Int?
}

/// What is made of one sound stream: always AAC-LC, and 48 kHz where it is encoded.
public struct AudioPlan: Sendable, Equatable {
    /// Index in the file.
    public var streamIndex: Int
    /// Folder of the rendition: "audio" for the first, then "audio-2" and so on; "surround" in its place for 5.1.
    public var name: String
    /// 2 for stereo, 6 for 5.1.
    public var channels: Int
    /// BCP 47 tag; nil if the file does not say.
    public var language: String?
    /// Whether it plays unless the viewer chooses another.
    public var isDefault: Bool
    /// Bits per second.
    public var bitsPerSecond: Int
    /// How it is copied; nil where it is encoded.
    public var copy: SoundCopy?

    /// Samples per second of all sound that is encoded.
    public static let sampleRate = 48_000
}

/// Why an upload cannot be made into a stream, in words for its owner.
public struct MediaRejection: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence or two.
    public let reason: String

    /// Rejects with `reason`.
    public init(_ reason: String) { self.reason = reason }

    /// In words, for messages and logs.
    public var description: String { reason }
}
