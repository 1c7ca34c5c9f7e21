public import Bytes

/// Request targets (RFC 9112 §3.2): splitting them, and the one normal form of a path.
public enum RequestTarget {
    /// The forms a server meets.
    public enum Form: Sendable, Equatable {
        /// `/path?query`.
        case origin
        /// `http://host/path?query`.
        case absolute
        /// `*`.
        case asterisk
    }

    /// The parts of a target, as ranges of it.
    public struct Parts: Sendable, Equatable {
        /// Which form it has.
        public var form: Form
        /// Host and port of the absolute form.
        public var authority: ByteSlice?
        /// The path, `/` at least; empty for `*` and for an absolute form that ends after its authority.
        public var path: ByteSlice
        /// What follows the first `?`, or nil if there is none.
        public var query: ByteSlice?
    }

    /// Splits a target; nil if it has a byte that no target has (control, space, `#`, above ASCII) or no known form.
    public static func split(_ target: UnsafeRawBufferPointer) -> Parts? {
        guard let first = target.first, !ByteSearch.hasNoTarget(target) else { return nil }
        if first == UInt8(ascii: "*"), target.count == 1 {
            return Parts(form: .asterisk, authority: nil, path: .empty, query: nil)
        }
        var form = Form.origin
        var pathStart = 0
        var authority: ByteSlice?
        if first != UInt8(ascii: "/") {
            guard let start = authorityStart(target) else { return nil }
            form = .absolute
            pathStart =
                target[start...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? target.count
            guard isAuthority(UnsafeRawBufferPointer(rebasing: target[start..<pathStart])) else { return nil }
            authority = ByteSlice(from: start, to: pathStart)
        }
        let mark = ByteSearch.firstIndex(of: UInt8(ascii: "?"), in: target, from: pathStart)
        return Parts(
            form: form, authority: authority, path: ByteSlice(from: pathStart, to: mark ?? target.count),
            query: mark.map { ByteSlice(from: $0 + 1, to: target.count) })
    }

    /// Whether the bytes are a host with optional port, as `Host` has it: no user, no blanks, a port of digits.
    public static func isAuthority(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var hostEnd = bytes.count
        if bytes.first == UInt8(ascii: "[") {
            guard let close = ByteSearch.firstIndex(of: UInt8(ascii: "]"), in: bytes), close > 1 else { return false }
            let address = bytes[1..<close]
            guard address.allSatisfy({ Hex.value(of: $0) != nil || $0 == 0x3a || $0 == 0x2e }) else { return false }
            hostEnd = close + 1
        } else {
            hostEnd = ByteSearch.firstIndex(of: 0x3a, in: bytes) ?? bytes.count
            guard hostEnd > 0, !ByteSearch.hasNoHost(UnsafeRawBufferPointer(rebasing: bytes[..<hostEnd])) else {
                return false
            }
        }
        if hostEnd == bytes.count { return true }
        guard bytes[hostEnd] == 0x3a else { return false }
        let port = bytes[(hostEnd + 1)...]
        return port.count <= 5 && ASCII.parseDecimal(port).map { 1...65_535 ~= $0 } == true
    }

    private static func authorityStart(_ target: UnsafeRawBufferPointer) -> Int? {
        for scheme: StaticString in ["http://", "https://"] where target.count > scheme.utf8CodeUnitCount {
            let count = scheme.utf8CodeUnitCount
            if ASCII.equalsIgnoringCase(UnsafeRawBufferPointer(rebasing: target[..<count]), scheme) { return count }
        }
        return nil
    }
}
