internal import Bytes
public import HTTPWire

/// What a response to an unsafe method makes invalid (RFC 9111 §4.4).
public enum Invalidation {
    /// Whether the method may have changed what GET brings (RFC 9110 §9.2.1); an unknown one counts as unsafe.
    public static func isUnsafe(_ method: HTTPMethod) -> Bool {
        switch method {
        case .get, .head, .options, "TRACE", "PROPFIND", "REPORT", "SEARCH": false
        default: true
        }
    }

    /// Whether stored responses for the request's target are invalid after this response.
    public static func applies(method: HTTPMethod, status: HTTPStatus) -> Bool {
        isUnsafe(method) && 200..<400 ~= status.code
    }

    /// The targets (path and query), besides the request's own, that `Location` and `Content-Location` name.
    ///
    /// Only of the same origin: who may write here must not empty what belongs to another host. A relative reference
    /// counts if it begins with a slash.
    ///
    /// - Parameters:
    ///   - scheme: `http` or `https`.
    ///   - authority: the request's `Host`.
    public static func targets(named headers: Headers, scheme: String, authority: String) -> [String] {
        ["Location", "Content-Location"].flatMap { headers.values($0) }.compactMap { reference in
            let reference = reference.prefix { $0 != "#" }
            if reference.hasPrefix("//") { return target(of: reference.dropFirst(2), authority: authority) }
            if reference.hasPrefix("/") { return String(reference) }
            let start = scheme + "://"
            guard ASCII.equalsIgnoringCase(reference.prefix(start.count), start) else { return nil }
            return target(of: reference.dropFirst(start.count), authority: authority)
        }
    }

    private static func target(of rest: Substring, authority: String) -> String? {
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard ASCII.equalsIgnoringCase(rest[..<end], authority) else { return nil }
        let target = rest[end...]
        return target.hasPrefix("/") ? String(target) : "/" + target
    }
}
