internal import Bytes

/// The `Resource` of a policy, compiled: protocol, domain, path and query, each a glob of its own.
///
/// `*` stands for any run of bytes and `?` for exactly one, within their section; `\?` is a literal question mark and
/// separates the query. A trailing `*` in the path also covers any query, one at the end of the domain also path and
/// query. Scheme and domain ignore case. A class, so that a check copies none of it.
final class ResourcePattern: Sendable {
    private enum Form: Sendable {
        case everything
        case nothing
        /// No `://`, beginning with `*`: wildcards cross sections.
        case whole
        case sections
    }

    private let form: Form
    /// Of `.whole` the pattern, of `.sections` the domain.
    private let glob: Glob
    /// Which of the two schemes there are the pattern's covers.
    private let coversHTTP: Bool
    private let coversHTTPS: Bool
    private let tail: Tail
    private let otherTail: Tail?

    init(_ resource: String) {
        let bytes = Array(resource.utf8)
        guard bytes != [UInt8(ascii: "*")], let separator = Self.schemeSeparator(bytes) else {
            let isWhole = bytes.first == UInt8(ascii: "*")
            form = bytes == [UInt8(ascii: "*")] ? .everything : isWhole ? .whole : .nothing
            glob = Glob(bytes[...], ignoringCase: false)
            (coversHTTP, coversHTTPS) = (false, false)
            (tail, otherTail) = (.any, nil)
            return
        }
        let rest = bytes[(separator + 3)...]
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        let domain = rest[..<slash]
        let scheme = Glob(bytes[..<separator], ignoringCase: true)
        form = .sections
        glob = Glob(domain, ignoringCase: true)
        coversHTTP = Array("http".utf8).withUnsafeBytes(scheme.matches)
        coversHTTPS = Array("https".utf8).withUnsafeBytes(scheme.matches)
        if slash < rest.endIndex {
            (tail, otherTail) = Self.tails(rest[slash...])
        } else {
            (tail, otherTail) = (domain.last == UInt8(ascii: "*") ? .any : .root, nil)
        }
    }

    private static func schemeSeparator(_ bytes: [UInt8]) -> Int? {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[(colon + 1)...].starts(with: "//".utf8) else {
            return nil
        }
        return colon
    }

    /// The readings of path and query.
    ///
    /// With `\?` there is one. Without it every `?` may be a wildcard, or the first the separator, as people write it who
    /// sign a plain URL with a query.
    private static func tails(_ bytes: ArraySlice<UInt8>) -> (Tail, Tail?) {
        let question = UInt8(ascii: "?")
        let star = UInt8(ascii: "*")
        func tail(_ path: ArraySlice<UInt8>, _ query: ArraySlice<UInt8>?) -> Tail {
            let rule: Tail.QueryRule =
                query.map { .glob(Glob($0, ignoringCase: false)) } ?? (path.last == star ? .any : .none)
            return Tail(path: Glob(path, ignoringCase: false), query: rule)
        }
        for index in bytes.indices where bytes[index] == question && index > bytes.startIndex {
            if bytes[index - 1] == UInt8(ascii: "\\") {
                return (tail(bytes[..<(index - 1)], bytes[(index + 1)...]), nil)
            }
        }
        guard let first = bytes.firstIndex(of: question) else { return (tail(bytes, nil), nil) }
        return (tail(bytes, nil), tail(bytes[..<first], bytes[(first + 1)...]))
    }

    func matches(_ url: ResourceURL) -> Bool {
        switch form {
        case .everything: return true
        case .nothing: return false
        case .whole: return glob.matches(url.bytes)
        case .sections:
            guard url.isTLS ? coversHTTPS : coversHTTP, glob.matches(url.host) else { return false }
            return tail.matches(url) || otherTail?.matches(url) == true
        }
    }
}

/// One way to read what follows the domain.
private final class Tail: Sendable {
    enum QueryRule: Sendable {
        case none
        case any
        case glob(Glob)
    }

    /// Any path and any query.
    static let any = Tail(path: Glob([UInt8(ascii: "*")], ignoringCase: false), query: .any)
    /// What a pattern without a path means.
    static let root = Tail(path: Glob([UInt8(ascii: "/")], ignoringCase: false), query: .none)

    private let path: Glob
    private let query: QueryRule

    init(path: Glob, query: QueryRule) {
        self.path = path
        self.query = query
    }

    func matches(_ url: ResourceURL) -> Bool {
        guard path.matches(url.path) else { return false }
        return switch query {
        case .any: true
        case .none: url.query == nil
        case .glob(let glob): url.query.map(glob.matches) ?? false
        }
    }
}
