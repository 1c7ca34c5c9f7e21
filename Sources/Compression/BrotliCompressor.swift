public import Bytes
internal import CBrotli

/// Brotli (RFC 7932); with the usual quality about 5 MiB of memory, more for the higher ones.
public struct BrotliCompressor: Compressor, ~Copyable {
    private let state: OpaquePointer

    /// The highest quality that costs about as much time as gzip.
    public static let usualQuality = 5

    /// Nil if the library cannot get its memory. `quality` is 0 (fast) to 11 (small).
    public init?(quality: Int = BrotliCompressor.usualQuality) {
        guard let state = BrotliEncoderCreateInstance(nil, nil, nil) else { return nil }
        guard BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY, UInt32(quality)) != 0 else {
            BrotliEncoderDestroyInstance(state)
            return nil
        }
        self.state = state
    }

    deinit { BrotliEncoderDestroyInstance(state) }

    /// Takes the next piece.
    public mutating func append(_ piece: UnsafeRawBufferPointer, to output: inout GrowableBuffer) -> Bool {
        run(piece, BROTLI_OPERATION_PROCESS, to: &output)
    }

    /// Writes what is left.
    public mutating func finish(to output: inout GrowableBuffer) -> Bool {
        run(UnsafeRawBufferPointer(start: nil, count: 0), BROTLI_OPERATION_FINISH, to: &output)
    }

    private mutating func run(
        _ piece: UnsafeRawBufferPointer, _ operation: BrotliEncoderOperation, to output: inout GrowableBuffer
    ) -> Bool {
        var input = piece.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var inputLeft = piece.count
        while true {
            var isFine = false
            output.withWritable(atLeast: outputStep) { free in
                var next = free.baseAddress?.assumingMemoryBound(to: UInt8.self)
                var room = free.count
                isFine = BrotliEncoderCompressStream(state, operation, &inputLeft, &input, &room, &next, nil) != 0
                return free.count - room
            }
            guard isFine else { return false }
            if inputLeft > 0 || BrotliEncoderHasMoreOutput(state) != 0 { continue }
            if operation == BROTLI_OPERATION_PROCESS || BrotliEncoderIsFinished(state) != 0 { return true }
        }
    }
}
