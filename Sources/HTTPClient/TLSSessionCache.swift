internal import TLS

/// The newest TLS session with each endpoint, so that the next connection needs no certificate and no signature.
///
/// A session says who the server proved to be, so it counts only for the endpoint it came from: same host, same server name,
/// same context and with it the same trust. It is used for a while after the certificate was looked at and no longer,
/// however often it was resumed meanwhile. Loop-confined.
struct TLSSessionCache {
    /// A session that may be resumed.
    struct Entry {
        let resumption: TLSResumption
        /// When a certificate was last verified, in the loop's nanoseconds.
        let verifiedAt: UInt64
    }

    private let limit: Int
    private let maxAge: UInt64
    private var entries: [Endpoint: Entry] = [:]
    /// Those with an entry, the one longest without a new one first.
    private var order: [Endpoint] = []

    init(limit: Int, maxAge: UInt64) {
        self.limit = limit
        self.maxAge = maxAge
    }

    /// What a connection to `endpoint` may resume; nil if it has to prove itself.
    func session(for endpoint: Endpoint, at now: UInt64) -> Entry? {
        guard let entry = entries[endpoint], now &- entry.verifiedAt < maxAge else { return nil }
        return entry
    }

    /// Keeps a session instead of an older one of the same endpoint; at the limit, instead of the oldest. O(limit).
    mutating func keep(_ entry: Entry, for endpoint: Endpoint) {
        guard limit > 0 else { return }
        forget(endpoint)
        if order.count >= limit { forget(order[0]) }
        entries[endpoint] = entry
        order.append(endpoint)
    }

    /// The server did not get on with it.
    mutating func forget(_ endpoint: Endpoint) {
        guard entries.removeValue(forKey: endpoint) != nil else { return }
        order.removeAll { $0 == endpoint }
    }
}
