internal import CMAF

/// Gives parameter sets that share one header numbers of their own.
///
/// Files joined from several have different sets under the same number, each replacing the one before. In one header they
/// need different ones.
struct ParameterNumbering {
    /// What the format has of each kind (ITU-T H.264 §7.4.2).
    static let sequences = 0..<32
    static let pictures = 0..<256

    private var sequences: Set<Int> = []
    private var pictures: Set<Int> = []

    /// The numbers for sets that have been `numbers` so far: the same while nobody has them. Nil when none are left.
    mutating func take(_ numbers: AVCParameterSets.Numbers) -> AVCParameterSets.Numbers? {
        var taken = numbers
        if sequences.contains(taken.sequence) {
            guard let free = Self.sequences.last(where: { !sequences.contains($0) }) else { return nil }
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

    /// Numbers whose code in a slice is longer by exactly a byte, so that nothing behind it moves within a byte.
    private static func longer(than number: Int) -> Range<Int> {
        let zeros = Int.bitWidth - 1 - (number + 1).leadingZeroBitCount
        return ((1 << (zeros + 4)) - 1..<(1 << (zeros + 5)) - 1).clamped(to: pictures)
    }
}
