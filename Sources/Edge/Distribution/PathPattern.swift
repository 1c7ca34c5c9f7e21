import Bytes

/// A behavior's path pattern, compiled once: `*` matches any run of bytes (slashes included), `?` exactly one byte,
/// everything else itself, case-sensitively.
///
/// The leading slash is optional in the text and always there in the match.
struct PathPattern: Sendable, Equatable, CustomStringConvertible {
    /// The pattern with its leading slash.
    let description: String
    private let form: Form

    private enum Form: Sendable, Equatable {
        case exact([UInt8])
        case prefix([UInt8])
        case glob([UInt8])
    }

    /// The longest pattern an operator may write, CloudFront's limit.
    static let maximumLength = 255

    init(_ text: String) {
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
    func matches(_ path: UnsafeRawBufferPointer) -> Bool {
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
