public import Bytes

/// Parses a request head in place (RFC 9112 §2 to §6) and keeps only ranges, so that a parser reused for the life of a
/// connection allocates nothing after its first request.
///
/// Call `parse` with all bytes of the message so far; when it says `.needMore`, call again with the same bytes at the
/// start and more behind them (the buffer may have moved). After `.complete` the properties describe the head until the
/// next call, which begins a new one; ranges refer to the bytes of the completing call.
public struct RequestHeadParser: Sendable {
    /// The method.
    public private(set) var method: HTTPMethod = .get
    /// The method as sent.
    public private(set) var methodName = ByteSlice.empty
    /// The whole request target as sent.
    public private(set) var target = ByteSlice.empty
    /// The target's path as sent, from its first `/`; empty for `OPTIONS *`.
    public private(set) var path = ByteSlice.empty
    /// What follows the first `?`, or nil if there is none.
    public private(set) var query: ByteSlice?
    /// The host the request is for, with its port if it has one; nil only in HTTP/1.0.
    public private(set) var host: ByteSlice?
    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    public private(set) var minorVersion = 1
    /// How the body ends.
    public private(set) var framing = BodyFraming.none
    /// Whether the client lets the connection be used again.
    public private(set) var keepAlive = true
    /// Whether the client waits for `100 Continue` before it sends the body.
    public private(set) var expectContinue = false
    /// Length of the head in bytes.
    public private(set) var headBytes = 0

    private enum Stage {
        case start
        case requestLine
        case fields
        case done
    }

    private var stage = Stage.start
    private var scanner = LineScanner()
    @usableFromInline private(set) var section = FieldSection()
    private var authority: ByteSlice?
    private var skippedEmptyLine = false

    /// A parser at the start of a message.
    public init() {}

    /// The fields in order.
    @inlinable public var fields: [HeadField] { section.fields }

    /// Whether there is a field of that name.
    @inlinable
    public func contains(_ name: KnownField) -> Bool {
        section.contains(name)
    }

    /// Whether any of the fields `CMCD-Request`, `CMCD-Object`, `CMCD-Status` and `CMCD-Session` is there.
    @inlinable public var hasMediaFields: Bool { section.hasMediaFields }

    /// Value of the first `Referer`; empty without one.
    @inlinable public var referrer: ByteSlice { section.referrer }

    /// Value of the first `User-Agent`; empty without one.
    @inlinable public var userAgent: ByteSlice { section.userAgent }

    /// Value of the first `X-Forwarded-For`; empty without one.
    @inlinable public var forwardedFor: ByteSlice { section.forwardedFor }

    /// Value of the first field of that name.
    @inlinable
    public func field(_ name: KnownField) -> ByteSlice? {
        section.first(name)
    }

    /// Value of the field of that name if there is exactly one.
    @inlinable
    public func onlyField(_ name: KnownField) -> ByteSlice? {
        section.only(name)
    }

    /// Value of the first field of that name, any case; `bytes` are those of the completing call.
    public func field(named name: StaticString, in bytes: UnsafeRawBufferPointer) -> ByteSlice? {
        section.first(named: name, in: bytes)
    }

    /// Forgets a message parsed halfway, for a parser that moves to another connection.
    public mutating func reset() {
        stage = .start
    }

    /// Looks at the bytes that are new since the last call.
    public mutating func parse(_ bytes: UnsafeRawBufferPointer, limits: HeadLimits = .request) -> HeadProgress {
        if stage == .start || stage == .done { begin() }
        while true {
            switch scanner.next(bytes) {
            case .needMore:
                if let violation = violationOfIncomplete(bytes, limits: limits) { return refuse(violation) }
                return .needMore
            case .bareLineBreak:
                return refuse(.bareLineBreak)
            case .line(let start, let end):
                if scanner.lineStart > limits.maximumHeadBytes { return refuse(excess(start, end, bytes, limits)) }
                if stage == .requestLine {
                    if start == end, !skippedEmptyLine {
                        skippedEmptyLine = true
                    } else if let violation = takeRequestLine(from: start, to: end, in: bytes, limits: limits) {
                        return refuse(violation)
                    } else {
                        stage = .fields
                    }
                } else if start == end {
                    if let violation = finish(in: bytes) { return refuse(violation) }
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
        stage = .requestLine
        scanner = LineScanner()
        section.reset()
        method = .get
        methodName = .empty
        target = .empty
        path = .empty
        query = nil
        host = nil
        authority = nil
        minorVersion = 1
        framing = .none
        keepAlive = true
        expectContinue = false
        headBytes = 0
        skippedEmptyLine = false
    }

    private mutating func refuse(_ violation: HTTPViolation) -> HeadProgress {
        stage = .done
        return .refused(violation)
    }

    /// What an unfinished line already gives away: garbage is answered at once instead of at the header timeout.
    private func violationOfIncomplete(_ bytes: UnsafeRawBufferPointer, limits: HeadLimits) -> HTTPViolation? {
        if stage == .requestLine {
            let line = UnsafeRawBufferPointer(rebasing: bytes[scanner.lineStart...])
            let nameEnd = line.prefix(RequestHeadParser.maximumMethodBytes + 1).firstIndex { !HTTPToken.contains($0) }
            guard let nameEnd else {
                return line.count > RequestHeadParser.maximumMethodBytes ? .malformedMethod : nil
            }
            let isMethodEnd = line[nameEnd] == 0x20 && nameEnd > 0
            let isLineEnd = nameEnd == 0 && line[0] == 0x0d && line.count == 1 && !skippedEmptyLine
            if !isMethodEnd, !isLineEnd { return .malformedMethod }
            let targetBytes = (ByteSearch.firstIndex(of: 0x20, in: line, from: nameEnd + 1) ?? line.count) - nameEnd - 1
            if targetBytes > limits.maximumTargetBytes { return .targetTooLong }
        }
        return bytes.count > limits.maximumHeadBytes ? .headTooLarge : nil
    }

    /// Which limit a head that is too long broke first: a long target is worth its own status.
    private func excess(_ start: Int, _ end: Int, _ bytes: UnsafeRawBufferPointer, _ limits: HeadLimits)
        -> HTTPViolation
    {
        guard stage == .requestLine else { return .headTooLarge }
        let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        guard let first = ByteSearch.firstIndex(of: 0x20, in: line) else { return .headTooLarge }
        let second = ByteSearch.firstIndex(of: 0x20, in: line, from: first + 1) ?? line.count
        return second - first - 1 > limits.maximumTargetBytes ? .targetTooLong : .headTooLarge
    }

    private static let maximumMethodBytes = 32

    private mutating func takeRequestLine(
        from start: Int, to end: Int, in bytes: UnsafeRawBufferPointer, limits: HeadLimits
    ) -> HTTPViolation? {
        let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        guard let first = ByteSearch.firstIndex(of: 0x20, in: line),
            let second = ByteSearch.firstIndex(of: 0x20, in: line, from: first + 1)
        else { return .malformedStartLine }
        let name = UnsafeRawBufferPointer(rebasing: line[..<first])
        let known = HTTPMethod(known: name)
        guard known != nil || name.count <= RequestHeadParser.maximumMethodBytes && HTTPToken.isToken(name) else {
            return .malformedMethod
        }
        if second - first - 1 > limits.maximumTargetBytes { return .targetTooLong }
        switch HTTPVersion.parse(UnsafeRawBufferPointer(rebasing: line[(second + 1)...])) {
        case .success(let minor): minorVersion = minor
        case .failure(let violation): return violation
        }
        method = known ?? HTTPMethod(bytes: name)
        methodName = ByteSlice(from: start, to: start + first)
        target = ByteSlice(from: start + first + 1, to: start + second)
        return takeTarget(in: bytes)
    }

    private mutating func takeTarget(in bytes: UnsafeRawBufferPointer) -> HTTPViolation? {
        guard let parts = RequestTarget.split(target.bytes(in: bytes)) else {
            return method == .other("CONNECT") ? .notImplemented : .malformedTarget
        }
        if parts.form == .asterisk, method != .options { return .malformedTarget }
        let base = target.offset
        path = ByteSlice(offset: base + parts.path.offset, count: parts.path.count)
        query = parts.query.map { ByteSlice(offset: base + $0.offset, count: $0.count) }
        authority = parts.authority.map { ByteSlice(offset: base + $0.offset, count: $0.count) }
        return nil
    }

    private mutating func finish(in bytes: UnsafeRawBufferPointer) -> HTTPViolation? {
        host = section.host
        if minorVersion == 1, host == nil { return .malformedHost }
        if let authority {
            if let host, !ASCII.equalsIgnoringCase(authority.bytes(in: bytes), host.bytes(in: bytes)) {
                return .malformedHost
            }
            host = authority
        }
        if section.isChunked {
            if minorVersion == 0 { return .malformedTransferEncoding }
            framing = .chunked
        } else if let length = section.contentLength, length > 0 {
            framing = .length(length)
        }
        keepAlive = section.keepsAlive(minorVersion: minorVersion)
        expectContinue = section.expectsContinue && minorVersion == 1 && framing != .none
        return nil
    }
}
