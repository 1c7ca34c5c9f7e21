/// Why bytes are not the boxes they claim to be.
public struct MediaReadError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, in words.
    public let reason: String
    /// Where, in bytes from the beginning.
    public let offset: Int

    /// In words.
    public var description: String { "\(reason), at byte \(offset)" }
}

/// Reads big-endian fields one after the other and never outside its range.
struct FieldReader {
    let bytes: [UInt8]
    private(set) var position: Int
    let end: Int

    /// Reads `range` of `bytes`, which must lie inside them.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "the range lies in the bytes")
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    var remaining: Int { end - position }

    mutating func skip(_ count: Int) throws(MediaReadError) {
        guard count >= 0, count <= remaining else { throw error("the box is too short for its fields") }
        position += count
    }

    mutating func number(bytes count: Int) throws(MediaReadError) -> UInt64 {
        let start = position
        try skip(count)
        return Box.number(in: bytes, at: start, bytes: count)
    }

    mutating func u8() throws(MediaReadError) -> UInt8 { UInt8(truncatingIfNeeded: try number(bytes: 1)) }
    mutating func u16() throws(MediaReadError) -> UInt16 { UInt16(truncatingIfNeeded: try number(bytes: 2)) }
    mutating func u32() throws(MediaReadError) -> UInt32 { UInt32(truncatingIfNeeded: try number(bytes: 4)) }
    mutating func u64() throws(MediaReadError) -> UInt64 { try number(bytes: 8) }

    mutating func fourCharacters() throws(MediaReadError) -> String {
        let start = position
        try skip(4)
        return Box.type(in: bytes, at: start)
    }

    /// Version and flags of a full box (ISO/IEC 14496-12 §4.2).
    mutating func versionAndFlags() throws(MediaReadError) -> (version: UInt8, flags: UInt32) {
        let word = try u32()
        return (UInt8(truncatingIfNeeded: word >> 24), word & 0xff_ffff)
    }

    /// The boxes in what is left.
    func boxes() throws(MediaReadError) -> [Box] {
        guard let boxes = Box.list(in: bytes, range: position..<end) else {
            throw error("the boxes do not fit into each other")
        }
        return boxes
    }

    func error(_ reason: String) -> MediaReadError { MediaReadError(reason: reason, offset: position) }
}

extension MediaReadError {
    init(_ reason: String, in box: Box) {
        self.init(reason: "\(box.type): \(reason)", offset: box.range.lowerBound)
    }
}
