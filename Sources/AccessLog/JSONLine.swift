public import Bytes

/// Writes a request as a JSON object in one line, in the shape of the process log's lines. Fields that say nothing are left
/// out.
///
/// Keep one per thread: it remembers the second.
public struct JSONLine: ~Copyable, Sendable {
    private var clock = LineClock()

    /// Remembers nothing yet.
    public init() {}

    /// Appends the line of a request, with its line feed.
    public mutating func append(_ record: AccessRecord, to buffer: inout GrowableBuffer) {
        buffer.append("{\"ts\":\"")
        clock.append(record.epochNanoseconds, to: &buffer)
        buffer.append("\",\"level\":\"info\",\"label\":\"edge\",\"msg\":\"request\",\"request_id\":\"")
        buffer.append(record.requestID)
        buffer.append("\"")
        appendClient(record, to: &buffer)
        appendRequest(record, to: &buffer)
        appendResponse(record, to: &buffer)
        appendResult(record, to: &buffer)
        appendCMCD(record, to: &buffer)
        buffer.append("}\n")
    }

    private func appendClient(_ record: AccessRecord, to buffer: inout GrowableBuffer) {
        buffer.add("trace_id", word: record.traceID)
        buffer.add("location", word: record.location)
        buffer.append(",\"client\":\"")
        buffer.append(record.client)
        buffer.append("\",\"port\":")
        buffer.append(decimal: record.port)
        buffer.add("country", word: record.country)
        if record.isTLS {
            buffer.append(",\"tls\":true")
            buffer.add("tls_version", word: record.tlsVersion)
            buffer.add("tls_cipher", word: record.tlsCipher)
        } else {
            buffer.append(",\"tls\":false")
        }
        buffer.append(",\"protocol\":\"")
        buffer.append(record.httpVersion)
        buffer.append("\"")
    }

    private func appendRequest(_ record: AccessRecord, to buffer: inout GrowableBuffer) {
        buffer.add("method", word: record.method)
        buffer.add("host", text: record.host)
        buffer.add("path", text: record.path)
        buffer.add("query", text: record.query)
        buffer.add("referrer", text: record.referrer)
        buffer.add("user_agent", text: record.userAgent)
        buffer.add("forwarded_for", text: record.forwardedFor)
        buffer.add("cookies", text: record.cookieNames)
        buffer.append(",\"request_bytes\":")
        buffer.append(decimal: record.requestBytes)
    }

    private func appendResponse(_ record: AccessRecord, to buffer: inout GrowableBuffer) {
        buffer.append(",\"status\":")
        buffer.append(decimal: record.status)
        buffer.append(",\"bytes\":")
        buffer.append(decimal: record.bodyBytes)
        buffer.append(",\"response_bytes\":")
        buffer.append(decimal: record.responseBytes)
        buffer.add("content_type", text: record.contentType)
        if let length = record.contentLength {
            buffer.append(",\"content_length\":")
            buffer.append(decimal: length)
        }
        if let range = record.range {
            buffer.append(",\"range_start\":")
            buffer.append(decimal: range.first)
            buffer.append(",\"range_end\":")
            buffer.append(decimal: range.last)
        }
    }

    private func appendResult(_ record: AccessRecord, to buffer: inout GrowableBuffer) {
        buffer.append(",\"cache\":\"")
        buffer.append(record.cache)
        buffer.append("\",\"result\":\"")
        buffer.append(record.resultType.word)
        if record.resultType != record.responseType {
            buffer.append("\",\"response_result\":\"")
            buffer.append(record.responseType.word)
        }
        if let detail = record.detail.word {
            buffer.append("\",\"detail\":\"")
            buffer.append(detail)
        }
        buffer.append("\"")
        buffer.add("distribution", text: record.distribution)
        buffer.add("behavior", text: record.behavior)
        if record.isComplete { buffer.append(",\"complete\":true") } else { buffer.append(",\"complete\":false") }
        buffer.append(",\"first_byte_ms\":")
        buffer.append(milliseconds: record.firstByteNanoseconds)
        buffer.append(",\"ms\":")
        buffer.append(milliseconds: record.nanoseconds)
    }

    private func appendCMCD(_ record: AccessRecord, to buffer: inout GrowableBuffer) {
        var seen: UInt32 = 0
        appendCMCD(record.cmcd.0, &seen, to: &buffer)
        appendCMCD(record.cmcd.1, &seen, to: &buffer)
        appendCMCD(record.cmcd.2, &seen, to: &buffer)
        appendCMCD(record.cmcd.3, &seen, to: &buffer)
        appendCMCD(record.cmcd.4, &seen, to: &buffer)
    }

    /// Of a key that comes twice the first value counts: an object with two of a name has no meaning.
    private func appendCMCD(_ list: UnsafeRawBufferPointer, _ seen: inout UInt32, to buffer: inout GrowableBuffer) {
        if list.isEmpty { return }
        CMCDParser.forEachPair(in: list) { key, value in
            let bit: UInt32 = 1 << UInt32(key.rawValue)
            if seen & bit != 0 { return }
            seen |= bit
            buffer.append(",\"")
            buffer.append(key.fieldName)
            buffer.append("\":")
            switch value {
            case .integer(let number): buffer.append(decimal: number)
            case .decimal(let number): buffer.append(number)
            case .flag(let flag): buffer.append(flag ? "true" : "false")
            case .text(let text):
                buffer.append("\"")
                buffer.append(key == .nextObjectRequest ? Self.withoutQuery(text) : text)
                buffer.append("\"")
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

/// Members of an object; those without a value are left out.
extension GrowableBuffer {
    /// Text that holds nothing to escape.
    @inline(__always)
    fileprivate mutating func add(_ key: StaticString, word: UnsafeRawBufferPointer) {
        if word.isEmpty { return }
        append(",\"")
        append(key)
        append("\":\"")
        append(word)
        append("\"")
    }

    /// Text of the client's.
    @inline(__always)
    fileprivate mutating func add(_ key: StaticString, text: UnsafeRawBufferPointer) {
        if text.isEmpty { return }
        append(",\"")
        append(key)
        append("\":\"")
        if ByteSearch.hasJSONUnsafe(text) { append(escaping: text) } else { append(text) }
        append("\"")
    }

    /// Bytes that are not UTF-8 are replaced, as decoders would.
    private mutating func append(escaping text: UnsafeRawBufferPointer) {
        for byte in String(decoding: text, as: UTF8.self).utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case 0..<0x20, 0x7f:
                append("\\u00")
                append(Hex.digit(byte >> 4))
                append(Hex.digit(byte & 15))
            default: append(byte)
            }
        }
    }

    /// With three decimals.
    fileprivate mutating func append(milliseconds nanoseconds: UInt64) {
        let microseconds = nanoseconds / 1_000
        append(decimal: microseconds / 1_000)
        append(".")
        append(decimal: Int(microseconds % 1_000), width: 3)
    }
}
