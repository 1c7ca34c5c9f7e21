/// The numbers by which an H.264 stream refers to its parameter sets (ITU-T H.264 §7.4.2).
public struct ParameterNumbers: Sendable, Equatable {
    /// Number of the sequence parameter set, up to 31.
    public var sequence: Int
    /// Number of the picture parameter set, up to 255.
    public var picture: Int

    static let sequences = 0..<32
    static let pictures = 0..<256

    /// Two numbers.
    public init(sequence: Int, picture: Int) {
        self.sequence = sequence
        self.picture = picture
    }
}

/// Gives parameter sets that share one header numbers of their own.
///
/// Files joined from several have different sets under the same number, each replacing the one before. In one header they
/// need different ones.
struct ParameterNumbering {
    private var sequences: Set<Int> = []
    private var pictures: Set<Int> = []

    /// The numbers for sets that have been `numbers` so far: the same while nobody has them. Nil when none are left.
    mutating func take(_ numbers: ParameterNumbers) -> ParameterNumbers? {
        var taken = numbers
        if sequences.contains(taken.sequence) {
            guard let free = ParameterNumbers.sequences.last(where: { !sequences.contains($0) }) else { return nil }
            taken.sequence = free
        }
        if pictures.contains(taken.picture) {
            guard let free = Self.longer(than: taken.picture).first(where: { !pictures.contains($0) }) else {
                return nil
            }
            taken.picture = free
        }
        sequences.insert(taken.sequence)
        pictures.insert(taken.picture)
        return taken
    }

    /// A number that is free for sets of both kinds, as x264 gives them; nil when there is none.
    func free() -> Int? { ParameterNumbers.sequences.first { !sequences.contains($0) && !pictures.contains($0) } }

    /// Numbers whose code in a slice is longer by exactly a byte, so that nothing behind it moves within a byte.
    private static func longer(than number: Int) -> Range<Int> {
        let zeros = Int.bitWidth - 1 - (number + 1).leadingZeroBitCount
        return ((1 << (zeros + 4)) - 1..<(1 << (zeros + 5)) - 1).clamped(to: ParameterNumbers.pictures)
    }
}
