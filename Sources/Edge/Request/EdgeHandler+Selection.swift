import Bytes
import CacheRules
import EventLoop
import HTTPServer
import HTTPWire
import SegmentStore

/// Which stored response a request selects (RFC 9111 §4), and what happens when there is none that may be used.
extension EdgeHandler {
    /// Serves what is stored under `key` if it may be used as it is, or begins to fetch it.
    ///
    /// A hit is one look-up, or two where the response varies; it allocates nothing.
    func lookUpOnLoop(_ exchange: Exchange, route: Route) {
        let wishes = route.behavior.cachePolicy?.honoursRequests == true ? RequestCacheControl(exchange) : nil
        guard let primary = reader.lookup(key: key.readable) else {
            return missOnLoop(exchange, route: route, reason: .uriMiss, wishes)
        }
        var object = primary
        if primary.flags.contains(.varies) {
            let names = reader.head(of: primary)
            guard appendVariant(of: exchange, names: names) else {
                return passThroughOnLoop(exchange, route: route, target: key.bytes, reason: .varyMiss)
            }
            guard let variant = reader.lookup(key: key.readable) else {
                return missOnLoop(
                    exchange, route: route, reason: .varyMiss, wishes, variesBy: knownNames())
            }
            object = variant
        }
        if !isAllowed(object, to: exchange, route) {
            return passThroughOnLoop(exchange, route: route, target: key.bytes, reason: .request)
        }
        if let wishes { return serveOnLoop(object, exchange, route: route, wishes) }
        serveOnLoop(object, exchange, route: route)
    }

    /// The names by which the response at the primary part of `key` varies, looked up once more, for the miss path only.
    private func knownNames() -> [UInt8] {
        let end = VariantKey.baseCount(of: key.readable)
        guard let marker = reader.lookup(key: UnsafeRawBufferPointer(rebasing: key.readable[..<end])) else { return [] }
        return marker.flags.contains(.varies) ? Array(reader.head(of: marker)) : []
    }

    /// Brings `key`, which is a base, to the variant of this request. False if the request has none.
    private func appendVariant(of exchange: Exchange, names: UnsafeRawBufferPointer) -> Bool {
        VariantKey.append(names: names, to: &key) { exchange.forEachValue(of: $0, $1) }
    }

    /// The key under which a response that varies by `names` is this request's; nil if it has none.
    func variantKey(of exchange: Exchange, base: ArraySlice<UInt8>, names: [UInt8]) -> [UInt8]? {
        key.removeAll()
        key.append(base)
        return names.withUnsafeBytes { appendVariant(of: exchange, names: $0) } ? key.bytes : nil
    }

    /// Fetches the variant of this request, now that it is known by what the response varies.
    func fetchVariantOnLoop(_ exchange: Exchange, route: Route, of selection: VariantSelection) {
        let base = VariantKey.base(of: selection.key)
        guard let key = variantKey(of: exchange, base: base, names: selection.names) else {
            return passThroughOnLoop(exchange, route: route, target: Array(base), reason: .varyMiss)
        }
        if let object = reader.lookup(key: key) { return serveOnLoop(object, exchange, route: route) }
        fetchOnLoop(exchange, route: route, key: key, expired: nil, reason: .varyMiss, variesBy: selection.names)
    }

    private func missOnLoop(
        _ exchange: Exchange, route: Route, reason: CacheStatus.Forward, _ wishes: RequestCacheControl?,
        variesBy: [UInt8] = []
    ) {
        if wishes?.onlyIfCached == true {
            return refuseOnLoop(exchange, route: route, .gatewayTimeout, "The cache does not have this.")
        }
        if wishes?.noStore == true || isAuthorized(exchange, route) {
            return passThroughOnLoop(exchange, route: route, target: key.bytes, reason: .request)
        }
        fetchOnLoop(exchange, route: route, key: key.bytes, expired: nil, reason: reason, variesBy: variesBy)
    }

    /// Whether the request brings credentials that its origin would see (RFC 9111 §3.5). A signed origin never does.
    func isAuthorized(_ exchange: Exchange, _ route: Route) -> Bool {
        !route.group.signsRequests && exchange.field(.authorization) != nil
    }

    private func isAllowed(_ object: StoredObject, to exchange: Exchange, _ route: Route) -> Bool {
        if !isAuthorized(exchange, route) { return true }
        return object.flags.contains(.allowsAuthorized) && object.isFresh(at: loop.epochSeconds)
    }

    // MARK: Found

    private func serveOnLoop(_ object: StoredObject, _ exchange: Exchange, route: Route) {
        let now = loop.epochSeconds
        if object.isFresh(at: now) {
            if respondHitOnLoop(object, exchange, route: route) { return }
            return fetchOnLoop(exchange, route: route, key: key.bytes, expired: nil, reason: .miss)
        }
        let expired = ExpiredObject(object, reader: reader)
        // An answer may take `key`, and the exchange's bytes.
        let key = key.bytes
        let addition = OriginAddition(exchange, route, key: key)
        if now < object.staleWhileRevalidateUntil, !object.softPurged,
            respondStoredOnLoop(exchange, route: route, object, result: .revalidatingHit)
        {
            return fetchOnLoop(nil, route: route, key: key, expired: expired, reason: .stale, addition: addition)
        }
        fetchOnLoop(exchange, route: route, key: key, expired: expired, reason: .stale, addition: addition)
    }

    /// Answers with the coding the client takes, if there is one, or with the object as it is.
    private func respondHitOnLoop(_ object: StoredObject, _ exchange: Exchange, route: Route) -> Bool {
        guard object.flags.contains(.compressible), playlistGrant(exchange, route, object) == nil,
            let coding = coding(for: exchange, route)
        else {
            return respondStoredOnLoop(exchange, route: route, object, result: .hit)
        }
        let identityEnd = key.count
        CodedKey.append(coding, of: object, to: &key)
        let coded = reader.lookup(key: key.readable)
        key.truncate(to: identityEnd)
        if let coded, respondStoredOnLoop(exchange, route: route, coded, result: .hit) { return true }
        // The reader knows only its last look-up.
        guard let identity = reader.lookup(key: key.readable) else { return false }
        return respondStoredOnLoop(exchange, route: route, identity, result: .hit)
    }

    private func coding(for exchange: Exchange, _ route: Route) -> AcceptEncoding.Coding? {
        let bytes = exchange.headBytes
        var accept = AcceptEncoding()
        for field in exchange.head.fields where field.known == .acceptEncoding {
            accept.add(field.value.bytes(in: bytes))
        }
        let codings = route.behavior.codings
        return accept.choice(brotli: codings.brotli, gzip: codings.gzip)
    }

    /// The same for a client whose directives count.
    private func serveOnLoop(
        _ object: StoredObject, _ exchange: Exchange, route: Route, _ wishes: RequestCacheControl
    ) {
        let now = loop.epochSeconds
        let bornAt = StoredAnnotation(reader.annotation(of: object))?.bornAt ?? now
        let isAccepted = wishes.accepts(
            ageSeconds: Int(max(0, now - bornAt)),
            freshSecondsLeft: object.softPurged ? min(0, Int(object.freshUntil - now)) : Int(object.freshUntil - now),
            mayBeStale: !object.flags.contains(.mustRevalidate) && !object.softPurged,
            isImmutable: object.flags.contains(.isImmutable))
        let expired = ExpiredObject(object, reader: reader)
        let result = object.isFresh(at: now) ? CacheResult.hit : .staleHit
        if isAccepted, result == .hit, respondHitOnLoop(object, exchange, route: route) { return }
        if isAccepted, result == .staleHit, respondStoredOnLoop(exchange, route: route, object, result: result) {
            return
        }
        if wishes.onlyIfCached {
            return refuseOnLoop(exchange, route: route, .gatewayTimeout, "The cache does not have this.")
        }
        fetchOnLoop(
            exchange, route: route, key: key.bytes, expired: expired,
            reason: object.isFresh(at: now) ? .request : .stale)
    }
}

extension RequestCacheControl {
    /// What this request says. Allocates, so it is asked only where the operator wants clients to be heard.
    init(_ exchange: Exchange) {
        self.init(Headers(exchange.head.fields, in: exchange.headBytes))
    }
}

/// A response that varies: by what, and which request it is for.
struct VariantSelection: Sendable, Equatable {
    /// Lower-case, ascending, joined by commas.
    let names: [UInt8]
    /// The variant's key.
    let key: [UInt8]

    /// Fields of which one client's value is nobody else's business, or which a fill cannot carry.
    private static let unkeyable: Set<String> = [
        "authorization", "cookie", "connection", "forwarded", "if-match", "if-modified-since", "if-none-match",
        "if-range", "if-unmodified-since", "range", "te", "upgrade", "via", "x-forwarded-for", "x-forwarded-host",
        "x-forwarded-proto",
    ]
    /// A response that varies by more is not worth storing.
    private static let maximumNames = 8

    /// Where a response goes that came for `key` and varies by `names`; nil if it cannot be stored.
    ///
    /// - Parameters:
    ///   - known: the names that made `key`, as in a selection.
    ///   - sent: what the request to the origin had beside the fields in `key`.
    init?(key: [UInt8], known: [UInt8], names: [String], sent: Headers = [:]) {
        let all = Set(names).union(
            known.split(separator: UInt8(ascii: ",")).map { String(decoding: $0, as: UTF8.self) })
        guard all.count <= Self.maximumNames, all.isDisjoint(with: Self.unkeyable),
            all.allSatisfy({ $0.utf8.allSatisfy(HTTPToken.contains) })
        else { return nil }
        self.names = Array(all.sorted().joined(separator: ",").utf8)
        if all.contains(where: sent.contains) {
            var buffer = GrowableBuffer()
            buffer.append(VariantKey.base(of: key))
            let carried = VariantKey.fields(of: key)
            let hasKey = self.names.withUnsafeBytes { names in
                VariantKey.append(names: names, to: &buffer) { name, body in
                    let name = String(decoding: name, as: UTF8.self)
                    for value in carried.filter({ $0.name == name }).map(\.value) + sent.values(name) {
                        Array(value.utf8).withUnsafeBytes { body($0) }
                    }
                }
            }
            guard hasKey else { return nil }
            self.key = buffer.bytes
            return
        }
        // The fill carried none of the others, so its response is the one for requests without them.
        self.key = VariantKey.isVariant(key) ? key : key + [0, VariantKey.Aspect.vary.rawValue]
    }
}
