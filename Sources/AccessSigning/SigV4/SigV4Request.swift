internal import Bytes
public import HTTPWire

/// The parts of a request that a signature covers, as they stand on the wire.
public struct SigV4Request: Sendable {
    /// One header field.
    public typealias Header = (name: String, value: String)

    /// The method, in capitals.
    public var method: String
    /// The path as sent, still percent-encoded.
    public var path: String
    /// The query as sent, without its `?`; nil or empty when there is none.
    public var query: String?
    /// The header fields in order; names in any case, repeated names allowed.
    public var headers: [Header]

    /// A request of its parts.
    public init(method: String, path: String, query: String? = nil, headers: [Header]) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
    }

    /// A request that came in, with all its fields.
    public init(method: HTTPMethod, path: String, query: String?, headers: Headers) {
        self.init(
            method: method.name, path: path, query: query, headers: headers.map { (name: $0.name, value: $0.value) })
    }

    /// The distinct header names, lower case and sorted, as `SignedHeaders` lists them.
    var headerNames: [String] {
        Set(headers.map { ASCII.lowercased($0.name) }).sorted(by: Self.precedes)
    }

    /// The values of a header whose name is given in lower case.
    func values(_ name: String) -> [String] {
        headers.lazy.filter { ASCII.equalsIgnoringCase($0.name, name) }.map(\.value)
    }

    /// The canonical request of the SigV4 specification; `query` is already canonical.
    func canonical(signedHeaders: [String], payloadHash: String, query: String) -> String {
        var text = "\(method)\n\(canonicalPath)\n\(query)\n"
        for name in signedHeaders {
            text += "\(name):\(values(name).map(Self.collapsed).joined(separator: ","))\n"
        }
        text += "\n\(signedHeaders.joined(separator: ";"))\n\(payloadHash)"
        return text
    }

    /// The path decoded and encoded once; a path whose encoding is broken stays as it is and matches no signature
    /// that a correct client makes.
    var canonicalPath: String {
        guard let decoded: [UInt8] = PercentEncoding.decode(path.utf8) else { return path }
        return decoded.isEmpty ? "/" : PercentEncoding.encode(decoded, allowed: .path)
    }

    /// The parameters, each decoded and encoded once, sorted by encoded name and then value.
    func canonicalQuery(excluding excluded: String?) -> String {
        var pairs: [(name: String, value: String)] = []
        for part in (query ?? "").utf8.split(separator: UInt8(ascii: "&")) {
            let halves = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = Self.reencoded(halves[0])
            guard name != excluded else { continue }
            pairs.append((name, halves.count > 1 ? Self.reencoded(halves[1]) : ""))
        }
        pairs.sort { Self.precedes($0.name, $1.name) || ($0.name == $1.name && Self.precedes($0.value, $1.value)) }
        return pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// The decoded values of a query parameter.
    func parameters(_ name: String) -> [String] {
        (query ?? "").utf8.split(separator: UInt8(ascii: "&")).compactMap { part in
            let halves = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard Self.reencoded(halves[0]) == PercentEncoding.encode(name) else { return nil }
            guard halves.count > 1, let value: [UInt8] = PercentEncoding.decode(halves[1]) else { return "" }
            return String(decoding: value, as: UTF8.self)
        }
    }

    private static func reencoded(_ part: some Sequence<UInt8>) -> String {
        guard let decoded: [UInt8] = PercentEncoding.decode(part) else {
            return String(decoding: Array(part), as: UTF8.self)
        }
        return PercentEncoding.encode(decoded)
    }

    /// A header value without outer white space and with inner runs of it written as one space.
    private static func collapsed(_ value: String) -> String {
        value.utf8.split { $0 == 0x20 || $0 == 0x09 }
            .map { String(decoding: $0, as: UTF8.self) }
            .joined(separator: " ")
    }

    /// Byte order, which is the order of the specification and not that of Swift's strings.
    private static func precedes(_ first: String, _ second: String) -> Bool {
        first.utf8.lexicographicallyPrecedes(second.utf8)
    }
}
