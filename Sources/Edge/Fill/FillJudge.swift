import Bytes
import CacheRules
import HTTPClient
import HTTPWire
import SegmentStore

/// What an origin's response head means for the cache: whether it is stored, shared or for one client only, and the head
/// in the form clients get it.
struct FillJudge {
    let verdict: FillMachine.Verdict
    private(set) var head = FilledHead()
    /// For the store; of meaning when the verdict is `.store` or `.notModified`.
    private(set) var metadata = ObjectMetadata()

    /// Seconds for which "not found" is remembered when the origin gives no lifetime: long enough to shield the origin,
    /// short enough for a video that is about to appear.
    static let negativeSeconds = 1
    /// As many as CloudFront takes.
    static let maximumTags = 50
    static let maximumTagBytes = 256

    /// Judges a response that has just arrived.
    ///
    /// - Parameters:
    ///   - previous: the object our own condition was about, if the request had one.
    ///   - now: epoch seconds.
    init(_ response: ClientResponseHead, behavior: Behavior, previous: ObjectMetadata?, now: Int64) {
        let policy = behavior.cachePolicy
        head.status = response.status.code
        head.fields = ResponseFields.block(response.headers, policy: behavior.responseHeaders, isStored: true)
        head.etag = Array((response.headers.first("ETag") ?? "").utf8)
        head.lastModified = response.headers.first("Last-Modified").flatMap { HTTPDate.parse($0) }
        head.length = response.length
        head.bornAt = now - Int64(CacheRules.initialAge(response.headers, now: now))

        let isConfirmation = response.status == .notModified && previous != nil
        let isNegative = response.status == .notFound || response.status == .gone
        var headers = response.headers
        if isConfirmation, let previous { headers.completeConfirmation(of: previous) }
        let storability = CacheRules.storability(
            request: CacheRequest(method: .get), status: isConfirmation ? .ok : response.status, headers: headers,
            policy: TTLPolicy(
                minimum: isNegative ? 0 : policy?.minTTL ?? 0, default: policy?.defaultTTL ?? 0,
                maximum: policy?.maxTTL ?? 0, negative: Self.negativeSeconds), now: now)
        switch storability {
        case .storable(let freshness) where Self.isKeyed(freshness.variesBy, behavior):
            if isConfirmation {
                verdict = .notModified
            } else {
                verdict = response.isDelimited ? .store(length: response.length) : .alone
            }
            fill(freshness, now: now)
            if isConfirmation, let previous, Self.saysNoLifetime(response.headers) {
                keepLifetime(of: previous, now: now)
            }
            metadata.tags = Self.tags(response.headers)
        case .storable: verdict = .alone
        case .notStorable(let refusal):
            verdict = Self.verdict(refusal, response, isConfirmation: isConfirmation)
        }
    }

    private static func verdict(
        _ refusal: StorageRefusal, _ response: ClientResponseHead, isConfirmation: Bool
    ) -> FillMachine.Verdict {
        if isConfirmation { return .release }
        guard refusal == .status || refusal == .noLifetime, response.isDelimited else { return .alone }
        return response.status.code >= 500 ? .serverError(length: response.length) : .share(length: response.length)
    }

    private mutating func fill(_ freshness: Freshness, now: Int64) {
        head.freshUntil = now + Int64(freshness.freshForSeconds)
        metadata.status = head.status
        metadata.head = head.fields
        metadata.etag = head.etag
        metadata.annotation = StoredAnnotation(bornAt: head.bornAt, lastModified: head.lastModified).bytes
        metadata.storedAt = now
        metadata.freshUntil = head.freshUntil
        metadata.staleIfErrorUntil = head.freshUntil + Int64(freshness.staleIfErrorSeconds)
        metadata.staleWhileRevalidateUntil = head.freshUntil + Int64(freshness.staleWhileRevalidateSeconds)
    }

    /// A 304 may leave out what the stored response said (RFC 9111 §4.3.4).
    private mutating func keepLifetime(of previous: ObjectMetadata, now: Int64) {
        let shift = now - previous.storedAt
        metadata.freshUntil = previous.freshUntil + shift
        metadata.staleIfErrorUntil = previous.staleIfErrorUntil + shift
        metadata.staleWhileRevalidateUntil = previous.staleWhileRevalidateUntil + shift
        head.freshUntil = metadata.freshUntil
    }

    private static func saysNoLifetime(_ headers: Headers) -> Bool {
        !headers.contains("Cache-Control") && !headers.contains("Expires")
    }

    /// Whether one stored response serves every request of its key. The edge asks for no content coding, and where it
    /// answers cross-origin requests itself, the origin's `Vary: Origin` no longer matters.
    private static func isKeyed(_ names: [String], _ behavior: Behavior) -> Bool {
        names.allSatisfy { $0 == "accept-encoding" || ($0 == "origin" && behavior.responseHeaders?.cors != nil) }
    }

    /// Tags by which the object can be purged: `Cache-Tag` by commas, `Surrogate-Key` by blanks, and what an object store
    /// keeps as user metadata.
    static func tags(_ headers: Headers) -> [[UInt8]] {
        var tags: [[UInt8]] = []
        func take(_ text: Substring.UTF8View) {
            let tag = Array(ASCII.trimmed(Substring(text)).utf8)
            if !tag.isEmpty, tag.count <= maximumTagBytes, tags.count < maximumTags, !tags.contains(tag) {
                tags.append(tag)
            }
        }
        for name in ["Cache-Tag", "x-amz-meta-cache-tag"] {
            for value in headers.values(name) { value.utf8.split(separator: UInt8(ascii: ",")).forEach(take) }
        }
        for value in headers.values("Surrogate-Key") { value.utf8.split(separator: UInt8(ascii: " ")).forEach(take) }
        return tags
    }
}

extension Headers {
    /// A 304 need not repeat the validator it was asked with; without one it would count as good for nothing.
    fileprivate mutating func completeConfirmation(of previous: ObjectMetadata) {
        if contains("ETag") || contains("Last-Modified") { return }
        set("ETag", previous.etag.isEmpty ? "W/\"stored\"" : String(decoding: previous.etag, as: UTF8.self))
    }
}
