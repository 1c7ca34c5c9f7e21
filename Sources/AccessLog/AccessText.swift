public import Bytes

/// Bytes of somebody else's, as a record points at them.
///
/// Other than `UnsafeRawBufferPointer` it knows its length: a line asks for the lengths of two dozen texts, most of them empty.
public struct AccessText {
    let base: UnsafeRawPointer
    let count: Int

    /// No text.
    public static var none: AccessText { AccessText(UnsafeRawBufferPointer(start: nil, count: 0)) }

    /// Points at bytes.
    public init(_ bytes: UnsafeRawBufferPointer) {
        count = bytes.count
        // Never read from where there are no bytes.
        base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
    }

    /// Points at a literal.
    public init(_ literal: StaticString) {
        base = UnsafeRawPointer(literal.utf8Start)
        count = literal.utf8CodeUnitCount
    }

    /// Points at a part of bytes.
    public init(_ slice: ByteSlice, in bytes: UnsafeRawBufferPointer) {
        self.init(bytes, from: Int(slice.offset), to: slice.end)
    }

    /// Points at a part of bytes; traps if there is none such.
    public init(_ bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) {
        precondition(start >= 0 && start <= end && end <= bytes.count, "a text outside its bytes")
        self.init(UnsafeRawBufferPointer(start: bytes.baseAddress.map { $0 + start }, count: end &- start))
    }

    /// Whether there is nothing.
    public var isEmpty: Bool { count == 0 }

    /// What is pointed at.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}
