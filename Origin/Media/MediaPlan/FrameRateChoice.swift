/// Which constant rate an upload is given.
///
/// Phones and screen recorders write any rate; players and segment grids want one of the natural ones, and never more
/// than 60. Decided by the times of the pictures themselves; what the container declares counts only where there are too
/// few of them.
struct FrameRateChoice {
    let rate: Rational
    let reason: String

    static let natural: [Rational] = [
        Rational(known: 10, 1), Rational(known: 12, 1), Rational(known: 25, 2), Rational(known: 15, 1),
        Rational(known: 20, 1), Rational(known: 24000, 1001), Rational(known: 24, 1), Rational(known: 25, 1),
        Rational(known: 30000, 1001), Rational(known: 30, 1), Rational(known: 48, 1), Rational(known: 50, 1),
        Rational(known: 60000, 1001), Rational(known: 60, 1),
    ]

    init(timing: FrameTiming, declared: Rational?, isInterlaced: Bool) {
        let source: Double
        let how: String
        if let usual = timing.usualRate, let average = timing.averageRate {
            if timing.regularity >= 0.5, average >= usual * 0.6 {
                source = usual
                how = timing.isVariable ? "most frames come at that rate, some are missing" : "the source's own rate"
            } else {
                source = average
                how = "the source's frames come irregularly; nearest natural rate to their average"
            }
        } else if let declared, declared.value <= 60.5 {
            source = declared.value
            how = "too few frames to measure; the rate the container names"
        } else {
            rate = Rational(known: 25, 1)
            reason = "too few frames to measure"
            return
        }
        // A frame of two fields becomes two frames; where each field came by itself, they have been counted already.
        let doubles = isInterlaced && source <= 30.5
        var wanted = doubles ? 2 * source : source
        var isHalved = false
        while wanted > 60.5 {
            wanted /= 2
            isHalved = true
        }
        let chosen = Self.natural.min { abs($0.value - wanted) < abs($1.value - wanted) }
        rate = chosen ?? Rational(known: 25, 1)
        let notes = [how, isHalved ? "halved to stay within 60" : nil, doubles ? "one frame per field" : nil]
        reason = notes.compactMap { $0 }.joined(separator: "; ")
    }
}
