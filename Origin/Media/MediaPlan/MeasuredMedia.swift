/// What one pass over all packets of a stream has shown, whatever its container declares.
public struct MeasuredStream: Sendable, Equatable {
    /// Packets.
    public var packets: Int
    /// Their bytes together.
    public var bytes: Int
    /// When the first frame is shown or heard, on the file's own clock; nil without any.
    public var startMicroseconds: Int64?
    /// When the last one ends.
    public var endMicroseconds: Int64?
    /// Packets with which decoding can begin.
    public var keyframes: Int
    /// Whether every packet says when it is shown or heard, and decoding times never go back.
    public var isMonotone: Bool

    /// Describes a stream.
    public init(
        packets: Int = 0, bytes: Int = 0, startMicroseconds: Int64? = nil, endMicroseconds: Int64? = nil,
        keyframes: Int = 0, isMonotone: Bool = true
    ) {
        self.packets = packets
        self.bytes = bytes
        self.startMicroseconds = startMicroseconds
        self.endMicroseconds = endMicroseconds
        self.keyframes = keyframes
        self.isMonotone = isMonotone
    }

    /// Seconds from first to last; nil without any frame.
    public var seconds: Double? {
        guard let startMicroseconds, let endMicroseconds else { return nil }
        return Double(endMicroseconds - startMicroseconds) / 1_000_000
    }

    /// Mean rate; nil when nothing lasts.
    public var bitsPerSecond: Int? {
        guard let seconds, seconds > 0 else { return nil }
        return Int(Double(bytes) * 8 / seconds)
    }
}

/// Times of every picture of the chosen stream.
public struct MeasuredPictures: Sendable, Equatable {
    /// A packet with which decoding can begin, on the file's own clock.
    public struct Key: Sendable, Equatable {
        /// When its picture is shown, in the stream's units.
        public var presentation: Int64
        /// When it is decoded.
        public var decoding: Int64
        /// Where it lies in the file; negative when unknown.
        public var position: Int64

        /// Describes a key.
        public init(presentation: Int64, decoding: Int64, position: Int64 = -1) {
            self.presentation = presentation
            self.decoding = decoding
            self.position = position
        }
    }

    /// Seconds per unit of all times.
    public var unit: Rational
    /// When each picture is shown, in order.
    public var times: [Int64]
    /// How long the last one is shown.
    public var lastDuration: Int64
    /// Where decoding can begin, in order.
    public var keys: [Key]

    /// Describes the pictures.
    public init(unit: Rational, times: [Int64], lastDuration: Int64, keys: [Key]) {
        self.unit = unit
        self.times = times
        self.lastDuration = lastDuration
        self.keys = keys
    }
}
