internal import CMAF

/// Sound that is the upload's own frames, copied as they are coded.
///
/// Time 0 of the film is `editStart` samples into what is written, so that sound and pictures keep their distance to a
/// sample, and no time is ever negative.
public struct SoundCopy: Sendable, Equatable {
    /// AudioSpecificConfig as it stands in the file.
    public var configuration: [UInt8]
    /// Samples per second.
    public var sampleRate: Int
    /// Frames of silence before the first copied one, where sound begins late.
    public var silentFrames: Int
    /// Frames of the stream that are passed over.
    public var firstFrame: Int
    /// Frames of the stream from the first copied one to its end.
    public var frames: Int
    /// Samples at the beginning that an edit hides.
    public var editStart: Int
    /// Bits per second of about three seconds that take most.
    public var peakBitsPerSecond: Int

    /// States how sound is copied.
    public init(
        configuration: [UInt8], sampleRate: Int, silentFrames: Int, firstFrame: Int, frames: Int, editStart: Int,
        peakBitsPerSecond: Int
    ) {
        self.configuration = configuration
        self.sampleRate = sampleRate
        self.silentFrames = silentFrames
        self.firstFrame = firstFrame
        self.frames = frames
        self.editStart = editStart
        self.peakBitsPerSecond = peakBitsPerSecond
    }

    /// Samples in a frame.
    public static let frameLength = 1024
    /// A frame must begin so near to its place on an even clock; clocks of milliseconds round by half of one.
    static let toleranceMicroseconds: Int64 = 1000
    /// No encoder takes more to get going.
    static let mostPriming = 4096
    /// Longer configurations describe something else.
    static let mostConfigurationBytes = 64
}

extension SoundCopy {
    /// How `sound` of `media` is copied into a rendition of `channels` channels; `most` bits per second are enough.
    static func plan(
        of sound: ProbedAudio, in media: ProbedMedia, channels: Int, most: Int, origin: Int64
    ) throws(CopyObstacle) -> SoundCopy {
        guard sound.codec == "aac" else { throw CopyObstacle("it is coded as \(sound.codec)") }
        try media.checkCopyable()
        guard let coding = sound.coding else { throw CopyObstacle("the file's header does not say how it is coded") }
        if let fault = coding.fault { throw CopyObstacle(fault) }
        try check(coding.header, of: sound, channels: channels)
        guard coding.bitsPerSecond <= most else {
            throw CopyObstacle("its \(coding.bitsPerSecond / 1000) kb/s are more than \(most / 1000)")
        }
        let apart = coding.latest - coding.earliest
        guard apart <= 2 * toleranceMicroseconds else {
            throw CopyObstacle(
                "its frames leave an even clock by \((apart + 500) / 1000) ms: there are gaps or overlaps")
        }
        return try aligned(coding, to: origin)
    }

    private static func check(
        _ header: AACConfiguration, of sound: ProbedAudio, channels: Int
    ) throws(CopyObstacle) {
        guard header.objectType == 2 else { throw CopyObstacle("its object type is \(header.objectType), not AAC-LC") }
        if header.hasExtension { throw CopyObstacle("it says to have more than AAC-LC, such as SBR") }
        guard header.frameLength == frameLength else {
            throw CopyObstacle("its frames have \(header.frameLength) samples")
        }
        guard header.channels == channels, sound.channels == channels else {
            throw CopyObstacle("it has \(sound.channels) channels")
        }
        guard [44_100, 48_000].contains(header.sampleRate), sound.sampleRate == header.sampleRate else {
            throw CopyObstacle("it has \(sound.sampleRate) samples per second")
        }
    }

    /// Places the frames so that what is heard at `origin` is heard at time 0.
    private static func aligned(_ coding: MeasuredSound, to origin: Int64) throws(CopyObstacle) -> SoundCopy {
        let rate = coding.header.sampleRate
        let frame = Int64(frameLength)
        // A clock that rounds is right in the middle of what it says.
        let start = coding.startMicroseconds + (coding.earliest + coding.latest) / 2
        let lead = Rational(known: 1, rate).units(microseconds: origin - start)
        if coding.skippedSamples > mostPriming, lead < Int64(coding.skippedSamples) - Int64(rate) / 1000 {
            throw CopyObstacle("an edit leaves out its beginning, and what it leaves out would be heard")
        }
        // What sounds at time 0 needs the frame before its own one as well.
        let first = max(0, lead / frame - 1)
        let silent = lead < 0 ? (frame - 1 - lead) / frame : 0
        guard first < Int64(coding.frames) else { throw CopyObstacle("it ends before the film begins") }
        return SoundCopy(
            configuration: coding.configuration, sampleRate: rate, silentFrames: Int(silent), firstFrame: Int(first),
            frames: coding.frames - Int(first), editStart: Int(lead + (silent - first) * frame),
            peakBitsPerSecond: coding.peakBitsPerSecond)
    }
}
