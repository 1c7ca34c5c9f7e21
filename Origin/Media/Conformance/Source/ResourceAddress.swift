/// References resolved as RFC 3986 §5.2 says; works for absolute addresses and for paths within a folder.
public enum ResourceAddress {
    private struct Parts {
        var scheme: Substring?
        var authority: Substring?
        var path: Substring
        var query: Substring?

        init(_ text: Substring) {
            var rest = text.prefix { $0 != "#" }
            if let colon = rest.firstIndex(of: ":"), Self.isScheme(rest[..<colon]) {
                scheme = rest[..<colon]
                rest = rest[rest.index(after: colon)...]
            }
            if rest.hasPrefix("//") {
                let authority = rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" }
                self.authority = authority
                rest = rest[authority.endIndex...]
            }
            if let question = rest.firstIndex(of: "?") {
                query = rest[rest.index(after: question)...]
                rest = rest[..<question]
            }
            path = rest
        }

        private static func isScheme(_ text: Substring) -> Bool {
            guard let first = text.utf8.first, isLetter(first) else { return false }
            return text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || "+-.".utf8.contains($0) }
        }

        private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }

        var text: String {
            (scheme.map { $0 + ":" } ?? "") + (authority.map { "//" + $0 } ?? "") + path
                + (query.map { "?" + $0 } ?? "")
        }
    }

    /// What `reference` means in a playlist at `base`.
    public static func resolve(_ reference: String, against base: String) -> String {
        var target = Parts(reference[...])
        let base = Parts(base[...])
        if target.scheme != nil { return target.text }
        target.scheme = base.scheme
        if target.authority != nil {
            target.path = Substring(withoutDots(target.path))
            return target.text
        }
        target.authority = base.authority
        if target.path.isEmpty {
            target.path = base.path
            target.query = target.query ?? base.query
        } else if target.path.hasPrefix("/") {
            target.path = Substring(withoutDots(target.path))
        } else {
            let folder = base.path.lastIndex(of: "/").map { base.path[...$0] } ?? (base.authority == nil ? "" : "/")
            target.path = Substring(withoutDots(folder + target.path))
        }
        return target.text
    }

    /// RFC 3986 §5.2.4; of a path without a slash at its beginning, what climbs out of the folder stays.
    private static func withoutDots(_ path: Substring) -> String {
        var kept: [Substring] = []
        let isAbsolute = path.hasPrefix("/")
        let pieces = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst(isAbsolute ? 1 : 0)
        for (index, piece) in pieces.enumerated() {
            let isLast = index == pieces.count - 1
            switch piece {
            case ".":
                if isLast { kept.append("") }
            case "..":
                if let last = kept.last, last != ".." {
                    kept.removeLast()
                } else if !isAbsolute {
                    kept.append("..")
                }
                if isLast { kept.append("") }
            default:
                kept.append(piece)
            }
        }
        return (isAbsolute ? "/" : "") + kept.joined(separator: "/")
    }

    /// An address without what may be a secret: signatures stand in queries.
    static func withoutQuery(_ address: String) -> String {
        String(address.prefix { $0 != "?" && $0 != "#" })
    }
}
