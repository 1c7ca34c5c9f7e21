internal import CLinux
internal import Glibc
internal import Synchronization

/// A name that has no address now.
public struct ResolutionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name asked for.
    public var host: String
    /// The resolver's words.
    public var reason: String
    /// Whether asking again later may help.
    public var isTemporary: Bool

    /// Reports a failed look-up.
    public init(host: String, reason: String, isTemporary: Bool) {
        self.host = host
        self.reason = reason
        self.isTemporary = isTemporary
    }

    /// What a person reads in logs and errors.
    public var description: String { "cannot resolve \(host): \(reason)" }
}

/// Turns host names into addresses with the system's rules (`/etc/hosts`, DNS), on a `BlockingPool`.
///
/// `getaddrinfo` does not tell how long an answer holds, so one is fresh for `lifetime`. After that it is still handed out
/// while a new one is fetched beside, and the last good one stays for as long as the name servers fail. Only the first
/// question for a name, and one about a doubted answer, waits. Numeric addresses never leave the caller.
public final class Resolver: Sendable {
    private struct Key: Hashable {
        var host: String
        var port: UInt16
    }

    private struct Answer {
        var addresses: [SocketAddress]
        var expiry: UInt64
        /// None of the addresses could be reached.
        var isDoubted = false
        /// A new answer is being fetched.
        var isRenewing = false
    }

    /// Answers a question on the pool's threads; blocks.
    public typealias LookUp = @Sendable (String, UInt16) throws -> [SocketAddress]

    private static let rememberedNames = 1_024

    private let pool: BlockingPool
    private let lifetime: Duration
    private let lookUp: LookUp
    private let answers = Mutex<[Key: Answer]>([:])

    /// Resolves on `pool` with `lookUp`, the system's by default; answers are fresh for `lifetime`.
    public init(
        pool: BlockingPool, lifetime: Duration = .seconds(10),
        lookUp: @escaping LookUp = { try Resolver.lookUp($0, port: $1) }
    ) {
        self.pool = pool
        self.lifetime = lifetime
        self.lookUp = lookUp
    }

    /// The addresses of `host` in the order to try them; never empty.
    ///
    /// Throws `ResolutionError`, or what `BlockingPool.run` throws, if the name has never been resolved.
    public func resolve(_ host: String, port: UInt16) async throws -> [SocketAddress] {
        if let numeric = Self.numeric(host, port: port) { return [numeric] }
        let key = Key(host: host, port: port)
        let known = answers.withLock { $0[key] }
        guard let known else { return try await ask(key) }
        if known.isDoubted { return (try? await ask(key)) ?? known.addresses }
        if known.expiry <= MonotonicClock.nanoseconds() { renew(key) }
        return known.addresses
    }

    /// None of the addresses of `host` could be reached: the next question waits for a new answer.
    public func doubt(_ host: String, port: UInt16) {
        answers.withLock { $0[Key(host: host, port: port)]?.isDoubted = true }
    }

    private func ask(_ key: Key) async throws -> [SocketAddress] {
        let addresses = try await pool.run { [lookUp] in try lookUp(key.host, key.port) }
        let expiry = MonotonicClock.nanoseconds() + lifetime.nanosecondsClamped
        remember(Answer(addresses: addresses, expiry: expiry), for: key)
        return addresses
    }

    /// Fetches a new answer beside, once at a time. A failure leaves the old one for another lifetime.
    private func renew(_ key: Key) {
        let isMine = answers.withLock { answers in
            if answers[key]?.isRenewing != false { return false }
            answers[key]?.isRenewing = true
            return true
        }
        guard isMine else { return }
        Task {
            if (try? await ask(key)) != nil { return }
            let expiry = MonotonicClock.nanoseconds() + lifetime.nanosecondsClamped
            answers.withLock { answers in
                answers[key]?.isRenewing = false
                answers[key]?.expiry = expiry
            }
        }
    }

    /// The address, if `host` is numeric (`192.0.2.1`, `::1`, `[::1]`) and so needs no look-up.
    public static func numeric(_ host: String, port: UInt16) -> SocketAddress? {
        if host.hasPrefix("["), host.hasSuffix("]") {
            return SocketAddress(ip: String(host.dropFirst().dropLast()), port: port)
        }
        return SocketAddress(ip: host, port: port)
    }

    /// Looks up without the pool or the memory; blocks the calling thread.
    public static func lookUp(_ host: String, port: UInt16) throws(ResolutionError) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            throw ResolutionError(
                host: host, reason: String(cString: gai_strerror(code)), isTemporary: code == EAI_AGAIN)
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let current = entry {
            if let address = SocketAddress(current.pointee, port: port), !addresses.contains(address) {
                addresses.append(address)
            }
            entry = current.pointee.ai_next
        }
        guard !addresses.isEmpty else {
            throw ResolutionError(host: host, reason: "it has no IPv4 or IPv6 address", isTemporary: false)
        }
        return addresses
    }

    private func remember(_ answer: Answer, for key: Key) {
        answers.withLock { answers in
            if answers.count >= Self.rememberedNames { answers.removeAll(keepingCapacity: true) }
            answers[key] = answer
        }
    }
}

extension SocketAddress {
    fileprivate init?(_ entry: addrinfo, port: UInt16) {
        guard let address = entry.ai_addr else { return nil }
        var storage = sockaddr_storage()
        let count = min(Int(entry.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutableBytes(of: &storage) {
            $0.copyBytes(from: UnsafeRawBufferPointer(start: address, count: count))
        }
        self.init(storage)
        self.port = port
    }
}
