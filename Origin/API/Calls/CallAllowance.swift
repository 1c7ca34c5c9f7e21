internal import JSON

/// What calls are counted as, each kind for itself.
public enum CallAllowance: String, Sendable, CaseIterable {
    /// Looking.
    case reads
    /// Changing.
    case writes
    /// What players send all the time.
    case pings

    /// What the description of a call says (`x-weir-allowance`), or what its method suggests.
    init(_ operation: JSONValue, method: String) throws {
        guard let name = operation["x-weir-allowance"]?.string else {
            self = method == "get" ? .reads : .writes
            return
        }
        guard let allowance = CallAllowance(rawValue: name) else { throw UnknownAllowance(name: name) }
        self = allowance
    }

    private struct UnknownAllowance: Error {
        let name: String
    }
}

/// How many calls of each kind one account, or one client address that does not say who it is, may make in a minute; 0 for any number.
public struct CallLimits: Sendable, Equatable {
    /// Calls that look: 6,000.
    public var reads: Int64 = 6_000
    /// Calls that change something: 1,200.
    public var writes: Int64 = 1_200
    /// Pings of players: 12,000. A player sends one in some seconds, and a school has one address.
    public var pings: Int64 = 12_000

    /// The usual numbers.
    public init() {}

    /// How many of one kind.
    public subscript(allowance: CallAllowance) -> Int64 {
        switch allowance {
        case .reads: reads
        case .writes: writes
        case .pings: pings
        }
    }
}
