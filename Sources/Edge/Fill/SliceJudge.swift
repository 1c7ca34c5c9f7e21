import CacheRules
import HTTPClient
import HTTPWire

/// What the answer to a request for a slice is.
enum SliceJudge {
    /// The slice, of this version.
    case slice(SliceVersion)
    /// The whole object: the origin does not serve ranges, the object has changed, or one slice is all there is.
    case whole
    /// A part that cannot be told from a part of another version: the object is to be had whole or not at all.
    case unsliceable
    /// Nothing that could be shared: each client asks for what it wants itself.
    case refused
    /// An error, or 304: judged like any response.
    case other

    init(_ response: ClientResponseHead, to order: SliceOrder) {
        switch response.status {
        case .ok: self = .whole
        case .rangeNotSatisfiable: self = .refused
        case .partialContent: self = Self.judge(response, order)
        default: self = .other
        }
    }

    private static func judge(_ response: ClientResponseHead, _ order: SliceOrder) -> SliceJudge {
        guard case .part(let range, let total)? = response.headers.first("Content-Range").flatMap({ ContentRange($0) }),
            range.start == order.start, range.end == min(order.start + order.sliceBytes, total ?? .max),
            response.length == nil || response.length == range.count
        else { return .refused }
        if range.start == 0, range.end == total { return .whole }
        guard let part = PartialContent.Part(status: response.status, headers: response.headers) else {
            return .unsliceable
        }
        return .slice(SliceVersion(etag: Array(part.entityTag.fieldValue.utf8), total: part.completeLength))
    }
}

extension ClientResponseHead {
    /// The part as if it were an object of its own, to be judged and stored like one.
    var asWhole: ClientResponseHead {
        var whole = self
        whole.status = .ok
        whole.headers.remove("Content-Range")
        if case .part(let range, _)? = headers.first("Content-Range").flatMap({ ContentRange($0) }) {
            whole.length = range.count
        }
        return whole
    }
}
