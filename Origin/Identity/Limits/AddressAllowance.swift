internal import HTTPWire

/// What is counted for each client address.
public enum AddressLimit: String, Sendable, CaseIterable {
    /// Passwords, second factors and codes that were not right.
    case failedGuesses
    /// Accounts that somebody tried to make.
    case signUps
    /// Codes that were to be sent.
    case codesSent
}

/// How much each client address may do in an hour before it is turned away; 0 for any number.
///
/// As much may come at once, and then one more every 3,600 s divided by the number.
public struct AddressLimits: Sendable, Equatable {
    /// Wrong passwords, second factors and codes: 300. An office of 500 behind one address mistypes fewer; whoever tries one
    /// password with ten thousand names needs a day and a half.
    public var failedGuesses: Int64 = 300
    /// Sign-ups: 100.
    public var signUps: Int64 = 100
    /// Codes sent, to whatever name: 100.
    public var codesSent: Int64 = 100

    /// The usual numbers.
    public init() {}

    /// How many of one kind.
    public subscript(limit: AddressLimit) -> Int64 {
        switch limit {
        case .failedGuesses: failedGuesses
        case .signUps: signUps
        case .codesSent: codesSent
        }
    }
}

/// Token buckets of client addresses, a bounded number of them.
///
/// A full bucket needs no entry, so the table holds who has done something lately. When there are too many, those that owe least
/// are forgotten, and never who is being turned away while others are not.
struct AddressAllowance {
    /// What becomes of one more.
    enum Verdict: Equatable {
        case granted
        /// Too many; `isFirst` once in an hour for each address, for the log.
        case refused(retryAfterSeconds: Int64, isFirst: Bool)
    }

    private struct Key: Hashable {
        let limit: AddressLimit
        let network: IPAddress
    }

    private struct Bucket {
        /// When it will be full again, in epoch microseconds.
        var fullAt: Int64
        /// When the log was last told, in epoch microseconds.
        var toldAt = Int64.min
    }

    private static let hour: Int64 = 3_600_000_000
    /// Half of a provider's smallest block: one customer has all of it.
    private static let networkBits = 64

    private let limits: AddressLimits
    private let capacity: Int
    private var buckets: [Key: Bucket] = [:]

    /// - Parameter capacity: how many addresses are counted, times the kinds; about 100 bytes each.
    init(_ limits: AddressLimits, capacity: Int = 65_536) {
        self.limits = limits
        self.capacity = capacity
    }

    /// Takes one from the bucket of an address; one of IPv6 shares that of its /64.
    mutating func take(_ limit: AddressLimit, of address: IPAddress, nowMilliseconds: Int64) -> Verdict {
        let number = limits[limit]
        guard number > 0 else { return .granted }
        let (now, key) = (nowMilliseconds * 1000, Self.key(limit, address))
        var bucket = buckets[key] ?? Bucket(fullAt: now)
        let fullAt = max(bucket.fullAt, now) + Self.hour / number
        let excess = fullAt - now - Self.hour
        if excess <= 0 {
            bucket.fullAt = fullAt
            set(bucket, key, now: now)
            return .granted
        }
        let isFirst = bucket.toldAt < now - Self.hour
        if isFirst { bucket.toldAt = now }
        buckets[key] = bucket
        return .refused(retryAfterSeconds: (excess + 999_999) / 1_000_000, isFirst: isFirst)
    }

    /// Puts back what was taken for something that turned out to be right, or was not looked at.
    mutating func giveBack(_ limit: AddressLimit, of address: IPAddress) {
        guard limits[limit] > 0 else { return }
        buckets[Self.key(limit, address)]?.fullAt -= Self.hour / limits[limit]
    }

    /// How many buckets are not full, or were not when last looked at.
    var count: Int { buckets.count }

    private static func key(_ limit: AddressLimit, _ address: IPAddress) -> Key {
        let bits = min(networkBits, address.family.bitCount)
        return Key(limit: limit, network: IPNetwork(address: address, prefixLength: bits).address)
    }

    private mutating func set(_ bucket: Bucket, _ key: Key, now: Int64) {
        buckets[key] = bucket
        guard buckets.count > capacity else { return }
        buckets = buckets.filter { $0.value.fullAt > now }
        guard buckets.count > capacity / 2 else { return }
        let owing = buckets.sorted { $0.value.fullAt > $1.value.fullAt }
        buckets = Dictionary(uniqueKeysWithValues: owing.prefix(capacity / 2).lazy.map { ($0.key, $0.value) })
    }
}
