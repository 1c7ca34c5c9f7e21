/// What the operator says about lifetimes, per behavior, in seconds.
public struct TTLPolicy: Sendable, Equatable {
    /// What happens to a response that sets a cookie.
    public enum SetCookie: Sendable, Equatable {
        /// It is not stored.
        case refused
        /// It is stored without the field: nobody gets the cookie.
        case removed
        /// It is stored as it is: everybody gets the same cookie.
        case replayed
    }

    /// Shortest lifetime of anything the origin allows to be stored, errors apart; 0 unless told.
    ///
    /// It never makes `no-store`, `private` or `no-cache` storable.
    public var minimum: Int
    /// Lifetime when the origin says nothing; 86,400 unless told, as CloudFront has it.
    public var `default`: Int
    /// Longest lifetime whatever the origin says; 31,536,000 unless told, as CloudFront has it.
    public var maximum: Int
    /// Lifetime of a 404, 405, 410, 414 or 501 when the origin says nothing; 10 unless told.
    public var negative: Int
    /// Shortest lifetime of an error by its status, which makes it storable even if the origin says nothing.
    public var errors: [Int: Int]
    /// Whether a tenth of the time since `Last-Modified` takes the place of the default (RFC 9111 §4.2.2); not unless
    /// told.
    public var usesHeuristic: Bool
    /// What happens to a response that sets a cookie; refused unless told.
    public var setCookie: SetCookie

    /// Takes the rules as they are.
    public init(
        minimum: Int = 0, default: Int = 86_400, maximum: Int = 31_536_000, negative: Int = 10,
        errors: [Int: Int] = [:], usesHeuristic: Bool = false, setCookie: SetCookie = .refused
    ) {
        self.minimum = minimum
        self.default = `default`
        self.maximum = maximum
        self.negative = negative
        self.errors = errors
        self.usesHeuristic = usesHeuristic
        self.setCookie = setCookie
    }

    /// `seconds` between the shortest and the longest lifetime; a minimum above the maximum wins.
    func bounded(_ seconds: Int) -> Int { min(max(seconds, minimum), max(minimum, maximum)) }
}
