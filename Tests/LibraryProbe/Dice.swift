/// The same numbers in every run (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64 = 1

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Made-up words that are used as often as words are: the n-th commonest one n-th as often as the commonest (Zipf).
struct Vocabulary {
    let words: [String]
    private let sums: [Double]

    init(count: Int, _ dice: inout Dice) {
        let syllables = Array("bcdfghklmnprstvw").flatMap { first in Array("aeiou").map { "\(first)\($0)" } }
        words = (0..<count).map { _ in
            (0..<Int.random(in: 2...5, using: &dice)).map { _ in syllables.randomElement(using: &dice) ?? "" }.joined()
        }
        var sum = 0.0
        sums = words.indices.map { place in
            sum += 1 / Double(place + 1)
            return sum
        }
    }

    func text(of count: Int, _ dice: inout Dice) -> String {
        (0..<count).map { _ in word(&dice) }.joined(separator: " ")
    }

    private func word(_ dice: inout Dice) -> String {
        let mark = Double.random(in: 0..<(sums.last ?? 1), using: &dice)
        var (low, high) = (0, sums.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] > mark { high = middle } else { low = middle + 1 }
        }
        return words[low]
    }
}
