public import Bytes
internal import CZlib

/// gzip (RFC 1952) by zlib; about 256 KiB of memory.
public struct GzipCompressor: Compressor, ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>

    /// zlib's own default, where more effort stops paying for text.
    public static let usualLevel = 6

    /// Nil if zlib cannot get its memory. `level` is 1 (fast) to 9 (small).
    public init?(level: Int = GzipCompressor.usualLevel) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, and 16 for a gzip header in place of zlib's.
        let result = deflateInit2_(
            stream, Int32(level), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard result == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Takes the next piece.
    public mutating func append(_ piece: UnsafeRawBufferPointer, to output: inout GrowableBuffer) -> Bool {
        run(piece, Z_NO_FLUSH, to: &output)
    }

    /// Writes what is left, and checksum and length.
    public mutating func finish(to output: inout GrowableBuffer) -> Bool {
        run(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH, to: &output)
    }

    private mutating func run(_ piece: UnsafeRawBufferPointer, _ flush: Int32, to output: inout GrowableBuffer) -> Bool
    {
        // zlib only reads what its pointer, which has no const, points to.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: piece.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(piece.count)
        while true {
            var result = Z_OK
            var room: UInt32 = 0
            output.withWritable(atLeast: outputStep) { free in
                stream.pointee.next_out = free.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(free.count)
                result = deflate(stream, flush)
                room = stream.pointee.avail_out
                return free.count - Int(room)
            }
            if result == Z_STREAM_END { return true }
            guard result == Z_OK || result == Z_BUF_ERROR else { return false }
            if room > 0, stream.pointee.avail_in == 0, flush == Z_NO_FLUSH { return true }
            if result == Z_BUF_ERROR, room > 0 { return false }
        }
    }
}
