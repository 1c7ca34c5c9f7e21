public import Bytes

/// Writes CloudFront's standard log, version 1: 33 fields with tabs between them, `-` where there is nothing to say.
///
/// Keep one per thread: it remembers the second.
public struct W3CLine: ~Copyable, Sendable {
    private var clock = LineClock()

    /// What every file starts with.
    public static let header: StaticString = """
        #Version: 1.0
        #Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) \
        cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes \
        time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status \
        fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len \
        sc-range-start sc-range-end

        """

    /// Remembers nothing yet.
    public init() {}

    /// Appends the line of a request, with its line feed.
    public mutating func append(_ record: AccessRecord, to buffer: inout GrowableBuffer) {
        clock.appendDateAndTime(record.epochNanoseconds, to: &buffer)
        appendRequest(record, to: &buffer)
        appendResult(record, to: &buffer)
        appendConnection(record, to: &buffer)
        appendContent(record, to: &buffer)
        buffer.append("\n")
    }

    /// From `x-edge-location` to `cs(Cookie)`.
    private func appendRequest(_ record: AccessRecord, to buffer: inout GrowableBuffer) {
        buffer.tab(plain: record.location)
        buffer.tab(number: record.responseBytes)
        buffer.tab(plain: record.client)
        buffer.tab(plain: record.method)
        buffer.tab(text: record.distribution)
        buffer.tab(address: record.path)
        buffer.append("\t")
        buffer.append(decimal: record.status, width: 3)
        buffer.tab(address: record.referrer)
        buffer.tab(text: record.userAgent)
        buffer.tab(address: record.query)
        buffer.tab(text: record.cookieNames)
    }

    /// From `x-edge-result-type` to `x-forwarded-for`.
    private func appendResult(_ record: AccessRecord, to buffer: inout GrowableBuffer) {
        buffer.append("\t")
        buffer.append(record.resultType.word)
        buffer.tab(plain: record.requestID)
        buffer.tab(text: record.host)
        if record.isTLS { buffer.append("\thttps") } else { buffer.append("\thttp") }
        buffer.tab(number: record.requestBytes)
        buffer.tab(seconds: record.nanoseconds)
        buffer.tab(text: record.forwardedFor)
    }

    /// From `ssl-protocol` to `x-edge-detailed-result-type`. Fields are not encrypted one by one here, so `fle-` is empty.
    private func appendConnection(_ record: AccessRecord, to buffer: inout GrowableBuffer) {
        buffer.tab(plain: record.tlsVersion)
        buffer.tab(plain: record.tlsCipher)
        buffer.append("\t")
        buffer.append(record.responseType.word)
        buffer.append("\t")
        buffer.append(record.httpVersion)
        buffer.append("\t-\t-")
        buffer.tab(number: record.port)
        buffer.tab(seconds: record.firstByteNanoseconds)
        buffer.append("\t")
        buffer.append(record.detail.word ?? record.resultType.word)
    }

    /// From `sc-content-type` to the end.
    private func appendContent(_ record: AccessRecord, to buffer: inout GrowableBuffer) {
        buffer.tab(text: record.contentType)
        if let length = record.contentLength { buffer.tab(number: length) } else { buffer.append("\t-") }
        if let range = record.range {
            buffer.tab(number: range.first)
            buffer.tab(number: range.last)
        } else {
            buffer.append("\t-\t-")
        }
    }
}

/// Fields with the tab before them.
extension GrowableBuffer {
    /// Text that holds nothing to encode, such as a token or a word of ours.
    fileprivate mutating func tab(plain text: UnsafeRawBufferPointer) {
        append("\t")
        if text.isEmpty { append("-") } else { append(text) }
    }

    /// Text of the client's.
    fileprivate mutating func tab(text: UnsafeRawBufferPointer) {
        append("\t")
        W3CEscape.append(text, keepsPercent: false, to: &self)
    }

    /// A part of a URL.
    fileprivate mutating func tab(address text: UnsafeRawBufferPointer) {
        append("\t")
        W3CEscape.append(text, keepsPercent: true, to: &self)
    }

    fileprivate mutating func tab(number: Int) {
        append("\t")
        append(decimal: number)
    }

    /// Seconds with three decimals.
    fileprivate mutating func tab(seconds nanoseconds: UInt64) {
        let milliseconds = nanoseconds / 1_000_000
        append("\t")
        append(decimal: milliseconds / 1_000)
        append(".")
        append(decimal: Int(milliseconds % 1_000), width: 3)
    }
}
