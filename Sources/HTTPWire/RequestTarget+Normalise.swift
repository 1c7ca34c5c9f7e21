internal import Bytes

extension RequestTarget {
    /// What became of a path.
    public enum NormalPath: Sendable, Equatable {
        /// The path already is its normal form; use the bytes as they are.
        case unchanged
        /// The normal form, different from what was sent.
        case rewritten([UInt8])
        /// The path has more than one reading and is not served.
        case refused
    }

    /// Brings a path (without query) to the one form that behaviors, signatures and cache keys are matched with.
    ///
    /// Escapes of unreserved characters are resolved and the digits of all others written in upper case. Refused, because
    /// programs along the way disagree about them: dot segments in any spelling (also before a `;`), empty segments,
    /// `\`, escaped `/`, `\`, NUL and control characters, bytes that are not UTF-8 after decoding (overlong forms
    /// included), broken escapes, and escapes of an escape that hides one of these. Nothing is allocated unless the path
    /// changes.
    public static func normalise(_ path: UnsafeRawBufferPointer) -> NormalPath {
        guard path.first == UInt8(ascii: "/") else { return .refused }
        if ByteSearch.hasNoPlainPath(path) { return resolve(path) }
        return ByteSearch.hasSlashBeforeSlashOrDot(path) && hasForbiddenSegment(path) ? .refused : .unchanged
    }

    /// The normal form of a path, or nil if it is refused.
    public static func normalise(_ path: String) -> String? {
        var path = path
        let outcome = path.withUTF8 { normalise(UnsafeRawBufferPointer($0)) }
        switch outcome {
        case .unchanged: return path
        case .rewritten(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .refused: return nil
        }
    }

    /// Bytes that a path may hold only escaped.
    private static func isNeverLiteral(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "\""), UInt8(ascii: "<"),
            UInt8(ascii: ">"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"),
            UInt8(ascii: "}"):
            true
        default: false
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "~")
    }

    private static func resolve(_ path: UnsafeRawBufferPointer) -> NormalPath {
        var normal: [UInt8] = []
        var decoded: [UInt8] = []
        normal.reserveCapacity(path.count)
        decoded.reserveCapacity(path.count)
        var index = 0
        while index < path.count {
            let byte = path[index]
            index += 1
            if byte != UInt8(ascii: "%") {
                guard 0x21...0x7e ~= byte, !isNeverLiteral(byte) else { return .refused }
                normal.append(byte)
                decoded.append(byte)
                continue
            }
            guard let value = escaped(path, at: index), isHarmless(value) else { return .refused }
            index += 2
            if isUnreserved(value) {
                normal.append(value)
            } else {
                normal.append(UInt8(ascii: "%"))
                normal.append(Hex.upperDigit(value >> 4))
                normal.append(Hex.upperDigit(value & 15))
            }
            decoded.append(value)
        }
        guard String(validating: decoded, as: UTF8.self) != nil else { return .refused }
        guard !normal.withUnsafeBytes({ hasForbiddenSegment($0) || hidesEscape($0) }) else { return .refused }
        return path.elementsEqual(normal) ? .unchanged : .rewritten(normal)
    }

    /// Whether an escaped `%` begins what a second decoding would turn into something dangerous.
    ///
    /// Asked of the normal form, because the digits behind the `%` may have been escaped themselves.
    private static func hidesEscape(_ normal: UnsafeRawBufferPointer) -> Bool {
        for index in 0..<max(0, normal.count - 2) where normal[index] == UInt8(ascii: "%") {
            guard escaped(normal, at: index + 1) == UInt8(ascii: "%"), let inner = escaped(normal, at: index + 3) else {
                continue
            }
            if !isHarmless(inner) || inner == UInt8(ascii: ".") || inner == UInt8(ascii: "%") { return true }
        }
        return false
    }

    /// The value of the two digits at `index`.
    private static func escaped(_ path: UnsafeRawBufferPointer, at index: Int) -> UInt8? {
        guard index + 1 < path.count, let high = Hex.value(of: path[index]), let low = Hex.value(of: path[index + 1])
        else { return nil }
        return high << 4 | low
    }

    /// Whether a byte may stand escaped in a path.
    private static func isHarmless(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7f && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "\\")
    }

    /// Whether a segment is empty (but the last) or is `.` or `..`, alone or before a `;`.
    private static func hasForbiddenSegment(_ path: UnsafeRawBufferPointer) -> Bool {
        var start = 1
        while start <= path.count {
            let end = ByteSearch.firstIndex(of: UInt8(ascii: "/"), in: path, from: start) ?? path.count
            if end == start, end < path.count { return true }
            let segment = path[start..<end].prefix { $0 != UInt8(ascii: ";") }
            if segment.count <= 2, !segment.isEmpty, segment.allSatisfy({ $0 == UInt8(ascii: ".") }) { return true }
            start = end + 1
        }
        return false
    }
}
