/// How much may be done in how long.
public struct Rate: Sendable, Equatable {
    /// How many, all at once if need be; 0 for any number.
    public let count: Int64
    /// In how many seconds an empty bucket is full again.
    public let seconds: Int64

    /// A rate of so many in so many seconds.
    public init(_ count: Int64, perSeconds seconds: Int64) {
        precondition(count >= 0 && seconds > 0, "a rate has a positive time")
        self.count = count
        self.seconds = seconds
    }

    fileprivate var periodMicroseconds: Int64 { seconds * 1_000_000 }
    fileprivate var intervalMicroseconds: Int64 { periodMicroseconds / count }
}

/// A bucket of tokens for each key, a bounded number of them.
public struct TokenBuckets<Key: Hashable & Sendable>: Sendable {
    /// What becomes of one more.
    public enum Verdict: Sendable, Equatable {
        /// It may be done; so many more may at once, and all of them after so many seconds.
        case granted(remaining: Int64, fullAfterSeconds: Int64)
        /// Too many; `isFirst` once in the rate's time for each key, for the log.
        case refused(retryAfterSeconds: Int64, isFirst: Bool)

        /// Whether it may be done.
        public var isGranted: Bool {
            if case .granted = self { true } else { false }
        }
    }

    private struct Bucket {
        /// When it will be full again, in epoch microseconds.
        var fullAt: Int64
        /// When the log was last told, in epoch microseconds.
        var toldAt = Int64.min
    }

    private let capacity: Int
    private var buckets: [Key: Bucket] = [:]

    /// - Parameter capacity: how many buckets are kept; about 100 bytes each.
    public init(capacity: Int = 65_536) { self.capacity = capacity }

    /// How many buckets are not full, or were not when last looked at.
    public var count: Int { buckets.count }

    /// Takes one token from a bucket. A key has the same `rate` each time.
    public mutating func take(_ key: Key, at rate: Rate, nowMilliseconds: Int64) -> Verdict {
        guard rate.count > 0 else { return .granted(remaining: .max, fullAfterSeconds: 0) }
        let (now, period) = (nowMilliseconds * 1_000, rate.periodMicroseconds)
        var bucket = buckets[key] ?? Bucket(fullAt: now)
        let fullAt = max(bucket.fullAt, now) + rate.intervalMicroseconds
        let excess = fullAt - now - period
        if excess <= 0 {
            bucket.fullAt = fullAt
            set(bucket, key, now: now)
            return .granted(
                remaining: -excess / rate.intervalMicroseconds, fullAfterSeconds: Self.seconds(fullAt - now))
        }
        let isFirst = bucket.toldAt < now - period
        if isFirst { bucket.toldAt = now }
        buckets[key] = bucket
        return .refused(retryAfterSeconds: Self.seconds(excess), isFirst: isFirst)
    }

    /// Puts back what was taken for something that need not count.
    public mutating func giveBack(_ key: Key, at rate: Rate) {
        guard rate.count > 0 else { return }
        buckets[key]?.fullAt -= rate.intervalMicroseconds
    }

    private static func seconds(_ microseconds: Int64) -> Int64 { (microseconds + 999_999) / 1_000_000 }

    private mutating func set(_ bucket: Bucket, _ key: Key, now: Int64) {
        buckets[key] = bucket
        guard buckets.count > capacity else { return }
        buckets = buckets.filter { $0.value.fullAt > now }
        guard buckets.count > capacity / 2 else { return }
        let owing = buckets.sorted { $0.value.fullAt > $1.value.fullAt }
        buckets = Dictionary(uniqueKeysWithValues: owing.prefix(capacity / 2).lazy.map { ($0.key, $0.value) })
    }
}
