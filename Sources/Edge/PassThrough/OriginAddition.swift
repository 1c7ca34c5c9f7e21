import AccessSigning
import Bytes
import HTTPServer
import HTTPWire

/// What the origin request policy of a behavior sends to the origin beyond what is in the cache key: of the client whose
/// request begins the fill.
struct OriginAddition: Sendable {
    /// Path and query to ask for; `nil` for those of the key.
    let target: [UInt8]?
    let headers: Headers

    /// `nil` where the key says everything. Touches `exchange` before it returns, and allocates.
    ///
    /// - Parameter key: of what is asked for.
    init?(_ exchange: Exchange, _ route: Route, key: [UInt8]) {
        guard let policy = route.behavior.originRequest, route.page == nil else { return nil }
        target = Self.target(of: exchange, route, key: key)
        let received = Headers(exchange.head.fields, in: exchange.headBytes)
        let named = ResponseFields.namedByConnection(received)
        let keyed = route.behavior.keyFields
        var headers = Headers()
        for field in received {
            let name = ASCII.lowercased(field.name)
            guard Array(name.utf8).withUnsafeBytes({ policy.headers.includes($0) }),
                RequestFieldName.problem(forwarded: name) == nil, name != "authorization", keyed?.covers(name) != true,
                !named.contains(name)
            else { continue }
            headers.add(field.name, field.value)
        }
        if policy.cookies != .none {
            let cookies = ForwardedCookies(received) { name in
                policy.cookies.includes(name) || keyed?.cookies.includes(name) == true
            }
            if let cookies { headers.set("Cookie", cookies.fieldValue) }
        }
        self.headers = headers
    }

    /// Replaces what is in `headers` of the same names.
    func add(to headers: inout Headers) {
        for field in self.headers { headers.remove(field.name) }
        for field in self.headers { headers.add(field.name, field.value) }
    }

    /// Path and query by which the origin is asked under an origin request policy; `nil` for those of the key.
    static func target(of exchange: Exchange, _ route: Route, key: [UInt8]) -> [UInt8]? {
        guard let policy = route.behavior.originRequest, route.page == nil else { return nil }
        let keyed = route.behavior.cachePolicy?.query ?? .none
        guard policy.query != .none || route.behavior.cachePolicy == nil else { return nil }
        var buffer = GrowableBuffer()
        buffer.append(route.target(of: key).prefix { $0 != UInt8(ascii: "?") })
        guard let query = exchange.head.query?.bytes(in: exchange.headBytes) else { return buffer.bytes }
        CacheKey.append(query, to: &buffer) { parameter, name in
            if route.behavior.needsSignature, SignedQuery.hasSigningParameters(parameter) { return false }
            return policy.query.includes(name) || keyed.includes(name)
        }
        return buffer.bytes
    }
}

/// The cookies of a request that its origin gets: never those of signed access, which are the edge's to read.
struct ForwardedCookies {
    let fieldValue: String

    /// `nil` when none is left.
    init?(_ headers: Headers, where isWanted: (UnsafeRawBufferPointer) -> Bool = { _ in true }) {
        var kept: [Substring] = []
        for value in headers.values("Cookie") {
            for pair in value.split(separator: ";") {
                let name = ASCII.trimmed(pair.prefix { $0 != "=" })
                let isKept = Array(name.utf8).withUnsafeBytes { !SignedCookies.isSigning(name: $0) && isWanted($0) }
                if isKept { kept.append(pair.drop { $0 == " " }) }
            }
        }
        if kept.isEmpty { return nil }
        fieldValue = kept.joined(separator: "; ")
    }
}
