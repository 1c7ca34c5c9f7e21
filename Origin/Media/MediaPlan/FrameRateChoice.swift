/// Which constant rate an upload is given.
///
/// Phones and screen recorders write any rate; players and segment grids want one of the natural ones, and never more
/// than 60.
struct FrameRateChoice {
    let rate: Rational
    let reason: String

    static let natural: [Rational] = [
        Rational(known: 10, 1), Rational(known: 12, 1), Rational(known: 25, 2), Rational(known: 15, 1),
        Rational(known: 20, 1), Rational(known: 24000, 1001), Rational(known: 24, 1), Rational(known: 25, 1),
        Rational(known: 30000, 1001), Rational(known: 30, 1), Rational(known: 48, 1), Rational(known: 50, 1),
        Rational(known: 60000, 1001), Rational(known: 60, 1),
    ]

    init(video: ProbedVideo) {
        let fields = video.isInterlaced ? 2.0 : 1.0
        let average = video.averageRate.map { $0.value * fields }
        let nominal = video.nominalRate.map { $0.value * (fields == 2 && $0.value <= 30.5 ? 2 : 1) }
        let source: Double
        let how: String
        if let average, let nominal, nominal <= 60.5, average <= nominal * 1.01, average >= nominal * 0.6 {
            source = nominal
            how = average < nominal * 0.995 ? "most frames lie on that rate, some are missing" : "the source's own rate"
        } else if let average {
            source = average
            how = "nearest natural rate to the average"
        } else if let nominal, nominal <= 60.5 {
            source = nominal
            how = "the rate the container names"
        } else {
            rate = Rational(known: 25, 1)
            reason = "the file does not say its frame rate"
            return
        }
        var wanted = source
        while wanted > 60.5 { wanted /= 2 }
        let chosen = Self.natural.min { abs($0.value - wanted) < abs($1.value - wanted) }
        rate = chosen ?? Rational(known: 25, 1)
        let notes = [
            how, wanted < source ? "halved to stay within 60" : nil, video.isInterlaced ? "one frame per field" : nil,
        ]
        reason = notes.compactMap { $0 }.joined(separator: "; ")
    }
}
