import AccessSigning
import Bytes

/// The canonical name of an object: the normalised path and the query parameters that make a difference, byte for byte
/// in the order of the request.
///
/// The same bytes, behind the origin's path prefix, are what the origin is asked for, so the key can never miss
/// something the origin has seen.
enum CacheKey {
    /// Longer keys are not stored; LMDB would take them, but nobody names an object that way.
    static let maximumLength = 4096

    /// Appends the key to `buffer`.
    static func append(
        path: UnsafeRawBufferPointer, query: UnsafeRawBufferPointer?, selection: CachePolicy.QuerySelection,
        removesSigning: Bool, to buffer: inout GrowableBuffer
    ) {
        buffer.append(path)
        guard let query, selection != .none else { return }
        if selection == .all, !removesSigning {
            buffer.append(UInt8(ascii: "?"))
            buffer.append(query)
            return
        }
        var separator = UInt8(ascii: "?")
        forEachParameter(of: query) { parameter, name in
            if removesSigning, SignedQuery.hasSigningParameters(parameter) { return }
            guard selection.includes(name: name) else { return }
            buffer.append(separator)
            buffer.append(parameter)
            separator = UInt8(ascii: "&")
        }
    }

    /// Calls `body` with each `&`-separated parameter and its name; empty parameters count, for they are bytes the origin
    /// could tell apart.
    private static func forEachParameter(
        of query: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
    ) {
        var start = 0
        while start <= query.count {
            let end = query[start...].firstIndex(of: UInt8(ascii: "&")) ?? query.count
            let parameter = UnsafeRawBufferPointer(rebasing: query[start..<end])
            let nameEnd = parameter.firstIndex(of: UInt8(ascii: "=")) ?? parameter.count
            body(parameter, UnsafeRawBufferPointer(rebasing: parameter[..<nameEnd]))
            start = end + 1
        }
    }
}
