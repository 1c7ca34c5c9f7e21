public import CMAF

/// How a stream of AAC is coded, as far as copying it without encoding depends on it.
public struct MeasuredSound: Sendable, Equatable {
    /// AudioSpecificConfig as it stands in the file.
    public var configuration: [UInt8]
    /// What it says.
    public var header: AACConfiguration
    /// Frames, without those that an edit leaves out at the end.
    public var frames = 0
    /// When the first frame begins on the file's own clock, priming included.
    public var startMicroseconds: Int64 = 0
    /// Microseconds by which a frame begins earlier than an even clock that starts with the first would have it; 0 or less.
    public var earliest: Int64 = 0
    /// Microseconds by which one begins later; 0 or more.
    public var latest: Int64 = 0
    /// Samples that are left out at the beginning: an encoder's priming, or all that an edit cuts off.
    public var skippedSamples = 0
    /// Bits per second on the average.
    public var bitsPerSecond = 0
    /// Bits per second of the 128 frames in a row, about three seconds, that take most.
    public var peakBitsPerSecond = 0
    /// What keeps it from being copied, in words; measuring ends with it.
    public var fault: String?

    /// Describes a stream of which no frame was seen.
    public init(configuration: [UInt8], header: AACConfiguration) {
        self.configuration = configuration
        self.header = header
    }
}
