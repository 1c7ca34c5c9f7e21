/// A country by the two letters of ISO 3166-1 alpha-2, such as `DE`.
public struct CountryCode: Sendable, Hashable, CustomStringConvertible {
    /// Both letters in upper case.
    public let letters: (UInt8, UInt8)

    /// Takes two letters `A` to `Z`; nil for anything else.
    public init?(_ first: UInt8, _ second: UInt8) {
        guard Self.isLetter(first), Self.isLetter(second) else { return nil }
        letters = (first, second)
    }

    /// Reads two upper-case letters.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 2 else { return nil }
        self.init(bytes[0], bytes[1])
    }

    /// Its place among all pairs of letters, 0…675.
    public var index: Int { Int(letters.0 - UInt8(ascii: "A")) * 26 + Int(letters.1 - UInt8(ascii: "A")) }

    /// How many pairs of letters there are.
    public static let count = 676

    /// The two letters.
    public var description: String { String(decoding: [letters.0, letters.1], as: UTF8.self) }

    /// Whether both name the same country.
    public static func == (left: CountryCode, right: CountryCode) -> Bool { left.letters == right.letters }

    /// Feeds the letters to `hasher`.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(index)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}
