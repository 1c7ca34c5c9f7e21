import Bytes

/// A behavior's path pattern, compiled once: `*` matches any run of bytes (slashes included), `?` exactly one byte,
/// everything else itself, case-sensitively.
///
/// The leading slash is optional in the text and always there in the match.
public struct PathPattern: Sendable, Equatable, CustomStringConvertible {
    /// The pattern with its leading slash.
    public let description: String
    private let form: Form

    private enum Form: Sendable, Equatable {
        case exact([UInt8])
        case prefix([UInt8])
        case glob([UInt8])
    }

    /// The longest pattern an operator may write, CloudFront's limit.
    static let maximumLength = 255

    /// Why no path can match the text, for people; nil if one may.
    static func problem(of text: String) -> String? {
        if text.utf8.contains(where: { $0 == UInt8(ascii: "#") }) {
            return "holds a '#', which never reaches a server: leave it and what follows out"
        }
        if text.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f }) {
            return "holds a blank, a control character or one beyond ASCII: write it percent-encoded, as paths come"
        }
        if text.contains("//") {
            return "holds \"//\", and the edge refuses paths with an empty segment: write one slash"
        }
        return problem(ofEscapesIn: Array(text.utf8))
    }

    /// Paths come with the escapes that they need, in capitals, and no others.
    private static func problem(ofEscapesIn text: [UInt8]) -> String? {
        for index in text.indices where text[index] == UInt8(ascii: "%") {
            let digits = text[(index + 1)...].prefix(2)
            guard digits.count == 2, let high = Hex.value(of: digits[index + 1]),
                let low = Hex.value(of: digits[index + 2])
            else { return "holds a '%' without two hexadecimal digits: a '%' itself is %25" }
            let value = high << 4 | low
            if ASCII.isLetter(value) || ASCII.isDigit(value) || "-._~".utf8.contains(value) {
                return "escapes '\(Character(Unicode.Scalar(value)))', which paths hold plain: write it so"
            }
            if digits.contains(where: { (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }) {
                return "holds an escape in small letters: paths come with capitals, such as %C3%A9"
            }
        }
        return nil
    }

    /// Takes any text; see `problem(of:)` for what no path matches.
    public init(_ text: String) {
        description = text.hasPrefix("/") ? text : "/" + text
        let bytes = Array(description.utf8)
        let firstWildcard = bytes.firstIndex { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
        if firstWildcard == nil {
            form = .exact(bytes)
        } else if firstWildcard == bytes.count - 1, bytes.last == UInt8(ascii: "*") {
            form = .prefix(bytes.dropLast())
        } else {
            form = .glob(bytes)
        }
    }

    /// Whether the normalised path matches.
    ///
    /// Complexity: O(pattern · path) at worst, O(path) for prefixes.
    public func matches(_ path: UnsafeRawBufferPointer) -> Bool {
        switch form {
        case .exact(let bytes): path.count == bytes.count && Self.begins(path, with: bytes)
        case .prefix(let bytes): path.count >= bytes.count && Self.begins(path, with: bytes)
        case .glob(let bytes): Self.matches(glob: bytes, path)
        }
    }

    /// Whether `path`, which is no shorter, begins with `bytes`.
    private static func begins(_ path: UnsafeRawBufferPointer, with bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { ByteSearch.equal(UnsafeRawBufferPointer(rebasing: path[..<bytes.count]), $0) }
    }

    /// Two cursors and one remembered star: no recursion, so no input can make it exponential.
    private static func matches(glob: [UInt8], _ path: UnsafeRawBufferPointer) -> Bool {
        var globIndex = 0
        var pathIndex = 0
        var afterStar: Int?
        var starPathIndex = 0
        while pathIndex < path.count {
            if globIndex < glob.count, glob[globIndex] == UInt8(ascii: "*") {
                globIndex += 1
                afterStar = globIndex
                starPathIndex = pathIndex
            } else if globIndex < glob.count,
                glob[globIndex] == UInt8(ascii: "?") || glob[globIndex] == path[pathIndex]
            {
                globIndex += 1
                pathIndex += 1
            } else if let star = afterStar {
                globIndex = star
                starPathIndex += 1
                pathIndex = starPathIndex
            } else {
                return false
            }
        }
        return glob[globIndex...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
