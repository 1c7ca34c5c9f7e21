import CacheRules
import Synchronization

/// How many variants a key may get. Who varies a request field at will would otherwise fill the store with one object.
/// Touched on the miss path only.
final class VariantBudget: Sendable {
    /// Variants of one key in one period.
    static let limit = 64
    /// After so many seconds a key may have as many again; what nobody asks for is evicted meanwhile.
    private static let periodSeconds: Int64 = 3600
    /// Keys that are watched at one time.
    private static let keyLimit = 4096

    private struct Entry {
        var variants: Set<[UInt8]> = []
        let until: Int64
    }

    private let entries = Mutex<[[UInt8]: Entry]>([:])

    /// Whether a response may be fetched for this variant's key and stored under it.
    func admits(_ key: [UInt8], now: Int64) -> Bool {
        let base = Array(VariantKey.base(of: key))
        return entries.withLock { entries in
            if entries[base]?.until ?? .min <= now { entries[base] = nil }
            if entries[base] == nil {
                if entries.count >= Self.keyLimit { entries = entries.filter { $0.value.until > now } }
                if entries.count >= Self.keyLimit { entries.removeAll() }
                entries[base] = Entry(until: now + Self.periodSeconds)
            }
            if entries[base]?.variants.contains(key) == true { return true }
            guard entries[base]?.variants.count ?? 0 < Self.limit else { return false }
            entries[base]?.variants.insert(key)
            return true
        }
    }
}
