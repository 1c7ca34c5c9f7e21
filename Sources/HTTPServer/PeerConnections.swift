internal import EventLoop
internal import Synchronization

/// How many connections each client address has on a listener, all loops together. Locked once per connection that opens
/// or closes, and only where there is a limit.
final class PeerConnections: Sendable {
    private let limit: Int
    private let counts = Mutex<[SocketAddress: Int]>([:])

    init(limit: Int) {
        self.limit = limit
    }

    /// Counts a connection; false, and nothing counted, when its address has as many as it may.
    func open(_ peer: SocketAddress) -> Bool {
        let key = Self.key(of: peer)
        return counts.withLock { counts in
            guard counts[key, default: 0] < limit else { return false }
            counts[key, default: 0] += 1
            return true
        }
    }

    func close(_ peer: SocketAddress) {
        let key = Self.key(of: peer)
        counts.withLock { counts in
            guard let count = counts[key] else { return }
            counts[key] = count > 1 ? count - 1 : nil
        }
    }

    /// The address alone; of IPv6 the half that names a network, for one host has all addresses of the other.
    private static func key(of peer: SocketAddress) -> SocketAddress {
        var bytes = peer.ipBytes
        if bytes.count == 16 { bytes.replaceSubrange(8..., with: repeatElement(0, count: 8)) }
        return SocketAddress(ipBytes: bytes, port: 0) ?? peer
    }
}
