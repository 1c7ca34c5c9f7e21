/// What the operator says about lifetimes, per behavior, in seconds.
public struct TTLPolicy: Sendable, Equatable {
    /// Shortest lifetime of anything the origin allows to be stored; 0 unless told.
    ///
    /// It never makes `no-store`, `private` or `no-cache` storable.
    public var minimum: Int
    /// Lifetime when the origin says nothing; 86,400 unless told, as CloudFront has it.
    public var `default`: Int
    /// Longest lifetime whatever the origin says; 31,536,000 unless told, as CloudFront has it.
    public var maximum: Int
    /// Lifetime of a 404 or 410 when the origin says nothing; 10 unless told.
    public var negative: Int

    /// Takes the four lifetimes.
    public init(minimum: Int = 0, default: Int = 86_400, maximum: Int = 31_536_000, negative: Int = 10) {
        self.minimum = minimum
        self.default = `default`
        self.maximum = maximum
        self.negative = negative
    }
}
