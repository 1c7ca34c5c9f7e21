internal import Bytes

/// The fields of a head and what they say about its framing, gathered line by line.
struct FieldSection: Sendable {
    private(set) var fields: [HeadField] = []
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    private(set) var saysClose = false
    private(set) var saysKeepAlive = false
    private(set) var expectsContinue = false
    private(set) var host: ByteSlice?

    /// Forgets everything but the memory of the array.
    mutating func reset() {
        fields.removeAll(keepingCapacity: true)
        contentLength = nil
        isChunked = false
        saysClose = false
        saysKeepAlive = false
        expectsContinue = false
        host = nil
    }

    /// Takes one field line, given without its line break.
    mutating func take(
        from start: Int, to end: Int, in bytes: UnsafeRawBufferPointer, limits: HeadLimits
    ) -> HTTPViolation? {
        if bytes[start] == 0x20 || bytes[start] == 0x09 { return .foldedField }
        var colon = start
        while colon < end, HTTPToken.contains(bytes[colon]) { colon += 1 }
        guard colon > start, colon < end, bytes[colon] == UInt8(ascii: ":") else { return .malformedFieldName }
        var valueStart = colon + 1
        var valueEnd = end
        while valueStart < valueEnd, bytes[valueStart] == 0x20 || bytes[valueStart] == 0x09 { valueStart += 1 }
        while valueEnd > valueStart, bytes[valueEnd - 1] == 0x20 || bytes[valueEnd - 1] == 0x09 { valueEnd -= 1 }
        let value = UnsafeRawBufferPointer(rebasing: bytes[valueStart..<valueEnd])
        if ByteSearch.hasControl(value) { return .malformedFieldValue }
        if fields.count >= limits.maximumFields { return .tooManyFields }
        let field = HeadField(
            name: ByteSlice(from: start, to: colon), value: ByteSlice(from: valueStart, to: valueEnd))
        fields.append(field)
        return interpret(field, isPadded: valueEnd != end, in: bytes)
    }

    /// Whether the peer lets the connection be used again (RFC 9112 §9.3).
    func keepsAlive(minorVersion: Int) -> Bool {
        !saysClose && (minorVersion == 1 || saysKeepAlive)
    }

    /// The value of the first field of that name, compared without regard to case.
    func first(named name: StaticString, in bytes: UnsafeRawBufferPointer) -> ByteSlice? {
        for field in fields where ASCII.equalsIgnoringCase(field.name.bytes(in: bytes), name) { return field.value }
        return nil
    }

    private mutating func interpret(
        _ field: HeadField, isPadded: Bool, in bytes: UnsafeRawBufferPointer
    ) -> HTTPViolation? {
        let name = field.name.bytes(in: bytes)
        let value = field.value.bytes(in: bytes)
        switch name.count {
        case 4 where ASCII.equalsIgnoringCase(name, "host"):
            guard host == nil, RequestTarget.isAuthority(value) else { return .malformedHost }
            host = field.value
        case 6 where ASCII.equalsIgnoringCase(name, "expect"):
            guard ASCII.equalsIgnoringCase(value, "100-continue") else { return .unknownExpectation }
            expectsContinue = true
        case 10 where ASCII.equalsIgnoringCase(name, "connection"):
            HTTPToken.forEachElement(of: value) { option in
                if ASCII.equalsIgnoringCase(option, "close") { saysClose = true }
                if ASCII.equalsIgnoringCase(option, "keep-alive") { saysKeepAlive = true }
                return true
            }
        case 14 where ASCII.equalsIgnoringCase(name, "content-length"):
            if isChunked { return .conflictingFraming }
            guard contentLength == nil, value.count == 1 || value.first != UInt8(ascii: "0"),
                let length = ASCII.parseDecimal(value).flatMap(Int.init(exactly:))
            else { return .malformedContentLength }
            contentLength = length
        case 17 where ASCII.equalsIgnoringCase(name, "transfer-encoding"):
            if contentLength != nil { return .conflictingFraming }
            return takeTransferEncoding(value, isPadded: isPadded)
        default: break
        }
        return nil
    }

    /// Only `chunked`, alone, once and without trailing blanks.
    ///
    /// Every other spelling is where two implementations have disagreed about the end of a message. A well-formed list
    /// that ends in chunked asks for a coding this implementation lacks, which RFC 9112 §6.1 answers with 501.
    private mutating func takeTransferEncoding(_ value: UnsafeRawBufferPointer, isPadded: Bool) -> HTTPViolation? {
        if isChunked || isPadded { return .malformedTransferEncoding }
        if ASCII.equalsIgnoringCase(value, "chunked") {
            isChunked = true
            return nil
        }
        var codings = 0
        var chunkedAt: Int?
        var areTokens = true
        HTTPToken.forEachElement(of: value) { coding in
            codings += 1
            if ASCII.equalsIgnoringCase(coding, "chunked"), chunkedAt == nil { chunkedAt = codings }
            areTokens = areTokens && HTTPToken.isToken(coding)
            return true
        }
        let hasEveryElement = value.count { $0 == UInt8(ascii: ",") } == codings - 1
        return areTokens && hasEveryElement && codings > 1 && chunkedAt == codings
            ? .notImplemented : .malformedTransferEncoding
    }
}
