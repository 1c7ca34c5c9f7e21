/// The first nine bytes of a frame (RFC 9113 §4.1).
struct FrameHeader: Equatable {
    /// Bytes of payload that follow.
    var length: Int
    /// What the frame is.
    var type: UInt8
    /// Bits whose meaning depends on the type.
    var flags: UInt8
    /// 0 for the connection.
    var stream: Int32

    static let byteCount = 9

    func has(_ flag: UInt8) -> Bool { flags & flag != 0 }
}

/// The types of RFC 9113 §6 and RFC 9218 §7.1.
enum FrameType {
    static let data: UInt8 = 0
    static let headers: UInt8 = 1
    static let priority: UInt8 = 2
    static let reset: UInt8 = 3
    static let settings: UInt8 = 4
    static let pushPromise: UInt8 = 5
    static let ping: UInt8 = 6
    static let goAway: UInt8 = 7
    static let windowUpdate: UInt8 = 8
    static let continuation: UInt8 = 9
    static let priorityUpdate: UInt8 = 16
}

/// The flags of RFC 9113 §6 that anybody asks for.
enum FrameFlag {
    static let endStream: UInt8 = 1
    static let ack: UInt8 = 1
    static let endHeaders: UInt8 = 4
}

/// Finds the frame headers in what a client sends, however it is cut, ahead of the session: floods are counted before
/// anything is decoded, and every frame is counted, the ones the session would pass over in silence as well.
struct FrameScanner {
    /// Bytes of the client's preface, or of a payload, still to be passed over.
    private var skip = HTTP2Preface.byteCount
    private var partial: (UInt64, UInt8) = (0, 0)
    private var partialCount = 0

    /// The next frame header that is complete within `bytes` from `offset` on; nil when they are used up.
    mutating func next(in bytes: UnsafeRawBufferPointer, from offset: inout Int) -> FrameHeader? {
        let passed = min(skip, bytes.count - offset)
        skip -= passed
        offset += passed
        if partialCount == 0, bytes.count - offset >= FrameHeader.byteCount {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).bigEndian
            let header = Self.header(word, bytes[offset + 8])
            offset += FrameHeader.byteCount
            skip = header.length
            return header
        }
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            if partialCount < 8 { partial.0 = partial.0 << 8 | UInt64(byte) } else { partial.1 = byte }
            partialCount += 1
            if partialCount == FrameHeader.byteCount {
                let header = Self.header(partial.0, partial.1)
                partialCount = 0
                skip = header.length
                return header
            }
        }
        return nil
    }

    private static func header(_ word: UInt64, _ last: UInt8) -> FrameHeader {
        let stream = UInt32(truncatingIfNeeded: word) << 8 & 0x7fff_ffff | UInt32(last)
        return FrameHeader(
            length: Int(word >> 40), type: UInt8(truncatingIfNeeded: word >> 32),
            flags: UInt8(truncatingIfNeeded: word >> 24), stream: Int32(bitPattern: stream))
    }
}

/// What a client of HTTP/2 sends before its first frame (RFC 9113 §3.4).
public enum HTTP2Preface {
    /// Length in bytes.
    public static let byteCount = 24
    private static let text: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    /// Whether `bytes` are the preface as far as both go.
    public static func isPrefix(of bytes: UnsafeRawBufferPointer) -> Bool {
        text.withUTF8Buffer { bytes.prefix(byteCount).elementsEqual($0.prefix(bytes.count)) }
    }
}
