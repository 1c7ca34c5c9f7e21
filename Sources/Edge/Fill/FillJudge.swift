import Bytes
import CacheRules
import HTTPClient
import HTTPWire
import SegmentStore

/// What an origin's response head means for the cache: whether it is stored, shared or for one client only, and the head
/// in the form clients get it.
struct FillJudge {
    private(set) var verdict: FillMachine.Verdict
    private(set) var head = FilledHead()
    /// For the store; of meaning when the verdict is `.store` or `.notModified`.
    private(set) var metadata = ObjectMetadata()

    /// As many as CloudFront takes.
    static let maximumTags = 50
    static let maximumTagBytes = 256

    /// Judges a response that has just arrived.
    ///
    /// - Parameters:
    ///   - sent: what the request had beyond what the fill's key says.
    ///   - expired: the object our own condition was about, if the request had one.
    ///   - now: epoch seconds.
    ///   - responseDelay: seconds since the origin was asked.
    init(
        _ response: ClientResponseHead, to fill: Fill, sent: Headers = [:], route: Route, expired: ExpiredObject?,
        now: Int64, responseDelay: Int64
    ) {
        let behavior = route.behavior
        head.status = response.status.code
        head.etag = Array((response.headers.first("ETag") ?? "").utf8)
        head.lastModified = response.headers.first("Last-Modified").flatMap { HTTPDate.parse($0, now: now) }
        head.length = response.length
        head.bornAt = now - Int64(CacheRules.initialAge(response.headers, now: now, responseDelay: responseDelay))
        head.upstreamStatus = ResponseFields.upstreamStatus(response.headers)
        let confirmed = response.status == .notModified ? expired : nil
        var headers = response.headers
        if let confirmed { headers.completeConfirmation(of: confirmed.metadata) }
        let storability = CacheRules.storability(
            request: CacheRequest(method: .get), status: confirmed == nil ? response.status : .ok, headers: headers,
            policy: behavior.lifetimes, now: now, responseDelay: responseDelay)
        switch storability {
        case .storable(let freshness):
            let names = Self.names(freshness.variesBy, behavior)
            guard let selection = VariantSelection(key: fill.key, known: fill.variesBy, names: names, sent: sent)
            else {
                // The fill went without the client's fields, so its response is not the client's either.
                verdict = .release
                return
            }
            if selection.names != fill.variesBy { head.selection = selection }
            if let confirmed {
                let holds = Validation.confirms(response.headers, confirmed.validators, now: now)
                verdict = holds ? .notModified : .release
                refresh(confirmed, response.headers, freshness, route, now: now)
            } else {
                verdict = Self.verdict(storing: response, expired, now: now)
                head.fields = ResponseFields.shared(
                    response.headers, policy: behavior.responseHeaders,
                    withheld: freshness.withheldFields + [route.distribution.distribution.tagField])
                keep(freshness, now: now)
                if !behavior.codings.isEmpty, !freshness.noTransform,
                    CompressibleText.includes(status: response.status, response.headers, length: response.length)
                {
                    metadata.flags.insert(.compressible)
                    head.fields += CompressibleText.varyLine
                }
                metadata.head = head.fields
                metadata.etag = head.etag
                metadata.tags = Self.tags(response.headers, in: route.distribution.distribution.tagField)
                    .map(route.distribution.storedTag)
            }
        case .notStorable(let refusal):
            verdict = confirmed == nil ? Self.verdict(refusal, response) : .release
            head.fields = ResponseFields.shared(
                response.headers, policy: behavior.responseHeaders,
                withheld: CachingDirectives(response.headers, now: now).control.withheldFields
                    + ["set-cookie", route.distribution.distribution.tagField])
        }
        if confirmed == nil, route.pages[response.status.code] != nil { showNobody(response) }
    }

    /// A page stands for the error, which is nobody's then and everybody's.
    private mutating func showNobody(_ response: ClientResponseHead) {
        guard verdict == .alone || verdict == .release else { return }
        verdict =
            response.status.code >= 500 ? .serverError(length: response.length) : .share(length: response.length)
    }

    /// The response is a slice of an object of that version.
    mutating func becomeSlice(of version: SliceVersion, start: Int) {
        head.slice = version
        metadata.status = HTTPStatus.partialContent.code
        let response = StoredAnnotation(bornAt: head.bornAt, lastModified: head.lastModified)
        metadata.annotation = SliceAnnotation(start: start, total: version.total, response: response).bytes
    }

    /// The response is an error in place of a slice: it is the clients' who wait, and not for the store.
    mutating func storeNothing() {
        if case .store(let length) = verdict { verdict = .share(length: length) }
    }

    private static func verdict(
        storing response: ClientResponseHead, _ expired: ExpiredObject?, now: Int64
    ) -> FillMachine.Verdict {
        if response.status.code >= 500, expired?.mayBeServedOnError(at: now) == true {
            return .serverError(length: response.length)
        }
        return response.isDelimited ? .store(length: response.length) : .alone
    }

    private static func verdict(_ refusal: StorageRefusal, _ response: ClientResponseHead) -> FillMachine.Verdict {
        if refusal == .variesByAnything { return .release }
        guard refusal == .status || refusal == .noLifetime, response.isDelimited else { return .alone }
        return response.status.code >= 500 ? .serverError(length: response.length) : .share(length: response.length)
    }

    private mutating func keep(_ freshness: Freshness, now: Int64) {
        head.freshUntil = now + Int64(freshness.freshForSeconds)
        metadata.status = head.status
        metadata.flags = ObjectFlags(freshness)
        metadata.annotation = StoredAnnotation(bornAt: head.bornAt, lastModified: head.lastModified).bytes
        metadata.storedAt = now
        metadata.freshUntil = head.freshUntil
        metadata.staleIfErrorUntil = head.freshUntil + Int64(freshness.staleIfErrorSeconds)
        metadata.staleWhileRevalidateUntil = head.freshUntil + Int64(freshness.staleWhileRevalidateSeconds)
    }

    /// What the stored object is after a 304: its own bytes and what describes them, and everything else as the 304 says.
    private mutating func refresh(
        _ confirmed: ExpiredObject, _ headers: Headers, _ freshness: Freshness, _ route: Route, now: Int64
    ) {
        keep(freshness, now: now)
        let previous = confirmed.metadata
        if Self.saysNoLifetime(headers) { keepLifetime(of: previous, now: now) }
        if previous.flags.contains(.compressible), !freshness.noTransform { metadata.flags.insert(.compressible) }
        metadata.status = previous.status
        metadata.etag = previous.etag
        metadata.tags = previous.tags
        metadata.head = ResponseFields.updated(
            previous.head, by: headers, policy: route.behavior.responseHeaders,
            withheld: freshness.withheldFields + [route.distribution.distribution.tagField])
        let lastModified = head.lastModified ?? confirmed.annotation?.lastModified
        let annotation = StoredAnnotation(bornAt: head.bornAt, lastModified: lastModified)
        metadata.annotation =
            confirmed.slice.map { SliceAnnotation(start: $0.start, total: $0.total, response: annotation).bytes }
            ?? annotation.bytes
    }

    /// A 304 may leave out what the stored response said (RFC 9111 §4.3.4).
    private mutating func keepLifetime(of previous: ObjectMetadata, now: Int64) {
        let shift = now - previous.storedAt
        metadata.flags = previous.flags
        metadata.freshUntil = previous.freshUntil + shift
        metadata.staleIfErrorUntil = previous.staleIfErrorUntil + shift
        metadata.staleWhileRevalidateUntil = previous.staleWhileRevalidateUntil + shift
        head.freshUntil = metadata.freshUntil
    }

    private static func saysNoLifetime(_ headers: Headers) -> Bool {
        !(["Cache-Control", "Expires"] + CachingDirectives.targetedFields).contains { headers.contains($0) }
    }

    /// The request fields that make a difference. The edge asks for no content coding and with one `Host`, and where it
    /// answers cross-origin requests itself, the origin's `Vary: Origin` no longer matters; fields that are in every key of
    /// the behavior tell its responses apart already.
    private static func names(_ names: [String], _ behavior: Behavior) -> [String] {
        names.filter {
            $0 != "accept-encoding" && $0 != "host" && !($0 == "origin" && behavior.responseHeaders?.cors != nil)
                && behavior.keyFields?.covers($0) != true
        }
    }

    /// Tags by which the object can be purged: those of `field` by commas, `Surrogate-Key` by blanks, and what an object
    /// store keeps as user metadata. In lower case, as purges are: CloudFront's tags know no case.
    static func tags(_ headers: Headers, in field: String) -> [[UInt8]] {
        var tags: [[UInt8]] = []
        func take(_ text: Substring.UTF8View) {
            let tag = Array(ASCII.lowercased(ASCII.trimmed(Substring(text))).utf8)
            if !tag.isEmpty, tag.count <= maximumTagBytes, tags.count < maximumTags, !tags.contains(tag) {
                tags.append(tag)
            }
        }
        for name in [field, "x-amz-meta-cache-tag"] {
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
