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

    /// The parameter in which players report on themselves (CTA-5004); it tells no object from another.
    private static let metadata: StaticString = "CMCD"

    /// Appends the key of a request, or what the origin of one that passes by is asked for.
    ///
    /// - Parameters:
    ///   - removesSigning: whether the parameters of signed URLs are left out.
    ///   - removesMetadata: whether `CMCD` is, unless it was selected by name.
    static func append(
        path: UnsafeRawBufferPointer, query: UnsafeRawBufferPointer?, selection: NameSelection,
        removesSigning: Bool, removesMetadata: Bool, to buffer: inout GrowableBuffer
    ) {
        buffer.append(path)
        guard let query, selection != .none else { return }
        let mayHoldMetadata = removesMetadata && holdsMetadata(query)
        if selection == .all, !removesSigning, !mayHoldMetadata {
            buffer.append(UInt8(ascii: "?"))
            buffer.append(query)
            return
        }
        append(query, to: &buffer) { parameter, name in
            if removesSigning, SignedQuery.hasSigningParameters(parameter) { return false }
            if mayHoldMetadata, ByteSearch.equal(name, metadata), !selection.names(name) { return false }
            return selection.includes(name)
        }
    }

    /// Appends the parameters that `isWanted` takes by their text and name.
    static func append(
        _ query: UnsafeRawBufferPointer, to buffer: inout GrowableBuffer,
        where isWanted: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
    ) {
        var separator = UInt8(ascii: "?")
        forEachParameter(of: query) { parameter, name in
            guard isWanted(parameter, name) else { return }
            buffer.append(separator)
            buffer.append(parameter)
            separator = UInt8(ascii: "&")
        }
    }

    private static func holdsMetadata(_ query: UnsafeRawBufferPointer) -> Bool {
        metadata.withUTF8Buffer { ByteSearch.firstIndex(of: UnsafeRawBufferPointer($0), in: query) != nil }
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
