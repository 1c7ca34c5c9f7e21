/// What an edge said of itself at one moment.
public struct TopSample: Sendable {
    /// A path that is asked for often.
    public struct Key: Sendable, Equatable {
        /// The path, without a query.
        public let path: String
        /// Its part of the requests of late, 0…1.
        public let share: Double
        /// Its part of the bytes of late, 0…1.
        public let byteShare: Double

        /// Puts the parts together.
        public init(path: String, share: Double, byteShare: Double) {
            self.path = path
            self.share = share
            self.byteShare = byteShare
        }
    }

    let page: MetricsPage
    let keys: [Key]
    /// A clock that only advances, in seconds.
    let seconds: Double

    /// Takes the page of `GET /metrics` and the keys of `GET /top`, read at `seconds` of a clock that only advances.
    public init(page: MetricsPage, keys: [Key], seconds: Double) {
        self.page = page
        self.keys = keys
        self.seconds = seconds
    }
}
