internal import HTTPWire
internal import TokenBuckets

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

/// What is left to each client address of what it may do in an hour.
struct AddressAllowance {
    /// What becomes of one more.
    typealias Verdict = TokenBuckets<Key>.Verdict

    /// A kind of act, and a network that is one client.
    struct Key: Hashable, Sendable {
        let limit: AddressLimit
        let network: IPAddress
    }

    private let limits: AddressLimits
    private var buckets: TokenBuckets<Key>

    /// - Parameter capacity: how many addresses are counted, times the kinds; about 100 bytes each.
    init(_ limits: AddressLimits, capacity: Int = 65_536) {
        self.limits = limits
        buckets = TokenBuckets(capacity: capacity)
    }

    /// Takes one from the bucket of an address; one of IPv6 shares that of its /64.
    mutating func take(_ limit: AddressLimit, of address: IPAddress, nowMilliseconds: Int64) -> Verdict {
        buckets.take(Self.key(limit, address), at: rate(limit), nowMilliseconds: nowMilliseconds)
    }

    /// Puts back what was taken for something that turned out to be right, or was not looked at.
    mutating func giveBack(_ limit: AddressLimit, of address: IPAddress) {
        buckets.giveBack(Self.key(limit, address), at: rate(limit))
    }

    private func rate(_ limit: AddressLimit) -> Rate { Rate(limits[limit], perSeconds: 3_600) }

    private static func key(_ limit: AddressLimit, _ address: IPAddress) -> Key {
        Key(limit: limit, network: address.client)
    }
}
