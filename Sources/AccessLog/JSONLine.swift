internal import Bytes

/// Writes a request as a JSON object in one line, in the shape of the process log's lines. Fields that say nothing are left
/// out.
///
/// Keep one per thread: it remembers the second, senders and outcomes.
public struct JSONLine: ~Copyable, Sendable {
    private var clock = LineClock()
    private var senders = SenderMemo()
    private var outcomes = OutcomeMemo()

    /// Remembers nothing yet.
    public init() {}

    // MARK: The sender

    /// What lines say of a sender, if that is known.
    public func text(of key: SenderKey) -> SenderText? { senders.text(of: key) }

    /// What lines say of a sender; remembered, if it is not too long.
    public mutating func learn(_ sender: borrowing AccessSender, as key: SenderKey) -> SenderText {
        // Each byte of a text may become an escape of six.
        senders.learn(key, most: 512 + 6 * sender.textBytes) { line, ends in
            Self.putSender(sender, to: &line)
            ends[0] = UInt32(line.count)
        }
    }

    private static func putSender(_ sender: borrowing AccessSender, to line: inout LineCursor) {
        line.add(",\"location\":\"", word: sender.location)
        line.put(",\"client\":\"")
        line.put(sender.client)
        line.put("\",\"port\":")
        line.put(decimal: sender.port)
        line.add(",\"country\":\"", word: sender.country)
        if sender.isTLS {
            line.put(",\"tls\":true")
            line.add(",\"tls_version\":\"", word: sender.tlsVersion)
            line.add(",\"tls_cipher\":\"", word: sender.tlsCipher)
        } else {
            line.put(",\"tls\":false")
        }
        line.put(",\"protocol\":\"")
        line.put(word: sender.httpVersion)
        line.put("\"")
        line.add(",\"method\":\"", word: sender.method)
        line.add(",\"host\":\"", text: sender.host)
        line.add(",\"referrer\":\"", text: sender.referrer)
        line.add(",\"user_agent\":\"", text: sender.userAgent)
        line.add(",\"forwarded_for\":\"", text: sender.forwardedFor)
    }

    // MARK: The line

    /// More bytes than the line of a request takes.
    public static func mostBytes(_ record: AccessRecord, from sender: SenderText) -> Int {
        // Each byte of a text may become an escape of six.
        2_048 &+ 6 &* record.textBytes &+ sender.count
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
        line.put("{\"ts\":\"")
        clock.put(record.epochNanoseconds, to: &line)
        line.put("\",\"level\":\"info\",\"label\":\"edge\",\"msg\":\"request\",\"request_id\":\"")
        line.put(record.requestID)
        line.put("\"")
        line.add(",\"trace_id\":\"", word: record.traceID)
        line.put(block: sender.base, count: sender.count)
        Self.putRequest(record, to: &line)
        Self.putResponse(record, to: &line)
        outcomes.put(record, to: &line) { Self.putOutcome(record, to: &$0) }
        line.put(thousandths: record.firstByteNanoseconds / 1_000)
        line.put(",\"ms\":")
        line.put(thousandths: record.nanoseconds / 1_000)
        if record.mediaBytes > 0 { Self.putCMCD(record, to: &line) }
        line.put("}\n")
        return line.count
    }

    @inline(__always)
    private static func putRequest(_ record: AccessRecord, to line: inout LineCursor) {
        line.add(",\"path\":\"", text: record.path)
        line.add(",\"query\":\"", text: record.query)
        line.add(",\"cookies\":\"", text: record.cookieNames)
        line.put(",\"request_bytes\":")
        line.put(decimal: record.requestBytes)
    }

    @inline(__always)
    private static func putResponse(_ record: AccessRecord, to line: inout LineCursor) {
        line.put(",\"status\":")
        line.put(status: record.status)
        line.put(",\"bytes\":")
        line.put(decimal: record.bodyBytes)
        line.put(",\"response_bytes\":")
        line.put(decimal: record.responseBytes)
        line.add(",\"content_type\":\"", text: record.contentType)
        if let length = record.contentLength {
            line.put(",\"content_length\":")
            line.put(decimal: length)
        }
        if let range = record.range {
            line.put(",\"range_start\":")
            line.put(decimal: range.first)
            line.put(",\"range_end\":")
            line.put(decimal: range.last)
        }
    }

    /// Up to the value of `first_byte_ms`.
    private static func putOutcome(_ record: AccessRecord, to line: inout LineCursor) {
        let result = record.resultType
        line.put(",\"cache\":\"")
        line.put(word: record.cache)
        line.put("\",\"result\":\"")
        line.put(word: result.word)
        if result != record.responseType {
            line.put("\",\"response_result\":\"")
            line.put(word: record.responseType.word)
        }
        if let detail = record.detail.word {
            line.put("\",\"detail\":\"")
            line.put(word: detail)
        }
        line.put("\"")
        line.add(",\"distribution\":\"", text: record.distribution)
        line.add(",\"behavior\":\"", text: record.behavior)
        if record.isComplete { line.put(",\"complete\":true") } else { line.put(",\"complete\":false") }
        line.put(",\"first_byte_ms\":")
    }

    // MARK: Media data

    private static func putCMCD(_ record: AccessRecord, to line: inout LineCursor) {
        let lists = record.cmcd
        var seen: UInt32 = 0
        putCMCD(lists.0, &seen, to: &line)
        putCMCD(lists.1, &seen, to: &line)
        putCMCD(lists.2, &seen, to: &line)
        putCMCD(lists.3, &seen, to: &line)
        putCMCD(lists.4, &seen, to: &line)
    }

    /// Of a key that comes twice the first value counts: an object with two of a name has no meaning.
    private static func putCMCD(_ list: AccessText, _ seen: inout UInt32, to line: inout LineCursor) {
        CMCDParser.forEachPair(in: list.bytes) { key, value in
            let bit: UInt32 = 1 << UInt32(key.rawValue)
            if seen & bit != 0 { return }
            seen |= bit
            line.put(",\"")
            line.put(word: key.fieldName)
            line.put("\":")
            switch value {
            case .integer(let number): line.put(decimal: number)
            case .decimal(let number): line.put(AccessText(number))
            case .flag(let flag): line.put(word: flag ? "true" : "false")
            case .text(let text):
                line.put("\"")
                line.put(AccessText(key == .nextObjectRequest ? Self.withoutQuery(text) : text))
                line.put("\"")
            }
        }
    }

    /// The next object's path is percent-encoded; its query may hold a signature.
    private static func withoutQuery(_ path: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var end = 0
        while end < path.count, path[end] != UInt8(ascii: "?") {
            let isEncodedMark =
                path[end] == UInt8(ascii: "%") && end + 2 < path.count && path[end + 1] == UInt8(ascii: "3")
                && ASCII.lowercased(path[end + 2]) == UInt8(ascii: "f")
            // An encoded percent sign may hide anything.
            let isEncodedPercent =
                path[end] == UInt8(ascii: "%") && end + 2 < path.count && path[end + 1] == UInt8(ascii: "2")
                && path[end + 2] == UInt8(ascii: "5")
            if isEncodedMark || isEncodedPercent { break }
            end += path[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        return UnsafeRawBufferPointer(rebasing: path[..<min(end, path.count)])
    }
}

/// Members of an object; those without a value are left out. A key is given with all that stands before its value.
extension LineCursor {
    /// Text that holds nothing to escape.
    @inline(__always)
    fileprivate mutating func add(_ key: StaticString, word: AccessText) {
        if word.isEmpty { return }
        put(key)
        put(word)
        put("\"")
    }

    /// Text of the client's.
    @inline(__always)
    fileprivate mutating func add(_ key: StaticString, text: AccessText) {
        if text.isEmpty { return }
        put(key)
        if ByteCopy.copyJSONSafe(text.base, count: text.count, to: end) {
            advance(by: text.count)
        } else {
            put(escaping: text)
        }
        put("\"")
    }

    /// Bytes that are not UTF-8 are replaced, as decoders would.
    private mutating func put(escaping text: AccessText) {
        for byte in String(decoding: text.bytes, as: UTF8.self).utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                put(UInt8(ascii: "\\"))
                put(byte)
            case 0..<0x20, 0x7f:
                put("\\u00")
                put(Hex.digit(byte >> 4))
                put(Hex.digit(byte & 15))
            default: put(byte)
            }
        }
    }
}
