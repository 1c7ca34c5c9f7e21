import AccessLog

/// What a player says with one request, as far as figures are made of it. Of a key that comes twice the first value counts, as in
/// the access log.
struct PlayerStatement {
    /// A measured speed beyond this, in kilobits a second, is none: 10 Gbit/s.
    static let mostKilobits = 10_000_000

    private var hasSaid = false
    private var isStarved: Bool?
    private var isUrgent: Bool?
    private var kilobits: Int?

    /// Takes a list of pairs.
    mutating func read(_ list: UnsafeRawBufferPointer) {
        CMCDParser.forEachPair(in: list) { key, value in
            hasSaid = true
            switch (key, value) {
            case (.bufferStarvation, .flag(let flag)): isStarved = isStarved ?? flag
            case (.startup, .flag(let flag)): isUrgent = isUrgent ?? flag
            case (.measuredThroughput, .integer(let number)): kilobits = kilobits ?? number
            default: break
            }
        }
    }

    /// Adds what was said.
    func add(to figures: inout PlaybackFigures) {
        guard hasSaid else { return }
        figures.told += 1
        if isStarved == true { figures.starved += 1 }
        if isUrgent == true { figures.urgent += 1 }
        guard let kilobits, kilobits <= Self.mostKilobits else { return }
        figures.measured += 1
        figures.measuredKilobits += kilobits
    }
}
