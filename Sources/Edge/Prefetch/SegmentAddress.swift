import HTTPWire

/// What a reference in a playlist means on this edge (RFC 3986 §5).
///
/// A playlist is a stranger's bytes: a reference that names another host, or a path with more than one reading, means
/// nothing here.
struct SegmentAddress: Equatable {
    /// Normalised, as requests have it.
    let path: String
    let query: String?

    /// Longer references are not looked at.
    static let longest = 2048

    /// - Parameter playlist: the normalised path of the playlist.
    init?(_ reference: String, relativeTo playlist: String) {
        guard !reference.isEmpty, reference.utf8.count <= Self.longest,
            reference.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "#") })
        else { return nil }
        let parts = reference.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let relative = parts.first, !relative.isEmpty, !relative.hasPrefix("//"), !Self.hasScheme(relative),
            let merged = Self.merge(relative, into: playlist), let path = RequestTarget.normalise(merged)
        else { return nil }
        self.path = path
        query = parts.count == 2 ? String(parts[1]) : nil
    }

    /// A colon before the first slash makes what is before it a scheme.
    private static func hasScheme(_ reference: Substring) -> Bool {
        reference.prefix { $0 != "/" }.contains(":")
    }

    /// Takes the place of the playlist's last segment, dot segments removed; `nil` if they lead out of the root.
    private static func merge(_ relative: Substring, into playlist: String) -> String? {
        let folder = relative.hasPrefix("/") ? "" : String(playlist.prefix(through: playlist.lastSlash))
        let all = folder + relative
        var kept: [Substring] = []
        let segments = all.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".":
                if isLast { kept.append("") }
            case "..":
                guard kept.popLast() != nil else { return nil }
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/")
    }
}

extension String {
    /// Of the last slash; a normalised path has one.
    fileprivate var lastSlash: Index { lastIndex(of: "/") ?? startIndex }
}
