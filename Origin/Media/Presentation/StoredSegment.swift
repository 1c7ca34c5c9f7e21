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

    /// Describes a segment.
    public init(rendition: Int, number: Int, bytes: Int, durationMicroseconds: Int64, sha256: String) {
        self.rendition = rendition
        self.number = number
        self.bytes = bytes
        self.durationMicroseconds = durationMicroseconds
        self.sha256 = sha256
    }

    /// Longest accepted duration: an hour.
    public static let maximumMicroseconds: Int64 = 3_600_000_000

    /// Name of the file of segment `number`.
    public static func fileName(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.utf8.count)) + digits + ".m4s"
    }
}
