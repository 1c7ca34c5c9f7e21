/// One box of a file in memory, as an index range; takes any bytes and never reads outside them.
public struct Box: Sendable, Equatable {
    /// Four characters, such as "moof".
    public let type: String
    /// The whole box, header included.
    public let range: Range<Int>
    /// What follows the header.
    public let payload: Range<Int>

    /// A box at a place.
    public init(type: String, range: Range<Int>, payload: Range<Int>) {
        self.type = type
        self.range = range
        self.payload = payload
    }

    /// The boxes that lie in `range` of `bytes`, one after the other; nil when a size does not fit.
    public static func list(in bytes: [UInt8], range: Range<Int>) -> [Box]? {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return nil }
        var boxes: [Box] = []
        var offset = range.lowerBound
        while offset < range.upperBound {
            guard range.upperBound - offset >= 8 else { return nil }
            var size = UInt64(number(in: bytes, at: offset, bytes: 4))
            var header = 8
            if size == 1 {
                guard range.upperBound - offset >= 16 else { return nil }
                size = number(in: bytes, at: offset + 8, bytes: 8)
                header = 16
            } else if size == 0 {
                size = UInt64(range.upperBound - offset)
            }
            guard size >= UInt64(header), size <= UInt64(range.upperBound - offset) else { return nil }
            let end = offset + Int(size)
            let type = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
            boxes.append(Box(type: type, range: offset..<end, payload: offset + header..<end))
            offset = end
        }
        return boxes
    }

    /// The first box reached by following `path` from the top of `bytes`; containers are assumed to be plain boxes.
    public static func find(_ path: String..., in bytes: [UInt8]) -> Box? {
        var range = 0..<bytes.count
        var found: Box?
        for type in path {
            guard let box = list(in: bytes, range: range)?.first(where: { $0.type == type }) else { return nil }
            range = box.payload
            found = box
        }
        return found
    }

    /// A big-endian number of up to 8 bytes; the caller has checked that they exist.
    static func number(in bytes: [UInt8], at offset: Int, bytes count: Int) -> UInt64 {
        bytes[offset..<offset + count].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
