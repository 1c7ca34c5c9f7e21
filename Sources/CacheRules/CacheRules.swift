internal import Bytes
public import HTTPWire

/// The decisions of a shared cache (RFC 9111, RFC 5861, RFC 9213), as pure functions.
public enum CacheRules {
    /// Decides over a response that has just arrived (RFC 9111 §3, §4.2).
    ///
    /// `no-cache` is stored but never fresh. `must-revalidate` and `proxy-revalidate` cancel both stale windows;
    /// `s-maxage` alone does not, because who writes `s-maxage=60, stale-while-revalidate=30` means it.
    ///
    /// - Parameters:
    ///   - now: when it arrived, epoch seconds.
    ///   - responseDelay: seconds between the request and the response; they count as age.
    public static func storability(
        request: CacheRequest, status: HTTPStatus, headers: Headers, policy: TTLPolicy, now: Int64,
        responseDelay: Int64 = 0
    ) -> Storability {
        let directives = CachingDirectives(headers, now: now)
        let control = directives.control
        if let refusal = refusal(request: request, status: status, headers: headers, control: control, policy: policy) {
            return .notStorable(refusal)
        }
        guard
            let lifetime = FreshnessLifetime(
                status: status, headers: headers, directives: directives, policy: policy, now: now)
        else { return .notStorable(.noLifetime) }
        let age = initialAge(headers, now: now, responseDelay: responseDelay)
        let isStrict = control.mustRevalidate || control.proxyRevalidate || control.noCache
        let freshness = Freshness(
            freshForSeconds: control.noCache ? 0 : max(0, lifetime.seconds - age),
            staleIfErrorSeconds: isStrict ? 0 : control.staleIfError ?? 0,
            staleWhileRevalidateSeconds: isStrict ? 0 : control.staleWhileRevalidate ?? 0,
            mustRevalidate: isStrict || control.sharedMaxAge != nil,
            allowsAuthorized: control.allowsSharingOfAuthorized,
            isImmutable: control.isImmutable,
            noTransform: control.noTransform,
            initialAgeSeconds: age,
            source: lifetime.source,
            field: directives.field,
            variesBy: VaryFields.names(headers),
            withheldFields: control.withheldFields + (policy.setCookie == .removed ? ["set-cookie"] : []))
        let isUsable =
            freshness.freshForSeconds > 0 || freshness.staleIfErrorSeconds > 0
            || freshness.staleWhileRevalidateSeconds > 0 || headers.contains("ETag")
            || headers.contains("Last-Modified")
        return isUsable ? .storable(freshness) : .notStorable(.stale)
    }

    private static func refusal(
        request: CacheRequest, status: HTTPStatus, headers: Headers, control: CacheControl, policy: TTLPolicy
    ) -> StorageRefusal? {
        if request.method != .get { return .method }
        if headers.contains("Content-Range") { return .status }
        var isUnderstood = policy.errors[status.code] != nil
        if case .never = StoredStatus(status) {} else { isUnderstood = true }
        if !isUnderstood { return .status }
        if request.forbidsStoring { return .requestNoStore }
        // Whoever sends both means: store it if you know what the status means, else do not (RFC 9111 §5.2.2.3).
        if control.noStore, !control.mustUnderstand { return .noStore }
        if control.isPrivate { return .isPrivate }
        if policy.setCookie == .refused, headers.contains("Set-Cookie"), !control.withheldFields.contains("set-cookie")
        {
            return .setsCookie
        }
        if VaryFields.names(headers).contains("*") { return .variesByAnything }
        return request.hasAuthorization && !control.allowsSharingOfAuthorized ? .authorization : nil
    }
}

extension CacheControl {
    /// Whether a response to an authorised request may be shared all the same (RFC 9111 §3.5).
    var allowsSharingOfAuthorized: Bool { isPublic || mustRevalidate || sharedMaxAge != nil }
}
