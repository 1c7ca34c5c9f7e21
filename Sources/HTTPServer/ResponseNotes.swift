internal import Bytes

/// What the head of a response said, for access logs; kept where `HTTPServerConfiguration.notesResponses` asks for it.
///
/// Its memory is the exchange's and used again.
public struct ResponseNotes: ~Copyable {
    /// Bytes of the head, as text even where the version compresses it; 0 before there is one.
    public private(set) var headBytes = 0
    /// `Content-Length`.
    public private(set) var contentLength: Int?
    /// First and last byte of `Content-Range`.
    public private(set) var range: (first: Int, last: Int)?
    private var type = GrowableBuffer()

    /// The value of `Content-Type`; empty without one.
    public var contentType: UnsafeRawBufferPointer { type.readable }

    mutating func removeAll() {
        headBytes = 0
        contentLength = nil
        range = nil
        type.removeAll()
    }

    /// - Parameters:
    ///   - head: with its status line or status, each line with its CR LF.
    ///   - length: of the body, where it is announced.
    mutating func note(_ head: UnsafeRawBufferPointer, status: Int, length: Int?) {
        headBytes = head.count
        contentLength = length
        let wantsRange = status == 206
        var start = 0
        while let line = ByteSearch.nextLine(beginning: Self.prefix, in: head, from: start) {
            start = line
            let rest = head.loadUnaligned(fromByteOffset: line &+ 8, as: UInt64.self)
            if rest & 0x0000_00ff_ffff_ffff | 0x20_2020_2020 == Self.type {
                if type.isEmpty { keepType(Self.value(of: head, from: line &+ 13)) }
            } else if wantsRange, rest & 0x0000_ffff_ffff_ffff | 0x2020_2020_2020 == Self.range {
                range = Self.bounds(Self.value(of: head, from: line &+ 14))
            }
            if !type.isEmpty, !wantsRange || range != nil { return }
        }
    }

    private mutating func keepType(_ value: UnsafeRawBufferPointer) {
        if type.capacity == 0 { type = GrowableBuffer(capacity: max(48, value.count)) }
        type.append(value)
    }

    // MARK: Lines

    private static var prefix: UInt64 { word("content-") }
    private static var type: UInt64 { word("type:\0\0\0") }
    private static var range: UInt64 { word("range:\0\0") }

    @inline(__always)
    private static func word(_ text: StaticString) -> UInt64 {
        UnsafeRawPointer(text.utf8Start).loadUnaligned(as: UInt64.self)
    }

    /// From `start` to the end of its line, without blanks around it.
    private static func value(of head: UnsafeRawBufferPointer, from start: Int) -> UnsafeRawBufferPointer {
        let end = ByteSearch.firstIndex(of: 0x0d, in: head, from: start) ?? head.count
        return ASCII.trimmed(UnsafeRawBufferPointer(rebasing: head[start..<end]))
    }

    /// Of `bytes 0-99/1000`.
    private static func bounds(_ value: UnsafeRawBufferPointer) -> (first: Int, last: Int)? {
        guard let blank = ByteSearch.firstIndex(of: 0x20, in: value),
            let dash = ByteSearch.firstIndex(of: UInt8(ascii: "-"), in: value, from: blank),
            let slash = ByteSearch.firstIndex(of: UInt8(ascii: "/"), in: value, from: dash),
            let first = ASCII.parseDecimal(UnsafeRawBufferPointer(rebasing: value[(blank + 1)..<dash])),
            let last = ASCII.parseDecimal(UnsafeRawBufferPointer(rebasing: value[(dash + 1)..<slash]))
        else { return nil }
        return (Int(clamping: first), Int(clamping: last))
    }
}
