internal import Bytes

/// Writes CloudFront's standard log, version 1: 33 fields with tabs between them, `-` where there is nothing to say.
///
/// Keep one per thread: it remembers the second, and senders.
public struct W3CLine: ~Copyable, Sendable {
    private var clock = LineClock()
    private var senders = SenderMemo()

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

    // MARK: The sender

    /// What lines say of a sender, if that is known.
    public func text(of key: SenderKey) -> SenderText? { senders.text(of: key) }

    /// What lines say of a sender; remembered, if it is not too long.
    public mutating func learn(_ sender: borrowing AccessSender, as key: SenderKey) -> SenderText {
        // Each byte of a text may be encoded as three.
        senders.learn(key, most: 256 + 3 * sender.textBytes) { line, ends in
            line.tab(plain: sender.location)
            ends[0] = UInt32(line.count)
            line.tab(plain: sender.client)
            line.tab(plain: sender.method)
            ends[1] = UInt32(line.count)
            line.tab(address: sender.referrer)
            line.tab(text: sender.userAgent)
            ends[2] = UInt32(line.count)
            line.tab(text: sender.host)
            if sender.isTLS { line.put("\thttps") } else { line.put("\thttp") }
            ends[3] = UInt32(line.count)
            line.tab(text: sender.forwardedFor)
            line.tab(plain: sender.tlsVersion)
            line.tab(plain: sender.tlsCipher)
            ends[4] = UInt32(line.count)
            // Fields are not encrypted one by one here, so `fle-` is empty.
            line.tab(word: sender.httpVersion)
            line.put("\t-\t-")
            line.tab(number: sender.port)
            ends[5] = UInt32(line.count)
        }
    }

    // MARK: The line

    /// More bytes than the line of a request takes.
    public static func mostBytes(_ record: AccessRecord, from sender: SenderText) -> Int {
        // Each byte of a text may be encoded as three.
        768 &+ 3 &* record.textBytes &+ sender.count
    }

    /// Writes the line of a request, with its line feed; returns its length.
    ///
    /// - Parameters:
    ///   - sender: what this has learned of the sender.
    ///   - memory: of `mostBytes(record, from: sender)` bytes.
    public mutating func write(
        _ record: AccessRecord, from sender: SenderText, to memory: UnsafeMutableRawPointer
    ) -> Int {
        var line = LineCursor(at: memory)
        clock.putDateAndTime(record.epochNanoseconds, to: &line)
        line.put(sender, 0)
        line.tab(number: record.responseBytes)
        line.put(sender, 1)
        line.tab(text: record.distribution)
        line.tab(address: record.path)
        line.tab(status: record.status)
        line.put(sender, 2)
        line.tab(address: record.query)
        line.tab(text: record.cookieNames)
        line.tab(word: record.resultType.word)
        line.tab(plain: record.requestID)
        line.put(sender, 3)
        line.tab(number: record.requestBytes)
        line.tab(seconds: record.nanoseconds)
        line.put(sender, 4)
        line.tab(word: record.responseType.word)
        line.put(sender, 5)
        line.tab(seconds: record.firstByteNanoseconds)
        line.tab(word: record.detail.word ?? record.resultType.word)
        Self.putContent(record, to: &line)
        return line.count
    }

    /// From `sc-content-type` to the end.
    @inline(__always)
    private static func putContent(_ record: AccessRecord, to line: inout LineCursor) {
        line.tab(text: record.contentType)
        if let length = record.contentLength { line.tab(number: length) } else { line.put("\t-") }
        if let range = record.range {
            line.tab(number: range.first)
            line.tab(number: range.last)
            line.put("\n")
        } else {
            line.put("\t-\t-\n")
        }
    }
}

/// Fields with the tab before them.
extension LineCursor {
    /// Some fields of the sender's.
    @inline(__always)
    fileprivate mutating func put(_ sender: SenderText, _ piece: Int) {
        let start = piece == 0 ? 0 : Int(sender.ends[piece - 1])
        put(block: sender.base + start, count: Int(sender.ends[piece]) - start)
    }

    /// Text that holds nothing to encode, such as a token or a word of ours.
    @inline(__always)
    fileprivate mutating func tab(plain text: AccessText) {
        if text.isEmpty { return put("\t-") }
        put(UInt8(ascii: "\t"))
        put(text)
    }

    @inline(__always)
    fileprivate mutating func tab(word: StaticString) {
        put(UInt8(ascii: "\t"))
        put(word: word)
    }

    /// Text of the client's.
    @inline(__always)
    fileprivate mutating func tab(text: AccessText) {
        if text.isEmpty { return put("\t-") }
        put(UInt8(ascii: "\t"))
        if ByteCopy.copyStandardLogSafe(text.base, count: text.count, to: end) { return advance(by: text.count) }
        W3CEscape.put(text, keepsPercent: false, to: &self)
    }

    /// A part of a URL.
    @inline(__always)
    fileprivate mutating func tab(address text: AccessText) {
        if text.isEmpty { return put("\t-") }
        put(UInt8(ascii: "\t"))
        if ByteCopy.copyStandardLogSafe(address: text.base, count: text.count, to: end) {
            return advance(by: text.count)
        }
        W3CEscape.put(text, keepsPercent: true, to: &self)
    }

    @inline(__always)
    fileprivate mutating func tab(number: Int) {
        put(UInt8(ascii: "\t"))
        put(decimal: number)
    }

    /// Three digits.
    @inline(__always)
    fileprivate mutating func tab(status: Int) {
        put(UInt64(UInt8(ascii: "\t")) | DecimalDigits(three: UInt32(clamping: status)).text << 8, count: 4)
    }

    /// Seconds with three decimals.
    @inline(__always)
    fileprivate mutating func tab(seconds nanoseconds: UInt64) {
        put(UInt8(ascii: "\t"))
        put(thousandths: nanoseconds / 1_000_000)
    }
}
