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
        while let end = ByteSearch.firstIndex(of: 0x0a, in: head, from: start) {
            let line = UnsafeRawBufferPointer(rebasing: head[start..<end])
            start = end + 1
            guard let name = Self.contentName(of: line) else { continue }
            if name == Self.type, type.isEmpty { keepType(Self.value(of: line, after: 13)) }
            if name == Self.range, wantsRange { range = Self.bounds(Self.value(of: line, after: 14)) }
            if !type.isEmpty, !wantsRange || range != nil { return }
        }
    }

    private mutating func keepType(_ value: UnsafeRawBufferPointer) {
        if type.capacity == 0 { type = GrowableBuffer(capacity: max(48, value.count)) }
        type.append(value)
    }

    // MARK: Lines

    private static let prefix = word("content-")
    private static let type = word("type:\0\0\0")
    private static let range = word("range:\0\0")

    private static func word(_ text: StaticString) -> UInt64 {
        UnsafeRawPointer(text.utf8Start).loadUnaligned(as: UInt64.self)
    }

    /// What follows `Content-` in the line's name, in lower case; nil for other lines. Two comparisons for most.
    private static func contentName(of line: UnsafeRawBufferPointer) -> UInt64? {
        guard line.count >= 16, line.loadUnaligned(as: UInt64.self) | 0x2020_2020_2020_2020 == prefix else {
            return nil
        }
        let rest = line.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        let name = rest & 0x0000_00ff_ffff_ffff | 0x20_2020_2020
        if name == type { return type }
        let longer = rest & 0x0000_ffff_ffff_ffff | 0x2020_2020_2020
        return longer == range ? range : nil
    }

    private static func value(of line: UnsafeRawBufferPointer, after name: Int) -> UnsafeRawBufferPointer {
        ASCII.trimmed(UnsafeRawBufferPointer(rebasing: line[name..<max(name, line.count - 1)]))
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
