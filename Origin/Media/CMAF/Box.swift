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

    /// More boxes than this in one place are no media, and would take more memory than their bytes.
    private static let mostInOnePlace = 16_384

    /// The boxes that lie in `range` of `bytes`, one after the other; nil when a size does not fit, or when there are more
    /// than 16,384.
    public static func list(in bytes: [UInt8], range: Range<Int>) -> [Box]? {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return nil }
        var boxes: [Box] = []
        var offset = range.lowerBound
        while offset < range.upperBound {
            guard let box = header(in: bytes, at: offset, end: range.upperBound),
                box.range.upperBound <= range.upperBound, boxes.count < mostInOnePlace
            else { return nil }
            boxes.append(box)
            offset = box.range.upperBound
        }
        return boxes
    }

    /// The box at `offset`, which may say that it ends behind the bytes; nil when there is no whole header, or a size that
    /// cannot be.
    static func first(in bytes: [UInt8], at offset: Int) -> Box? { header(in: bytes, at: offset, end: bytes.count) }

    /// Brands of a `ftyp` or `styp` box: the major one, then the compatible ones.
    static func brands(in bytes: [UInt8], of box: Box) -> [String] {
        guard box.payload.count >= 8 else { return [] }
        let places =
            [box.payload.lowerBound]
            + Array(stride(from: box.payload.lowerBound + 8, to: box.payload.upperBound - 3, by: 4).prefix(64))
        return places.map { type(in: bytes, at: $0) }
    }

    /// Four characters; bytes that are none become what they are in Latin 1.
    static func type(in bytes: [UInt8], at offset: Int) -> String {
        String(String.UnicodeScalarView(bytes[offset..<offset + 4].map { UnicodeScalar($0) }))
    }

    private static func header(in bytes: [UInt8], at offset: Int, end: Int) -> Box? {
        guard end - offset >= 8 else { return nil }
        var size = UInt64(number(in: bytes, at: offset, bytes: 4))
        var header = 8
        if size == 1 {
            guard end - offset >= 16 else { return nil }
            size = number(in: bytes, at: offset + 8, bytes: 8)
            header = 16
        } else if size == 0 {
            size = UInt64(end - offset)
        }
        guard size >= UInt64(header), size <= UInt64(Int.max - offset) else { return nil }
        let box = offset..<offset + Int(size)
        return Box(type: type(in: bytes, at: offset + 4), range: box, payload: offset + header..<box.upperBound)
    }

    /// The first box reached by following `path` from the top of `bytes`; containers are assumed to be plain boxes.
    public static func find(_ path: String..., in bytes: [UInt8]) -> Box? { find(path, in: bytes) }

    static func find(_ path: [String], in bytes: [UInt8]) -> Box? {
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
