internal import EventLoop

/// Decides which addresses of a name are tried when, after RFC 8305 ("Happy Eyeballs") in a simple form: one after the
/// other, the next one when a try fails or has taken 250 ms, all of them at the same time if need be. The first
/// connection wins. It holds no socket and no clock.
struct AddressRace: Equatable {
    /// How long a try has before the next one starts beside it (RFC 8305 §5).
    static let head = Duration.milliseconds(250)

    enum Step: Equatable {
        /// Try the address with that index too.
        case start(Int)
        /// Wait for those under way.
        case wait
        /// Every address has failed.
        case lost
    }

    private let count: Int
    private var next = 0
    private var underWay = 0

    init(count: Int) {
        self.count = count
    }

    /// Whether addresses are left for `headPassed`.
    var hasMore: Bool { next < count }

    /// The race begins, or the head of the last try is over.
    mutating func advance() -> Step {
        guard hasMore else { return underWay == 0 ? .lost : .wait }
        defer { next += 1 }
        underWay += 1
        return .start(next)
    }

    /// A try has failed.
    mutating func failed() -> Step {
        underWay -= 1
        return advance()
    }
}

/// The order in which the addresses of a name are tried.
enum AddressOrder {
    /// The families alternate, beginning with the resolver's first choice; within each family every connection begins
    /// with another address, so that all of them get their share.
    static func order(_ addresses: [SocketAddress], turn: Int) -> [SocketAddress] {
        guard let first = addresses.first else { return [] }
        let preferred = rotated(addresses.filter { $0.family == first.family }, by: turn)
        let other = rotated(addresses.filter { $0.family != first.family }, by: turn)
        var ordered: [SocketAddress] = []
        for index in 0..<max(preferred.count, other.count) {
            if index < preferred.count { ordered.append(preferred[index]) }
            if index < other.count { ordered.append(other[index]) }
        }
        return ordered
    }

    private static func rotated(_ addresses: [SocketAddress], by turn: Int) -> [SocketAddress] {
        if addresses.isEmpty { return [] }
        let start = Int(UInt(bitPattern: turn) % UInt(addresses.count))
        return Array(addresses[start...] + addresses[..<start])
    }
}
