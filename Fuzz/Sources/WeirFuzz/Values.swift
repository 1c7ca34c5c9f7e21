import Bytes
import HTTPWire

/// A normal path is a fixed point, and nothing in it climbs, hides a separator or decodes to rubbish.
func fuzzRequestTarget(_ bytes: UnsafeRawBufferPointer) {
    if let parts = RequestTarget.split(bytes) {
        require(parts.path.end <= bytes.count && (parts.query?.end ?? 0) <= bytes.count, "a part leaves the target")
        if let authority = parts.authority {
            require(RequestTarget.isAuthority(authority.bytes(in: bytes)), "no authority")
        }
    }
    var normal: [UInt8]
    switch RequestTarget.normalise(bytes) {
    case .refused: return
    case .unchanged: normal = [UInt8](bytes)
    case .rewritten(let rewritten):
        normal = rewritten
        require(!bytes.elementsEqual(rewritten), "rewritten to itself")
    }
    require(normal.withUnsafeBytes { RequestTarget.normalise($0) } == .unchanged, "the normal form is not normal")
    guard let decoded = PercentEncoding.decode(normal) else { fatalError("the normal form does not decode") }
    require(decoded.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") }, "a control byte or backslash")
    require(String(validating: decoded, as: UTF8.self) != nil, "not UTF-8")
    let segments = decoded.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let written = normal.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    require(segments.count == written.count, "a separator was hidden")
    for segment in segments.dropLast() { require(!segment.isEmpty, "an empty segment") }
    for segment in segments {
        require(!segment.elementsEqual([0x2e]) && !segment.elementsEqual([0x2e, 0x2e]), "it climbs")
    }
}

/// Ranges lie inside the object and apart from each other; a multipart body of them has the length it says and is shorter
/// than the object.
func fuzzRanges(_ bytes: UnsafeRawBufferPointer) {
    let length = bytes.isEmpty ? 0 : Int(bytes[0]) * 7
    let value = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
    var ranges: [ByteRange] = []
    switch ByteRangeRequest.resolve(value, length: length) {
    case .whole, .unsatisfiable: break
    case .single(let range): ranges = [range]
    case .several(let several):
        ranges = several
        require(several.count > 1 && several.count <= ByteRangeRequest.maximumRanges, "several is not several")
    }
    for (index, range) in ranges.enumerated() {
        require(range.count > 0 && range.start >= 0 && range.end <= length, "a range outside the object")
        for other in ranges[..<index] {
            require(range.end < other.start || other.end < range.start, "ranges that overlap or touch")
        }
    }
    if ranges.count > 1, let plan = MultipartRanges(ranges, completeLength: length, contentType: value, seed: (1, 2)) {
        var buffer = GrowableBuffer()
        for index in ranges.indices { plan.writeStart(ofPart: index, to: &buffer) }
        plan.writeEnd(to: &buffer)
        require(buffer.count + ranges.reduce(0) { $0 + $1.count } == plan.bodyLength, "another length than announced")
        require(plan.bodyLength < length, "no shorter than the object")
        require(!buffer.readable.contains(0), "a part's head holds a control character")
    }
    if let range = ContentRange(value) { require(ContentRange(range.fieldValue) == range, "it reads back differently") }
    if let tag = EntityTag(fieldValue: value) {
        require(EntityTag(fieldValue: tag.fieldValue)?.matchesWeakly(tag) == true, "the tag reads back differently")
        require(tag.isListed(in: value, strongly: false), "a tag is not in its own list")
        require(EntityTag.list(value, names: value, strongly: false), "a tag's bytes are not in their own list")
        require(EntityTag.match(value, value, strongly: true) == !tag.isWeak, "a weak tag matches strongly")
    }
}

/// Cookie pairs lie inside the field and hold no separator.
func fuzzCookies(_ bytes: UnsafeRawBufferPointer) {
    var total = 0
    Cookies.forEach(in: bytes) { name, value in
        require(!name.isEmpty && !name.contains(UInt8(ascii: "=")), "a name that is none")
        require(!name.contains(UInt8(ascii: ";")) && !value.contains(UInt8(ascii: ";")), "a pair holds a separator")
        total += name.count + value.count + 1
        return true
    }
    require(total <= bytes.count, "more cookies than bytes")
    let text = String(decoding: bytes, as: UTF8.self)
    let cookie = SetCookie(name: "a", value: text, path: text, domain: text)
    if let value = cookie.fieldValue {
        require(value.utf8.allSatisfy(HTTPToken.isFieldContent), "a cookie that splits the head")
        require(value.split(separator: ";").count == 3, "a cookie with attributes of its own")
    }
}

/// A query reads back as it was encoded.
func fuzzQuery(_ bytes: UnsafeRawBufferPointer) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let query = Query(text) { require(Query(query.encoded) == query, "the query reads back differently") }
    if let form = Query(text, plusIsSpace: true) {
        require(Query(form.encoded, plusIsSpace: true) == form, "so does a form")
    }
    Query.forEach(in: bytes) { name, _ in
        require(!name.contains(UInt8(ascii: "&")), "a name holds a separator")
        return true
    }
    var elements = 0
    HTTPToken.forEachElement(of: bytes) { element in
        require(!element.isEmpty, "an empty element")
        elements += 1
        return true
    }
    require(elements <= bytes.count, "more elements than bytes")
}

/// A date that is read is written and read as the same moment.
func fuzzDates(_ bytes: UnsafeRawBufferPointer) {
    if let moment = HTTPDate.parse(bytes) {
        require(HTTPDate.parse(HTTPDate.format(moment)) == moment, "the date reads back differently")
    }
    if let moment = ISO8601.parse(String(decoding: bytes, as: UTF8.self)) {
        require(ISO8601.parse(ISO8601.extended(moment)) == moment, "the ISO date reads back differently")
    }
    guard bytes.count >= 8 else { return }
    let moment = bytes.loadUnaligned(as: Int64.self)
    require(HTTPDate.format(moment).utf8.count == 29, "a date of another length")
    require(ISO8601.basic(moment).utf8.count == 16, "an ISO date of another length")
}

/// What decodes, encodes to the same text; what is encoded, decodes to the same bytes.
func fuzzEncodings(_ bytes: UnsafeRawBufferPointer) {
    let plain = [UInt8](bytes)
    for alphabet in [Base64.Alphabet.standard, .url, .cloudFront] {
        require(Base64.decode(Base64.encode(plain, alphabet: alphabet), alphabet: alphabet) == plain, "base64 loses")
        if let decoded = Base64.decode(plain, alphabet: alphabet) {
            require(Base64.encode(decoded, alphabet: alphabet).utf8.elementsEqual(plain), "two texts for one value")
        }
    }
    let text = String(decoding: plain, as: UTF8.self)
    require(Hex.decode(Hex.encode(plain)) == plain, "hex loses")
    require(Base32.decode(Base32.encode(plain)) == plain, "base32 loses")
    require(PercentEncoding.decode(PercentEncoding.encode(plain).utf8) == plain, "percent-encoding loses")
    _ = Base32.decode(text)
    var portable = CRC32C()
    portable.updatePortably(bytes)
    require(portable.value == CRC32C.checksum(bytes), "the two CRC32C differ")
}

/// `traceparent` on the first line, `tracestate` behind it: what is passed on is read again as the same.
func fuzzTraceContext(_ input: UnsafeRawBufferPointer) {
    let end = input.firstIndex(of: UInt8(ascii: "\n")) ?? input.count
    let parent = UnsafeRawBufferPointer(rebasing: input[..<end])
    let state = end < input.count ? UnsafeRawBufferPointer(rebasing: input[(end + 1)...]) : nil
    guard let context = TraceContext(parent: parent, state: state) else { return }
    require(context.spanID != 0, "a span id of zero")
    require(context.flags < 4, "an unknown flag")
    var headers = Headers()
    context.write(to: &headers)
    require(TraceContext(headers) == context, "another context was passed on")
}
