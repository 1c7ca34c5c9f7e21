internal import Bytes

/// The version in a start line (RFC 9112 §2.3).
enum HTTPVersion {
    /// 1 for `HTTP/1.1`, 0 for `HTTP/1.0`; another version is refused as such, anything else as malformed.
    static func parse(_ version: UnsafeRawBufferPointer) -> Result<Int, HTTPViolation> {
        guard version.count == 8, ByteSearch.equal(UnsafeRawBufferPointer(rebasing: version[..<5]), "HTTP/"),
            ASCII.isDigit(version[5]), version[6] == UInt8(ascii: "."), ASCII.isDigit(version[7])
        else { return .failure(.malformedStartLine) }
        guard version[5] == UInt8(ascii: "1"), version[7] <= UInt8(ascii: "1") else {
            return .failure(.unsupportedVersion)
        }
        return .success(Int(version[7] - UInt8(ascii: "0")))
    }
}
