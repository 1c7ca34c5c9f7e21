internal import Audit
internal import HTTPServer
internal import HTTPWire
internal import Synchronization
internal import Telemetry
internal import TokenBuckets

/// Counts the calls of each account and address, in the memory of this origin: a restart forgives.
final class CallGate: Sendable {
    /// Who is counted.
    private enum Holder: Hashable {
        case caller(String)
        case client(IPAddress)
    }

    private struct Key: Hashable {
        let allowance: CallAllowance
        let holder: Holder
    }

    /// What a caller is told of its allowance with every answer (draft-ietf-httpapi-ratelimit-headers-10).
    struct Standing: Sendable {
        fileprivate let allowance: CallAllowance
        fileprivate let count: Int64
        fileprivate let remaining: Int64
        fileprivate let seconds: Int64

        func add(to response: inout Response) {
            response.headers.set("RateLimit-Policy", "\"\(allowance.rawValue)\";q=\(count);w=\(CallGate.window)")
            response.headers.set("RateLimit", "\"\(allowance.rawValue)\";r=\(remaining);t=\(seconds)")
        }
    }

    private static let window: Int64 = 60

    private let limits: CallLimits
    private let logger: Logger
    private let buckets = Mutex(TokenBuckets<Key>())

    init(_ limits: CallLimits, logger: Logger) {
        self.limits = limits
        self.logger = logger
    }

    /// Counts one call of `caller`, or of the address that the request came from; nil where nothing is counted.
    ///
    /// Throws `rate_limited` when there were too many.
    func admit(_ caller: Caller?, to allowance: CallAllowance, at now: Int64) throws(Problem) -> Standing? {
        let client = AuditContext.clientAddress.flatMap { IPAddress($0)?.client }
        guard limits[allowance] > 0, let holder = caller.map({ .caller($0.id) }) ?? client.map({ Holder.client($0) })
        else {
            return nil
        }
        let (key, rate) = (Key(allowance: allowance, holder: holder), Rate(limits[allowance], perSeconds: Self.window))
        switch buckets.withLock({ $0.take(key, at: rate, nowMilliseconds: now) }) {
        case .granted(let remaining, let seconds):
            return Standing(allowance: allowance, count: rate.count, remaining: remaining, seconds: seconds)
        case .refused(let seconds, let isFirst):
            if isFirst { tell(of: holder, allowance) }
            throw .rateLimited(allowance, perMinute: rate.count, retryAfterSeconds: seconds)
        }
    }

    private func tell(of holder: Holder, _ allowance: CallAllowance) {
        let name =
            switch holder {
            case .caller(let id): id
            case .client(let address): "\(address)"
            }
        logger.warning("calls are turned away", ["caller": .string(name), "allowance": .string(allowance.rawValue)])
    }
}
