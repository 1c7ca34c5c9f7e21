internal import Bytes
internal import HTTPWire

/// One item of an invalidation, and what it covers.
enum InvalidationPath: Equatable {
    /// Exactly this path, or path and query, in the form of a request target.
    case url(String)
    /// Every path that begins so.
    case prefix(String)
    /// Every object with this tag.
    case tag(String)

    /// Edges take prefixes up to here; a shorter one covers more, never less.
    private static let longestPrefix = 1024
    private static let longestTag = 256

    /// Reads one `Path` as CloudFront's callers write it: a leading slash may be missing, `*` stands last or nowhere, and
    /// what no URL may hold literally comes escaped or not.
    init(_ text: String) throws(CloudFrontError) {
        guard text.unicodeScalars.count <= InvalidationLimits.pathLength else {
            throw .invalid("A path has more than \(InvalidationLimits.pathLength) characters: \(text.prefix(80))…")
        }
        if text.utf8.first == UInt8(ascii: "#") {
            let tag = String(Substring(text.utf8.dropFirst()))
            guard (1...Self.longestTag).contains(tag.utf8.count), tag.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
                throw .invalid("\"\(text)\" is no tag: 1 to \(Self.longestTag) visible ASCII characters behind #.")
            }
            self = .tag(tag)
            return
        }
        let path = Self.escaped(text.utf8.first == UInt8(ascii: "/") ? text : "/" + text)
        let star = path.utf8.firstIndex(of: UInt8(ascii: "*"))
        if let star {
            guard path.utf8.index(after: star) == path.utf8.endIndex else {
                throw .invalid("\"\(text)\" has a * that is not its last character.")
            }
            self = .prefix(try Self.prefix(String(Substring(path.utf8[..<star])), of: text))
        } else {
            self = .url(try Self.url(path, of: text))
        }
    }

    private static func url(_ path: String, of text: String) throws(CloudFrontError) -> String {
        let parts = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let normal = parts.first.flatMap({ RequestTarget.normalise(String($0)) }) else {
            throw .invalid("\"\(text)\" is a path that no edge would serve.")
        }
        return parts.count == 2 ? "\(normal)?\(parts[1])" : normal
    }

    /// A prefix may end within an escape or a character, so it is cut back to what it surely says.
    private static func prefix(_ path: String, of text: String) throws(CloudFrontError) -> String {
        var path = path.utf8.prefix { $0 != UInt8(ascii: "?") }.prefix(longestPrefix)
        if let broken = path.suffix(2).lastIndex(of: UInt8(ascii: "%")) { path = path[..<broken] }
        for _ in 0..<4 {
            if let normal = RequestTarget.normalise(String(decoding: path, as: UTF8.self)) { return normal }
            guard path.suffix(3).first == UInt8(ascii: "%") else { break }
            path = path.dropLast(3)
        }
        throw .invalid("\"\(text)\" begins with a path that no edge would serve.")
    }

    /// Escapes what may not stand in a request target; escapes that are there already stay.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0...0x20, 0x7f..., UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"),
                UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"),
                UInt8(ascii: "#"):
                result += PercentEncoding.encode(CollectionOfOne(byte))
            default:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return result
    }
}

extension EdgeOrder.Purge {
    /// What a batch covers of a distribution.
    init(_ paths: [InvalidationPath], of distribution: String) {
        self.init(distribution: distribution)
        for path in paths {
            switch path {
            case .url(let url): urls.append(url)
            case .prefix(let prefix): prefixes.append(prefix)
            case .tag(let tag): tags.append(tag)
            }
        }
    }
}
