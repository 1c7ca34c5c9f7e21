import AccessSigning
import Bytes
import CacheRules
import EventLoop
import Geolocation
import HTTPClient
import HTTPServer
import HTTPWire
import SegmentStore
import Telemetry
import Tracing

/// Answers the requests of one loop. Everything here is confined to that loop, so a hit takes no lock.
final class EdgeHandler: ExchangeHandler {
    let core: EdgeCore
    let loop: EventLoop
    let reader: StoreReader
    let upstream: Upstream
    /// Chunks that this loop's responses wait for.
    let coldReads: ColdReads
    private(set) var snapshot: EdgeSnapshot
    /// For each route that needs signatures, at its place in the snapshot, from its first request on.
    private var verifiers: [SignedAccessVerifier?]
    /// The origin's keys, once it has said them.
    private var learntKeys: LearntKeys?
    private lazy var prefetcher = Prefetcher(
        self, ledger: core.prefetched,
        budget: PrefetchBudget(mostFills: core.fillLimits.aheadFills, mostBytes: core.fillLimits.aheadBytes))
    /// The cache key of the request at hand; reused, so that a hit allocates nothing.
    var key = GrowableBuffer(capacity: 512)
    private let requestLog: RequestLog?
    private let metrics: LoopMetrics
    private var topKeys = TopKeys()
    private var playback: PlaybackCount
    /// The scope of each route, at its place in the snapshot.
    private var scopes: [UInt32] = []

    init(core: EdgeCore, loop: EventLoop, reader: StoreReader, upstream: Upstream, snapshot: EdgeSnapshot) {
        self.core = core
        self.loop = loop
        self.reader = reader
        self.upstream = upstream
        requestLog = core.accessLog?.makeLog()
        coldReads = ColdReads(loop: loop, pool: core.disk)
        self.snapshot = snapshot
        playback = PlaybackCount(mediaPath: snapshot.reportedMediaPath, random: .random(in: 0 ... .max))
        verifiers = Array(repeating: nil, count: snapshot.routeCount)
        metrics = LoopMetrics(core.metrics)
        scopes = metrics.scopes(of: snapshot)
    }

    /// Serves from another snapshot from the next request on; requests under way finish with theirs.
    func adoptOnLoop(_ snapshot: EdgeSnapshot) {
        loop.assertOnLoop()
        self.snapshot = snapshot
        verifiers = Array(repeating: nil, count: snapshot.routeCount)
        scopes = metrics.scopes(of: snapshot)
        playback.adopt(mediaPath: snapshot.reportedMediaPath)
        prefetcher.forgetOnLoop()
    }

    /// Verifies with the origin's keys from the next request on.
    func adoptOnLoop(_ keys: LearntKeys) {
        loop.assertOnLoop()
        learntKeys = keys
        verifiers = Array(repeating: nil, count: snapshot.routeCount)
    }

    func handleOnLoop(_ exchange: Exchange) {
        upstream.tracer?.beginOnLoop(exchange)
        if exchange.head.path.isEmpty { return handleEmptyPathOnLoop(exchange) }
        let path = exchange.head.path.bytes(in: exchange.headBytes)
        switch RequestTarget.normalise(path) {
        case .unchanged:
            handleOnLoop(exchange, path: path)
        case .rewritten(let path):
            path.withUnsafeBytes { handleOnLoop(exchange, path: $0) }
        case .refused:
            refuseOnLoop(exchange, route: nil, .badRequest, "The path has more than one reading.")
        }
    }

    /// `OPTIONS *` is about the edge; an absolute target without a path means `/` (RFC 9112 §3.2.1, §3.2.4).
    private func handleEmptyPathOnLoop(_ exchange: Exchange) {
        if exchange.head.method == .options {
            answerOptionsOnLoop(exchange, methods: snapshot.allMethods, policy: nil)
        } else {
            withUnsafeBytes(of: UInt8(ascii: "/")) { handleOnLoop(exchange, path: $0) }
        }
    }

    func endedOnLoop(_ exchange: Exchange, _ outcome: ExchangeOutcome) {
        let result = CacheResult(rawValue: exchange.tag) ?? .none
        metrics.finishedOnLoop(result, scope: exchange.scope, outcome)
        requestLog?.finishedOnLoop(
            exchange, outcome, result: result, metrics: metrics,
            country: snapshot.countries == nil ? nil : exchange.country,
            trace: upstream.tracer?.traceOnLoop(of: exchange))
        upstream.tracer?.endedOnLoop(exchange, outcome) { metrics.attributes(of: exchange) }
        if exchange.scope > 0 {
            let path = exchange.head.path.bytes(in: exchange.headBytes)
            topKeys.asked(for: path, scope: exchange.scope, bytes: outcome.bodyBytes, at: loop.epochSeconds)
            playback.served(exchange, path: path, result, outcome)
        }
    }

    /// Takes what this loop has served of videos since the last time.
    func takePlaybackOnLoop() -> PlaybackTaking {
        loop.assertOnLoop()
        return playback.take()
    }

    func refusedOnLoop(_ exchange: Exchange, _ refusal: RefusedRequest) {
        let country = snapshot.countries.flatMap { connection(of: exchange).country(exchange.peer, in: $0) }
        requestLog?.refusedOnLoop(exchange, refusal, country: country)
    }

    /// What this loop is asked for most of late, and the distributions of the scopes in it.
    func topKeysOnLoop() -> (report: TopKeyReport, distributions: [UInt32: String]) {
        let report = topKeys.report(at: loop.epochSeconds)
        let names = report.keys.map { ($0.scope, metrics.behavior(of: $0.scope)?.distribution ?? "") }
        return (report, Dictionary(names, uniquingKeysWith: { first, _ in first }))
    }

    /// The root may stand for another object. What was signed is what the client sent.
    private func handleOnLoop(_ exchange: Exchange, path: UnsafeRawBufferPointer) {
        guard let served = snapshot.distribution(for: exchange.head.host?.bytes(in: exchange.headBytes)) else {
            return refuseOnLoop(exchange, route: nil, .misdirectedRequest, "No distribution answers for this host.")
        }
        guard path.count == 1, let root = served.rootPath else {
            return handleOnLoop(exchange, snapshot.route(in: served, for: path), path: path, signedPath: path)
        }
        root.withUnsafeBytes {
            handleOnLoop(exchange, snapshot.route(in: served, for: $0), path: $0, signedPath: path)
        }
    }

    private func handleOnLoop(
        _ exchange: Exchange, _ route: Route, path: UnsafeRawBufferPointer, signedPath: UnsafeRawBufferPointer
    ) {
        exchange.scope = scopes[route.position]
        let behavior = route.behavior
        if let countries = snapshot.countries, refuseCountryOnLoop(exchange, route: route, countries) { return }
        if behavior.viewerProtocol != .allowAll, !exchange.isTLS {
            return answerPlainOnLoop(exchange, route: route)
        }
        let method = exchange.head.method
        if method == .options, answerPreflightOnLoop(exchange, route: route) { return }
        guard behavior.allowedMethods.contains(method) else {
            return refuseOnLoop(exchange, route: route, .methodNotAllowed, "The method is not allowed here.")
        }
        if let limits = route.limits, refuseHastyAddressOnLoop(exchange, route: route, limits) { return }
        let bytes = exchange.headBytes
        var grant: UInt64?
        if behavior.needsSignature {
            switch accessOnLoop(exchange, route: route, path: signedPath, in: bytes) {
            case .denied(let denial): return denyOnLoop(exchange, route: route, denial)
            case .allowed(let allowed): grant = allowed.identity.low
            }
        }
        if let limits = route.limits, refuseHastyGrantOnLoop(exchange, route: route, limits, grant) { return }
        if case .options = method, exchange.maxForwards == 0 {
            return answerOptionsOnLoop(
                exchange, methods: behavior.allowedMethods, policy: behavior.responseHeaders)
        }
        let isStorable = behavior.caches(method)
        key.removeAll()
        key.append(route.distribution.keyPrefix)
        CacheKey.append(
            path: path, query: exchange.head.query?.bytes(in: bytes),
            selection: isStorable ? behavior.keyQuery : .all, removesSigning: behavior.needsSignature,
            removesMetadata: isStorable, to: &key)
        guard isStorable else {
            let isRead = method == .get || method == .head
            return passThroughOnLoop(exchange, route: route, target: key.bytes, reason: isRead ? .bypass : .method)
        }
        if behavior.cachesOptions, method == .options { VariantKey.appendOptions(to: &key) }
        if let fields = behavior.keyFields, !appendKeyFields(fields, of: exchange) {
            return passThroughOnLoop(exchange, route: route, target: key.bytes, reason: .bypass)
        }
        guard exchange.head.framing == .none else {
            return refuseOnLoop(exchange, route: route, .badRequest, "A request for stored content has no body.")
        }
        if let segments = behavior.prefetchedSegments, method != .options, !isAuthorized(exchange, route) {
            prefetcher.askedOnLoop(key.readable, route: route, segments: segments)
        }
        lookUpOnLoop(exchange, route: route)
    }

    // MARK: Access

    private func accessOnLoop(
        _ exchange: Exchange, route: Route, path: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer
    ) -> AccessDecision {
        let connection = connection(of: exchange)
        let request = AccessRequest(
            isTLS: exchange.isTLS, host: exchange.head.host?.bytes(in: bytes) ?? .init(start: nil, count: 0),
            path: path, query: exchange.head.query?.bytes(in: bytes),
            cookieField: exchange.head.onlyField(.cookie)?.bytes(in: bytes),
            peer: connection.peer, nowEpochSeconds: loop.epochSeconds)
        let verifier = verifier(of: route)
        let decision = verifier.check(
            request, cookies: { SignedCookies(of: exchange, in: bytes) }, memo: &connection.memo)
        metrics.access.count(verifier.lastProof)
        return decision
    }

    private func verifier(of route: Route) -> SignedAccessVerifier {
        if let verifier = verifiers[route.position] { return verifier }
        let verifier = SignedAccessVerifier(keys: snapshot.trustedKeys(of: route, learnt: learntKeys))
        verifiers[route.position] = verifier
        return verifier
    }

    func connection(of exchange: Exchange) -> ConnectionState {
        if let state = exchange.connectionStorage as? ConnectionState { return state }
        let state = ConnectionState(peer: IPAddress(bytes: exchange.peer.ipBytes))
        exchange.connectionStorage = state
        return state
    }
}

extension SignedCookies {
    /// The signing cookies of a request whose head is at `bytes`.
    fileprivate init(of exchange: Exchange, in bytes: UnsafeRawBufferPointer) {
        self.init()
        for field in exchange.head.fields where field.known == .cookie { scan(field.value.bytes(in: bytes)) }
    }
}

/// What the edge remembers of a connection between its requests.
final class ConnectionState {
    /// The last verified signature.
    var memo = AccessMemo()
    /// For policies bound to an address.
    let peer: IPAddress?
    /// Kept for the next hit, so that only the first one allocates it.
    private var spareSource: HitSource?
    /// Likewise.
    private var spareLimiter: BodyLimiter?
    private var knownAddressKey: UInt64?
    private var place = ConnectionCountry()

    init(peer: IPAddress?) {
        self.peer = peer
    }

    /// A source for a response that begins now: the last one, unless somebody still holds it.
    func hitSource(_ handler: EdgeHandler, _ route: Route, _ hit: Hit, range: Range<Int>) -> HitSource {
        if isKnownUniquelyReferenced(&spareSource), let source = spareSource {
            source.begin(route, hit, range: range)
            return source
        }
        let source = HitSource(handler, route, hit, range: range)
        spareSource = source
        return source
    }

    /// The client's country, as far as it has been looked up.
    var country: CountryCode? { place.country }

    func country(_ peer: SocketAddress, in countries: CountryDatabase) -> CountryCode? {
        place.lookUp(peer, in: countries)
    }

    /// What holds a response that begins now to its bandwidth.
    func bodyLimiter(loop: EventLoop, limits: RouteLimits, grant: UInt64?, address: UInt64) -> BodyLimiter {
        if isKnownUniquelyReferenced(&spareLimiter), let limiter = spareLimiter {
            limiter.begin(limits: limits, grant: grant, address: address)
            return limiter
        }
        let limiter = BodyLimiter(loop: loop, limits: limits, grant: grant, address: address)
        spareLimiter = limiter
        return limiter
    }

    /// The client by its address, in a form that no client can choose: of IPv6 the half that names a network, for one host
    /// has all addresses of the other.
    func addressKey(_ peer: SocketAddress) -> UInt64 {
        if let knownAddressKey { return knownAddressKey }
        var hasher = Hasher()
        for byte in peer.ipBytes.prefix(8) { hasher.combine(byte) }
        let key = UInt64(bitPattern: Int64(hasher.finalize()))
        knownAddressKey = key
        return key
    }
}
