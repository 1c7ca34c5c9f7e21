import Bytes

/// Which of several distributions a request's host chooses: an exact alias first, then the longest `*.` that fits, then
/// the default one.
struct HostTable: Sendable {
    private let exact: [Alias]
    /// Longest first, without the star but with its dot.
    private let wildcards: [Alias]
    private let fallback: Int?

    private struct Alias: Sendable {
        let name: [UInt8]
        let index: Int
    }

    /// - Parameters:
    ///   - aliases: of each distribution, in lower case.
    ///   - servesUnknown: whether the first distribution answers for hosts that none names.
    init(_ aliases: [[String]], servesUnknown: Bool) {
        let all = aliases.enumerated().flatMap { index, names in
            names.map { Alias(name: Array($0.utf8), index: index) }
        }
        let star = UInt8(ascii: "*")
        exact = all.filter { $0.name.first != star }
        wildcards = all.filter { $0.name.first == star }
            .map { Alias(name: Array($0.name.dropFirst()), index: $0.index) }
            .sorted { $0.name.count > $1.name.count }
        fallback = servesUnknown ? 0 : nil
    }

    /// The distribution for a `Host` field or `:authority`, with or without a port and a last dot; nil if none answers.
    ///
    /// Complexity: O(aliases); allocates nothing.
    func index(of authority: UnsafeRawBufferPointer) -> Int? {
        let host = Self.name(of: authority)
        for alias in exact where alias.name.count == host.count {
            if alias.name.withUnsafeBytes({ ASCII.equalsIgnoringCase(host, $0) }) { return alias.index }
        }
        for alias in wildcards where alias.name.count < host.count {
            let tail = UnsafeRawBufferPointer(rebasing: host[(host.count - alias.name.count)...])
            if alias.name.withUnsafeBytes({ ASCII.equalsIgnoringCase(tail, $0) }) { return alias.index }
        }
        return fallback
    }

    /// The host without port and last dot; an address in brackets keeps them.
    static func name(of authority: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var end = authority.count
        if authority.first == UInt8(ascii: "[") {
            end = ByteSearch.firstIndex(of: UInt8(ascii: "]"), in: authority).map { $0 + 1 } ?? end
        } else {
            end = ByteSearch.firstIndex(of: UInt8(ascii: ":"), in: authority) ?? end
            if end > 1, authority[end - 1] == UInt8(ascii: ".") { end -= 1 }
        }
        return UnsafeRawBufferPointer(rebasing: authority[..<end])
    }

    /// Why `text` is no alias: what is wrong with it, for people.
    static func problem(of text: String) -> String? {
        let name = text.hasPrefix("*.") ? text.dropFirst(2) : text[...]
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            ASCII.isName(label, of: 1...63) && !label.hasPrefix("-") && !label.hasSuffix("-")
        }
        if isName, name.utf8.count <= 253 { return nil }
        if name.contains(":") || name.contains("/") {
            return "must be a host name without scheme, port and path, such as video.example.com"
        }
        return "must be a host name such as video.example.com, or *.example.com for every name under it"
    }
}
