/// The key that the segments of a presentation are encrypted with: AES-128 in CBC mode (RFC 8216 §4.3.2.4).
public struct ContentKey: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// Length in bytes.
    public static let byteCount = 16

    /// The key itself.
    public let bytes: [UInt8]

    /// Takes a key; nil when it has another length.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Says nothing of the bytes, so that no log can.
    public var description: String { "a content key" }

    /// The same.
    public var debugDescription: String { description }

    /// The initialisation vector of segment `number`, or of its fragment `part`, counted from 1.
    ///
    /// That of a whole segment, `part` 0, is what players take from its number (RFC 8216 §5.2). No two parts of a rendition have the
    /// same, and it is the same for whoever makes the part again.
    public static func vector(number: Int, part: Int = 0) -> [UInt8] {
        [part, number].flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) } }
    }
}
