/// A range of bytes inside a buffer somebody else owns: parsers hand these out so that nothing is copied and no pointer
/// outlives its buffer.
///
/// Eight bytes, so an array of header fields stays in few cache lines.
public struct ByteSlice: Sendable, Hashable {
    /// Distance in bytes from the start of the buffer.
    public var offset: UInt32
    /// Length in bytes.
    public var count: UInt32

    /// The slice of nothing at the start of a buffer.
    public static let empty = ByteSlice(offset: 0, count: 0)

    /// Takes both fields as they are.
    public init(offset: UInt32, count: UInt32) {
        self.offset = offset
        self.count = count
    }

    /// The slice from `start` up to, not including, `end`.
    ///
    /// Traps if they are reversed or beyond 4 GiB, both of which would be the caller's bug.
    public init(from start: Int, to end: Int) {
        self.offset = UInt32(start)
        self.count = UInt32(end - start)
    }

    /// Whether the slice holds no byte.
    public var isEmpty: Bool { count == 0 }

    /// Offset of the first byte after the slice.
    public var end: Int { Int(offset) + Int(count) }

    /// The slice as a range of offsets.
    public var range: Range<Int> { Int(offset)..<end }

    /// The bytes themselves; `buffer` must be the one the slice was made for.
    public func bytes(in buffer: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer[range])
    }

    /// The bytes as text; anything that is not UTF-8 becomes U+FFFD, so use it for logs and for text already checked.
    public func string(in buffer: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes(in: buffer), as: UTF8.self)
    }
}
