/// One media segment that is stored.
public struct StoredSegment: Sendable, Equatable {
    /// Index of its rendition in the outline.
    public var rendition: Int
    /// Place in the rendition, from 1.
    public var number: Int
    /// Size of the object.
    public var bytes: Int
    /// How long it is shown or heard, in microseconds.
    public var durationMicroseconds: Int64
    /// SHA-256 of the object in lower-case hex.
    public var sha256: String

    /// The parts of a segment that are played one by one, in order; empty when it is played as a whole.
    public var fragments: [Fragment]

    /// A `moof` with its samples, which can be decoded alone.
    public struct Fragment: Sendable, Equatable {
        /// Length in the segment.
        public var bytes: Int
        /// How long it is shown, in microseconds.
        public var durationMicroseconds: Int64

        /// Describes a fragment.
        public init(bytes: Int, durationMicroseconds: Int64) {
            self.bytes = bytes
            self.durationMicroseconds = durationMicroseconds
        }
    }

    /// Describes a segment.
    public init(
        rendition: Int, number: Int, bytes: Int, durationMicroseconds: Int64, sha256: String, fragments: [Fragment] = []
    ) {
        self.rendition = rendition
        self.number = number
        self.bytes = bytes
        self.durationMicroseconds = durationMicroseconds
        self.sha256 = sha256
        self.fragments = fragments
    }

    /// Its rate, rounded up.
    var kilobits: Int {
        Int(max(1, (Int64(bytes) * 8_000 + durationMicroseconds - 1) / durationMicroseconds))
    }

    /// Name of the file of segment `number`.
    public static func fileName(_ number: Int, ending: String = "m4s") -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.utf8.count)) + digits + "." + ending
    }

    /// Longest accepted duration: an hour.
    public static let maximumMicroseconds: Int64 = 3_600_000_000
}
