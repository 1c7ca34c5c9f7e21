public import Bytes

/// A content coding made piece by piece: memory does not grow with the input.
///
/// One body per compressor. Not for a loop's thread: a piece of 256 KiB takes milliseconds.
public protocol Compressor: ~Copyable {
    /// Takes the next piece and appends what comes out; false if the library failed, after which nothing may follow.
    mutating func append(_ piece: UnsafeRawBufferPointer, to output: inout GrowableBuffer) -> Bool

    /// Ends the body; false if the library failed.
    mutating func finish(to output: inout GrowableBuffer) -> Bool
}

/// Bytes of room lent to a library at a time.
let outputStep = 16_384
