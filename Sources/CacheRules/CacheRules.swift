internal import Bytes
public import HTTPWire

/// What the decision needs to know of the viewer's request.
public struct CacheRequest: Sendable, Equatable {
    /// The method.
    public var method: HTTPMethod
    /// Whether the viewer sent `Authorization`; the edge's own signature towards the origin does not count.
    public var hasAuthorization: Bool
    /// Whether the viewer's `no-store` is to be obeyed; a CDN usually does not, so that strangers cannot empty it.
    public var forbidsStoring: Bool

    /// Takes the fields as they are.
    public init(method: HTTPMethod, hasAuthorization: Bool = false, forbidsStoring: Bool = false) {
        self.method = method
        self.hasAuthorization = hasAuthorization
        self.forbidsStoring = forbidsStoring
    }
}

/// The decisions of a shared cache (RFC 9111, RFC 5861), as pure functions.
public enum CacheRules {
    /// Statuses that are stored without further thought; all are final and complete.
    public static func isStored(_ status: HTTPStatus) -> Bool {
        switch status.code {
        case 200, 203, 204, 301, 308, 404, 410: true
        default: false
        }
    }

    /// Decides over a response that has just arrived; `now` is seconds since 1970.
    ///
    /// Lifetime: `s-maxage`, else `max-age`, else `Expires` less `Date`, else the policy's default; kept between the
    /// policy's minimum and maximum; less the age the response already has. `no-cache` is stored but never fresh.
    /// `must-revalidate` and `proxy-revalidate` cancel both stale windows; `s-maxage` alone does not, because who
    /// writes `s-maxage=60, stale-while-revalidate=30` means it.
    public static func storability(
        request: CacheRequest, status: HTTPStatus, headers: Headers, policy: TTLPolicy, now: Int64
    ) -> Storability {
        let control = CacheControl(headers)
        if let refusal = refusal(request: request, status: status, headers: headers, control: control) {
            return .notStorable(refusal)
        }
        let age = initialAge(headers, now: now)
        let (lifetime, source) = lifetime(status: status, headers: headers, control: control, policy: policy, now: now)
        let isStrict = control.mustRevalidate || control.proxyRevalidate || control.noCache
        let freshness = Freshness(
            freshForSeconds: control.noCache ? 0 : max(0, lifetime - age),
            staleIfErrorSeconds: isStrict ? 0 : control.staleIfError ?? 0,
            staleWhileRevalidateSeconds: isStrict ? 0 : control.staleWhileRevalidate ?? 0,
            mustRevalidate: isStrict,
            initialAgeSeconds: age,
            source: source,
            variesBy: varyNames(headers))
        let isUsable =
            freshness.freshForSeconds > 0 || freshness.staleIfErrorSeconds > 0
            || freshness.staleWhileRevalidateSeconds > 0 || headers.contains("ETag")
            || headers.contains("Last-Modified")
        return isUsable ? .storable(freshness) : .notStorable(.stale)
    }

    /// Seconds the response had spent in caches when it arrived (RFC 9111 §4.2.3).
    public static func initialAge(_ headers: Headers, now: Int64) -> Int {
        let stated = headers.first("Age").map { CacheControl("max-age=\($0)").maxAge ?? 0 } ?? 0
        guard let date = headers.first("Date").flatMap({ HTTPDate.parse($0) }) else { return stated }
        return max(stated, Int(min(max(0, now - date), Int64(CacheControl.maximumSeconds))))
    }

    private static func refusal(
        request: CacheRequest, status: HTTPStatus, headers: Headers, control: CacheControl
    ) -> StorageRefusal? {
        if request.method != .get { return .method }
        if !isStored(status) || headers.contains("Content-Range") { return .status }
        if request.forbidsStoring { return .requestNoStore }
        if control.noStore { return .noStore }
        if control.isPrivate { return .isPrivate }
        if headers.contains("Set-Cookie") { return .setsCookie }
        if varyNames(headers).contains("*") { return .variesByAnything }
        let allowsSharing = control.isPublic || control.mustRevalidate || control.sharedMaxAge != nil
        return request.hasAuthorization && !allowsSharing ? .authorization : nil
    }

    private static func lifetime(
        status: HTTPStatus, headers: Headers, control: CacheControl, policy: TTLPolicy, now: Int64
    ) -> (Int, Freshness.Source) {
        func bounded(_ seconds: Int) -> Int { min(max(seconds, policy.minimum), max(policy.minimum, policy.maximum)) }
        if let seconds = control.sharedMaxAge { return (bounded(seconds), .sharedMaxAge) }
        if let seconds = control.maxAge { return (bounded(seconds), .maxAge) }
        if let expires = headers.first("Expires") {
            let date = headers.first("Date").flatMap { HTTPDate.parse($0) } ?? now
            let seconds = HTTPDate.parse(expires).map { min(max(0, $0 - date), Int64(CacheControl.maximumSeconds)) }
            return (bounded(Int(seconds ?? 0)), .expires)
        }
        let isNegative = status == .notFound || status == .gone
        return (bounded(isNegative ? policy.negative : policy.default), .policy)
    }

    private static func varyNames(_ headers: Headers) -> [String] {
        var names: [String] = []
        for value in headers.values("Vary") {
            for name in value.split(separator: ",") {
                let name = ASCII.lowercased(ASCII.trimmed(name))
                if !name.isEmpty, !names.contains(name) { names.append(name) }
            }
        }
        return names
    }
}
