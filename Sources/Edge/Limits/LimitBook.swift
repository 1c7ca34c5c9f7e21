import Synchronization
import Telemetry

/// What is counted for limits, for all loops of an edge. It survives a reload, so that a client cannot begin anew by one.
///
/// The tables are made when the first configuration with a limit takes force: an edge without limits has none.
final class LimitBook: Sendable {
    struct Tables: Sendable {
        let rates: RateTable
        let streams: StreamTable
    }

    private let capacity: Int
    private let registry: MetricsRegistry
    private let made = Mutex<Tables?>(nil)

    /// - Parameter capacity: how many clients and grants are told apart, eight bytes each.
    init(capacity: Int, registry: MetricsRegistry) {
        self.capacity = capacity
        self.registry = registry
    }

    /// What the requests of a behavior are held to; `nil` without limits.
    func limits(of behavior: Behavior, in distribution: String) -> RouteLimits? {
        guard let limits = behavior.limits else { return nil }
        let tables = made.withLock { made in
            let tables = made ?? Tables(rates: RateTable(capacity: capacity), streams: StreamTable(capacity: capacity))
            made = tables
            return tables
        }
        return RouteLimits(limits, of: behavior.name, in: distribution, tables: tables, registry: registry)
    }
}
