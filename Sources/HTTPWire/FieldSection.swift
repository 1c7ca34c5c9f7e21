public import Bytes

/// The fields of a head and what they say about its framing, gathered line by line.
///
/// Visible to inlined code, so that asking a head for its fields from another module does not copy the head.
@usableFromInline
struct FieldSection: Sendable {
    @usableFromInline private(set) var fields: [HeadField] = []
    /// A bit for each `KnownField` that is there.
    @usableFromInline private(set) var present: UInt64 = 0
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    private(set) var saysClose = false
    private(set) var saysKeepAlive = false
    private(set) var expectsContinue = false
    private(set) var host: ByteSlice?
    /// What every line of an access log asks for: each the first of its name, or empty.
    @usableFromInline private(set) var referrer = ByteSlice.empty
    @usableFromInline private(set) var userAgent = ByteSlice.empty
    @usableFromInline private(set) var forwardedFor = ByteSlice.empty

    /// Forgets everything but the memory of the array.
    mutating func reset() {
        fields.removeAll(keepingCapacity: true)
        present = 0
        contentLength = nil
        isChunked = false
        saysClose = false
        saysKeepAlive = false
        expectsContinue = false
        host = nil
        referrer = .empty
        userAgent = .empty
        forwardedFor = .empty
    }

    /// Takes one field line, given without its line break.
    mutating func take(
        from start: Int, to end: Int, in bytes: UnsafeRawBufferPointer, limits: HeadLimits
    ) -> HTTPViolation? {
        if bytes[start] == 0x20 || bytes[start] == 0x09 { return .foldedField }
        var colon = start
        while colon < end, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
        let name = UnsafeRawBufferPointer(rebasing: bytes[start..<colon])
        let known = KnownField(name)
        guard colon < end, known != nil || HTTPToken.isToken(name) else { return .malformedFieldName }
        var valueStart = colon + 1
        var valueEnd = end
        while valueStart < valueEnd, bytes[valueStart] == 0x20 || bytes[valueStart] == 0x09 { valueStart += 1 }
        while valueEnd > valueStart, bytes[valueEnd - 1] == 0x20 || bytes[valueEnd - 1] == 0x09 { valueEnd -= 1 }
        let value = UnsafeRawBufferPointer(rebasing: bytes[valueStart..<valueEnd])
        if ByteSearch.hasControl(value) { return .malformedFieldValue }
        if fields.count >= limits.maximumFields { return .tooManyFields }
        let slice = ByteSlice(from: valueStart, to: valueEnd)
        fields.append(HeadField(name: ByteSlice(from: start, to: colon), value: slice, known: known))
        guard let known else { return nil }
        let bit: UInt64 = 1 << UInt64(known.rawValue)
        let isFirst = present & bit == 0
        present |= bit
        return interpret(known, slice, isFirst: isFirst, isPadded: valueEnd != end, in: bytes)
    }

    /// Whether there is a field of that name.
    @inlinable
    func contains(_ name: KnownField) -> Bool {
        present >> UInt64(name.rawValue) & 1 == 1
    }

    /// Whether any of the four `CMCD-` fields is there.
    @inlinable var hasMediaFields: Bool {
        contains(.cmcdRequest) || contains(.cmcdObject) || contains(.cmcdStatus) || contains(.cmcdSession)
    }

    /// The value of the first field of that name.
    @inlinable
    func first(_ name: KnownField) -> ByteSlice? {
        guard contains(name) else { return nil }
        for field in fields where field.known == name { return field.value }
        return nil
    }

    /// The value of the field of that name, if there is one and no second.
    @inlinable
    func only(_ name: KnownField) -> ByteSlice? {
        guard contains(name) else { return nil }
        var found: ByteSlice?
        for field in fields where field.known == name {
            if found != nil { return nil }
            found = field.value
        }
        return found
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
        _ name: KnownField, _ slice: ByteSlice, isFirst: Bool, isPadded: Bool, in bytes: UnsafeRawBufferPointer
    ) -> HTTPViolation? {
        let value = slice.bytes(in: bytes)
        switch name {
        case .host:
            guard host == nil, RequestTarget.isAuthority(value) else { return .malformedHost }
            host = slice
        case .expect:
            guard ASCII.equalsIgnoringCase(value, "100-continue") else { return .unknownExpectation }
            expectsContinue = true
        case .connection:
            HTTPToken.forEachElement(of: value) { option in
                if ASCII.equalsIgnoringCase(option, "close") { saysClose = true }
                if ASCII.equalsIgnoringCase(option, "keep-alive") { saysKeepAlive = true }
                return true
            }
        case .contentLength:
            if isChunked { return .conflictingFraming }
            guard contentLength == nil, value.count == 1 || value.first != UInt8(ascii: "0"),
                let length = ASCII.parseDecimal(value).flatMap(Int.init(exactly:))
            else { return .malformedContentLength }
            contentLength = length
        case .transferEncoding:
            if contentLength != nil { return .conflictingFraming }
            return takeTransferEncoding(value, isPadded: isPadded)
        case .referrer: if isFirst { referrer = slice }
        case .userAgent: if isFirst { userAgent = slice }
        case .forwardedFor: if isFirst { forwardedFor = slice }
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
