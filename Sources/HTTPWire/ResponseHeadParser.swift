public import Bytes

/// Parses a response head in place; the client's half of `RequestHeadParser`, with the same rules of use.
///
/// Origins are strangers too: line breaks, field names and framing are as strict as for requests, because a response
/// whose end is doubtful would be cached.
public struct ResponseHeadParser: Sendable {
    /// The status.
    public private(set) var status = HTTPStatus.ok
    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    public private(set) var minorVersion = 1
    /// Whether the server lets the connection be used again.
    public private(set) var keepAlive = true
    /// Length of the head in bytes.
    public private(set) var headBytes = 0

    private enum Stage {
        case start
        case statusLine
        case fields
        case done
    }

    private var stage = Stage.start
    private var scanner = LineScanner()
    private var section = FieldSection()

    /// A parser at the start of a message.
    public init() {}

    /// The fields in order.
    public var fields: [HeadField] { section.fields }

    /// The declared length, whether or not a body follows: a HEAD response has one too.
    public var contentLength: Int? { section.contentLength }

    /// Value of the first field of that name, any case; `bytes` are those of the completing call.
    public func field(named name: StaticString, in bytes: UnsafeRawBufferPointer) -> ByteSlice? {
        section.first(named: name, in: bytes)
    }

    /// How the body ends, which depends on the method that was asked (RFC 9112 §6.3).
    public func framing(answering method: HTTPMethod) -> ResponseFraming {
        if method == .head || status.forbidsBody { return .none }
        if section.isChunked { return .chunked }
        guard let length = section.contentLength else { return .untilClose }
        return length == 0 ? .none : .length(length)
    }

    /// An owned copy of the fields.
    public func headers(in bytes: UnsafeRawBufferPointer) -> Headers {
        Headers(fields, in: bytes)
    }

    /// Forgets a message parsed halfway.
    public mutating func reset() {
        stage = .start
    }

    /// Looks at the bytes that are new since the last call.
    public mutating func parse(_ bytes: UnsafeRawBufferPointer, limits: HeadLimits = .response) -> HeadProgress {
        if stage == .start || stage == .done { begin() }
        while true {
            switch scanner.next(bytes) {
            case .needMore:
                if bytes.count > limits.maximumHeadBytes { return refuse(.headTooLarge) }
                return startsLikeResponse(bytes) ? .needMore : refuse(.malformedStartLine)
            case .bareLineBreak:
                return refuse(.bareLineBreak)
            case .line(let start, let end):
                if scanner.lineStart > limits.maximumHeadBytes { return refuse(.headTooLarge) }
                if stage == .statusLine {
                    let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                    if let violation = takeStatusLine(line) { return refuse(violation) }
                    stage = .fields
                } else if start == end {
                    if section.isChunked, minorVersion == 0 { return refuse(.malformedTransferEncoding) }
                    keepAlive = section.keepsAlive(minorVersion: minorVersion)
                    stage = .done
                    headBytes = scanner.lineStart
                    return .complete(headBytes: headBytes)
                } else if let violation = section.take(from: start, to: end, in: bytes, limits: limits) {
                    return refuse(violation)
                }
            }
        }
    }

    private mutating func begin() {
        stage = .statusLine
        scanner = LineScanner()
        section.reset()
        status = .ok
        minorVersion = 1
        keepAlive = true
        headBytes = 0
    }

    private mutating func refuse(_ violation: HTTPViolation) -> HeadProgress {
        stage = .done
        return .refused(violation)
    }

    private func startsLikeResponse(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let prefix: StaticString = "HTTP/1."
        let seen = min(bytes.count, prefix.utf8CodeUnitCount)
        return prefix.withUTF8Buffer { prefix in bytes[..<seen].elementsEqual(prefix[..<seen]) }
    }

    /// `HTTP/1.x SP 3DIGIT [SP phrase]`; the space before an empty phrase is often left out and does no harm.
    private mutating func takeStatusLine(_ line: UnsafeRawBufferPointer) -> HTTPViolation? {
        guard line.count >= 12, line[8] == 0x20, line.count == 12 || line[12] == 0x20,
            let code = ASCII.parseDecimal(line[9..<12]), code >= 100,
            HTTPToken.isFieldValue(UnsafeRawBufferPointer(rebasing: line[12...]))
        else { return .malformedStartLine }
        switch HTTPVersion.parse(UnsafeRawBufferPointer(rebasing: line[..<8])) {
        case .success(let minor): minorVersion = minor
        case .failure(let violation): return violation
        }
        status = HTTPStatus(code: Int(code))
        return nil
    }
}
