internal import Bytes

/// The URL a request asks for, as a policy's resource names it: scheme, host and path as sent, and the query without the
/// signing parameters.
///
/// One is kept per verifier and rebuilt for each request in the same storage.
struct ResourceURL: ~Copyable {
    private var buffer = GrowableBuffer(capacity: 1024)
    private var schemeEnd = 0
    private var hostEnd = 0
    private var pathEnd = 0

    var bytes: UnsafeRawBufferPointer { buffer.readable }
    var scheme: UnsafeRawBufferPointer { slice(0, schemeEnd) }
    var host: UnsafeRawBufferPointer { slice(schemeEnd + 3, hostEnd) }
    var path: UnsafeRawBufferPointer { slice(hostEnd, pathEnd) }
    /// Nil when nothing is left of the query.
    var query: UnsafeRawBufferPointer? { pathEnd == buffer.count ? nil : slice(pathEnd + 1, buffer.count) }

    private func slice(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer.readable[start..<end])
    }

    /// Rebuilds the URL; false if it could be read in more than one way and must be denied.
    mutating func rebuild(_ request: borrowing AccessRequest) -> Bool {
        buffer.removeAll(keepingCapacity: true)
        if request.isTLS { buffer.append("https://") } else { buffer.append("http://") }
        schemeEnd = buffer.count - 3
        buffer.append(request.host)
        hostEnd = buffer.count
        buffer.append(request.path)
        pathEnd = buffer.count
        if let query = request.query {
            buffer.append(UInt8(ascii: "?"))
            SigningParameters.strip(query, into: &buffer)
            if buffer.count == pathEnd + 1 { buffer.truncate(to: pathEnd) }
        }
        // Quotes, backslashes and control bytes could end the JSON string of a canned policy.
        return !host.isEmpty && !ByteSearch.hasBlankOrJSONEscapable(bytes) && Self.isUnambiguous(path)
    }

    /// Whether no later reader can take the path for another: absolute, without dot segments (`%2e` included), encoded
    /// slashes, backslashes or NUL.
    static func isUnambiguous(_ path: UnsafeRawBufferPointer) -> Bool {
        guard path.first == UInt8(ascii: "/") else { return false }
        if !ByteSearch.hasNoPlainPath(path), !ByteSearch.hasSlashBeforeSlashOrDot(path) { return true }
        var dots = 0
        var others = 0
        var index = 0
        while index < path.count {
            var byte = path[index]
            index += 1
            if byte == UInt8(ascii: "/") {
                if others == 0 && (dots == 1 || dots == 2) { return false }
                dots = 0
                others = 0
                continue
            }
            if byte == UInt8(ascii: "%") {
                guard index + 1 < path.count, let high = Hex.value(of: path[index]),
                    let low = Hex.value(of: path[index + 1])
                else { return false }
                byte = high << 4 | low
                index += 2
                if byte == 0 || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") { return false }
            }
            if byte == UInt8(ascii: ".") { dots += 1 } else { others += 1 }
        }
        return !(others == 0 && (dots == 1 || dots == 2))
    }
}
