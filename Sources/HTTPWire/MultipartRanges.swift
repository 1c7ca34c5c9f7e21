public import Bytes

/// A `multipart/byteranges` body (RFC 9110 §14.6): its parts, and every byte around them, known before the first is sent.
public struct MultipartRanges: Sendable, Equatable {
    /// The parts in the order they are sent.
    public private(set) var ranges: [ByteRange]
    /// Bytes of the whole object.
    public let completeLength: Int
    /// Bytes of the body: all parts and what stands around them.
    public let bodyLength: Int
    private let contentType: [UInt8]
    private let boundary: [UInt8]

    /// Plans a body of `ranges`; nil if it would be no shorter than the object, which is then the better answer.
    ///
    /// `contentType` is the object's, repeated in every part; empty if it has none. `seed` makes the boundary: 128 random
    /// bits, so that the object does not hold it.
    public init?(
        _ ranges: [ByteRange], completeLength: Int, contentType: UnsafeRawBufferPointer, seed: (UInt64, UInt64)
    ) {
        self.ranges = ranges
        self.completeLength = completeLength
        self.contentType = HTTPToken.isFieldValue(contentType) ? Array(contentType) : []
        boundary = Self.boundary(seed)
        var length = 0
        var framing = GrowableBuffer(capacity: 256)
        for index in ranges.indices {
            framing.removeAll()
            Self.writePart(
                ranges[index], isFirst: index == 0, of: completeLength, contentType: self.contentType, boundary,
                to: &framing)
            length += framing.count + ranges[index].count
        }
        framing.removeAll()
        Self.writeEnd(boundary, to: &framing)
        bodyLength = length + framing.count
        guard bodyLength < completeLength else { return nil }
    }

    /// The same parts by their place in the object, for bytes that can be had only once; the length stays.
    public func ascending() -> MultipartRanges {
        var sorted = self
        sorted.ranges.sort { $0.start < $1.start }
        return sorted
    }

    /// Writes the `Content-Type` field of the response.
    public func writeContentType(to writer: inout HeadWriter) {
        writer.buffer.append("Content-Type: multipart/byteranges; boundary=")
        writer.buffer.append(boundary)
        writer.buffer.append("\r\n")
    }

    /// Writes what stands before the bytes of a part.
    public func writeStart(ofPart index: Int, to buffer: inout GrowableBuffer) {
        Self.writePart(
            ranges[index], isFirst: index == 0, of: completeLength, contentType: contentType, boundary, to: &buffer)
    }

    /// Writes what stands behind the bytes of the last part.
    public func writeEnd(to buffer: inout GrowableBuffer) {
        Self.writeEnd(boundary, to: &buffer)
    }

    private static func boundary(_ seed: (UInt64, UInt64)) -> [UInt8] {
        withUnsafeBytes(of: seed) { Array(Hex.encode($0).utf8) }
    }

    private static func writePart(
        _ range: ByteRange, isFirst: Bool, of completeLength: Int, contentType: [UInt8], _ boundary: [UInt8],
        to buffer: inout GrowableBuffer
    ) {
        buffer.append(isFirst ? "--" : "\r\n--")
        buffer.append(boundary)
        if !contentType.isEmpty {
            buffer.append("\r\nContent-Type: ")
            buffer.append(contentType)
        }
        buffer.append("\r\nContent-Range: bytes ")
        buffer.append(decimal: range.start)
        buffer.append(UInt8(ascii: "-"))
        buffer.append(decimal: range.end - 1)
        buffer.append(UInt8(ascii: "/"))
        buffer.append(decimal: completeLength)
        buffer.append("\r\n\r\n")
    }

    private static func writeEnd(_ boundary: [UInt8], to buffer: inout GrowableBuffer) {
        buffer.append("\r\n--")
        buffer.append(boundary)
        buffer.append("--\r\n")
    }
}
