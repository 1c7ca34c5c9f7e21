internal import Bytes
internal import HTTPWire

/// Turns decoded header fields into the head that HTTP/1.1 would have sent, so that one parser checks both versions.
///
/// Pseudo-header fields come first and in any order (RFC 9113 §8.3), the request line has its own: they are kept apart until
/// the first ordinary field. Cookie crumbs become one field (§8.2.3). What is too large is counted to its end and not kept.
/// Header blocks do not interleave, so a connection needs one assembler.
struct RequestHeadAssembler: ~Copyable {
    private let limits: HTTP2Limits
    /// The pseudo-header values, one after the other.
    private var pseudo = GrowableBuffer()
    private var slices = (method: ByteSlice.empty, authority: ByteSlice?.none, path: ByteSlice.empty)
    private var cookies = GrowableBuffer()
    private var hasRequestLine = false
    private var hasLength = false
    private var fieldCount = 0
    /// Bytes the head would have in HTTP/1's form, kept or not.
    private(set) var decodedBytes = 0
    /// What is wrong with the head so far.
    private(set) var violation: HTTPViolation?

    init(_ limits: HTTP2Limits) {
        self.limits = limits
    }

    /// Whether the block has grown beyond what deserves an answer.
    var isBomb: Bool { decodedBytes > limits.headBytes * limits.headExcessFactor }

    /// Starts the head of the next request.
    mutating func begin() {
        pseudo.removeAll()
        cookies.removeAll()
        slices = (.empty, nil, .empty)
        hasRequestLine = false
        hasLength = false
        fieldCount = 0
        decodedBytes = 0
        violation = nil
    }

    /// Counts a field that is not kept: of a trailer section, or of a request that is already lost.
    mutating func skip(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        decodedBytes += name.count + value.count + 4
    }

    /// Takes a field; `head` grows by its line.
    mutating func take(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, into head: inout GrowableBuffer
    ) {
        skip(name, value)
        if violation != nil { return }
        if decodedBytes > limits.headBytes {
            violation = .headTooLarge
        } else if name.first == UInt8(ascii: ":") {
            takePseudo(name, value)
        } else {
            writeRequestLine(to: &head)
            takeField(name, value, into: &head)
        }
    }

    /// Ends the head; `hasBody` when the stream goes on after it.
    mutating func end(hasBody: Bool, into head: inout GrowableBuffer) {
        writeRequestLine(to: &head)
        if violation != nil { return }
        if !cookies.isEmpty {
            head.append("cookie: ")
            head.append(cookies.readable)
            head.append("\r\n")
        }
        if hasBody, !hasLength { head.append("transfer-encoding: chunked\r\n") }
        head.append("\r\n")
    }

    private mutating func takePseudo(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        let slice = ByteSlice(from: pseudo.count, to: pseudo.count + value.count)
        if ByteSearch.equal(name, ":path") {
            slices.path = slice
        } else if ByteSearch.equal(name, ":method") {
            slices.method = slice
        } else if ByteSearch.equal(name, ":authority") {
            slices.authority = slice
        } else if ByteSearch.equal(name, ":scheme"), !Self.isKnownScheme(value) {
            violation = .malformedTarget
        }
        pseudo.append(value)
    }

    private static func isKnownScheme(_ value: UnsafeRawBufferPointer) -> Bool {
        ASCII.equalsIgnoringCase(value, "https") || ASCII.equalsIgnoringCase(value, "http")
    }

    private mutating func writeRequestLine(to head: inout GrowableBuffer) {
        guard !hasRequestLine, violation == nil else { return }
        hasRequestLine = true
        let bytes = pseudo.readable
        let method = slices.method.bytes(in: bytes)
        let path = slices.path.bytes(in: bytes)
        if ByteSearch.equal(method, "CONNECT") {
            violation = .notImplemented
            return
        }
        guard path.first == UInt8(ascii: "/") || (ByteSearch.equal(path, "*") && ByteSearch.equal(method, "OPTIONS")),
            !path.contains(0x20), !method.contains(0x20)
        else {
            violation = .malformedTarget
            return
        }
        head.append(method)
        head.append(UInt8(ascii: " "))
        head.append(path)
        head.append(" HTTP/1.1\r\n")
        if let authority = slices.authority {
            head.append("host: ")
            head.append(authority.bytes(in: bytes))
            head.append("\r\n")
        }
    }

    private mutating func takeField(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, into head: inout GrowableBuffer
    ) {
        // The library refuses these as well. A line break that got through would write lines of its own.
        if ByteSearch.hasControl(value) {
            violation = .malformedFieldValue
            return
        }
        if ByteSearch.equal(name, "cookie") {
            if !cookies.isEmpty { cookies.append("; ") }
            cookies.append(value)
            return
        }
        if ByteSearch.equal(name, "host"), let authority = slices.authority {
            if !ASCII.equalsIgnoringCase(authority.bytes(in: pseudo.readable), value) { violation = .malformedHost }
            return
        }
        if ByteSearch.equal(name, "content-length") { hasLength = true }
        fieldCount += 1
        if fieldCount > limits.fields {
            violation = .tooManyFields
            return
        }
        head.append(name)
        head.append(": ")
        head.append(value)
        head.append("\r\n")
    }
}
