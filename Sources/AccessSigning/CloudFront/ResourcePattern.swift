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
        case whole(Glob)
        case sections(scheme: Glob, domain: Glob, tail: [Tail])
    }

    /// One way to read what follows the domain.
    private final class Tail: Sendable {
        /// Nil stands for any path and any query.
        private let path: Glob?
        private let query: QueryRule

        init(path: Glob?, query: QueryRule) {
            self.path = path
            self.query = query
        }

        func matches(_ url: borrowing ResourceURL) -> Bool {
            guard path?.matches(url.path) ?? true else { return false }
            return switch query {
            case .any: true
            case .none: url.query == nil
            case .glob(let glob): url.query.map(glob.matches) ?? false
            }
        }
    }

    private enum QueryRule: Sendable, Equatable {
        case none
        case any
        case glob(Glob)
    }

    private let form: Form

    init(_ resource: String) {
        let bytes = Array(resource.utf8)
        if bytes == [UInt8(ascii: "*")] {
            form = .everything
        } else if let separator = Self.schemeSeparator(bytes) {
            form = Self.sections(scheme: bytes[..<separator], rest: bytes[(separator + 3)...])
        } else if bytes.first == UInt8(ascii: "*") {
            form = .whole(Glob(bytes[...], ignoringCase: false))
        } else {
            form = .nothing
        }
    }

    private static func schemeSeparator(_ bytes: [UInt8]) -> Int? {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[(colon + 1)...].starts(with: "//".utf8) else {
            return nil
        }
        return colon
    }

    private static func sections(scheme: ArraySlice<UInt8>, rest: ArraySlice<UInt8>) -> Form {
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        let domain = rest[..<slash]
        let tail = rest[slash...]
        let tails: [Tail]
        if tail.isEmpty {
            let openEnded = domain.last == UInt8(ascii: "*")
            tails = [
                openEnded
                    ? Tail(path: nil, query: .any)
                    : Tail(path: Glob(Array("/".utf8)[...], ignoringCase: false), query: .none)
            ]
        } else {
            tails = Self.tails(tail)
        }
        return .sections(
            scheme: Glob(scheme, ignoringCase: true), domain: Glob(domain, ignoringCase: true), tail: tails)
    }

    /// The readings of path and query.
    ///
    /// With `\?` there is one. Without it every `?` may be a wildcard, or the first the separator, as people write it who
    /// sign a plain URL with a query.
    private static func tails(_ bytes: ArraySlice<UInt8>) -> [Tail] {
        let question = UInt8(ascii: "?")
        let star = UInt8(ascii: "*")
        func tail(_ path: ArraySlice<UInt8>, _ query: ArraySlice<UInt8>?) -> Tail {
            let rule: QueryRule =
                query.map { .glob(Glob($0, ignoringCase: false)) } ?? (path.last == star ? .any : .none)
            return Tail(path: Glob(path, ignoringCase: false), query: rule)
        }
        for index in bytes.indices where bytes[index] == question && index > bytes.startIndex {
            if bytes[index - 1] == UInt8(ascii: "\\") {
                return [tail(bytes[..<(index - 1)], bytes[(index + 1)...])]
            }
        }
        guard let first = bytes.firstIndex(of: question) else { return [tail(bytes, nil)] }
        return [tail(bytes, nil), tail(bytes[..<first], bytes[(first + 1)...])]
    }

    func matches(_ url: borrowing ResourceURL) -> Bool {
        switch form {
        case .everything: return true
        case .nothing: return false
        case .whole(let glob): return glob.matches(url.bytes)
        case .sections(let scheme, let domain, let tails):
            guard scheme.matches(url.scheme), domain.matches(url.host) else { return false }
            return tails.contains { $0.matches(url) }
        }
    }
}
