internal import Bytes

/// The URL a request asks for, as a policy's resource names it: scheme, host and path as sent, and the query without the
/// signing parameters.
///
/// Views of the request, valid during the check; one object is kept per verifier and begun anew for each request. Most policies
/// are judged by the parts, so the whole is put together only when it is asked for.
final class ResourceURL {
    private(set) var isTLS = false
    private(set) var host = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var path = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Nil when nothing is left of the query.
    private(set) var query: UnsafeRawBufferPointer?
    private var strippedQuery = GrowableBuffer(capacity: 256)
    private var whole = GrowableBuffer(capacity: 1024)

    /// Begins with a request; false if its host or path could be read in more than one way and must be denied.
    func begin(_ request: borrowing AccessRequest) -> Bool {
        isTLS = request.isTLS
        host = request.host
        path = request.path
        query = nil
        whole.removeAll()
        return !host.isEmpty && !ByteSearch.hasBlankOrJSONEscapable(host) && Self.isUnambiguous(path)
    }

    /// Takes the request's query, the signing parameters left out; false if it must be denied.
    func strip(_ sent: UnsafeRawBufferPointer) -> Bool {
        strippedQuery.removeAll()
        SigningParameters.strip(sent, into: &strippedQuery)
        query = strippedQuery.isEmpty ? nil : strippedQuery.readable
        return query.map { !ByteSearch.hasBlankOrJSONEscapable($0) } ?? true
    }

    /// Takes what `strip` has left of the same query before.
    func take(stripped: UnsafeRawBufferPointer) {
        query = stripped.isEmpty ? nil : stripped
    }

    /// The URL as text, signing parameters left out.
    var bytes: UnsafeRawBufferPointer {
        if !whole.isEmpty { return whole.readable }
        if isTLS { whole.append("https://") } else { whole.append("http://") }
        whole.append(host)
        whole.append(path)
        if let query {
            whole.append(UInt8(ascii: "?"))
            whole.append(query)
        }
        return whole.readable
    }

    /// Whether no later reader can take the path for another: absolute, without dot segments (`%2e` included), encoded
    /// slashes, backslashes or NUL, and without what could end the JSON string of a canned policy.
    static func isUnambiguous(_ path: UnsafeRawBufferPointer) -> Bool {
        guard path.first == UInt8(ascii: "/") else { return false }
        if !ByteSearch.hasNoPlainPath(path) {
            if !ByteSearch.hasSlashBeforeSlashOrDot(path) { return true }
        } else if ByteSearch.hasBlankOrJSONEscapable(path) {
            return false
        }
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
