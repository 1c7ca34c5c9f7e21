import Bytes
import CBrotli
import CZlib
import Compression
import Testing

struct CompressorTests {
    private static let texts: [[UInt8]] = [
        [], [0x61], Array(String(repeating: "#EXTINF:6.000,\nseg-00001.m4s\n", count: 50_000).utf8),
        (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) },
    ]

    private struct NotMade: Error {}

    private func gzip(_ text: [UInt8], piece: Int) throws -> [UInt8] {
        guard let compressor = GzipCompressor() else { throw NotMade() }
        guard let bytes = compressed(text, piece: piece, compressor) else { throw NotMade() }
        return bytes
    }

    private func brotli(_ text: [UInt8], piece: Int) throws -> [UInt8] {
        guard let compressor = BrotliCompressor() else { throw NotMade() }
        guard let bytes = compressed(text, piece: piece, compressor) else { throw NotMade() }
        return bytes
    }

    private func compressed(_ text: [UInt8], piece: Int, _ compressor: consuming some Compressor & ~Copyable)
        -> [UInt8]?
    {
        var output = GrowableBuffer()
        var isFine = true
        for start in stride(from: 0, to: text.count, by: piece) where isFine {
            isFine = text[start..<min(start + piece, text.count)].withUnsafeBytes { compressor.append($0, to: &output) }
        }
        guard isFine, compressor.finish(to: &output) else { return nil }
        return output.bytes
    }

    @Test(arguments: texts, [1_000_000, 4096, 777]) func `what gzip makes, zlib reads back`(text: [UInt8], piece: Int)
        throws
    {
        let bytes = try gzip(text, piece: piece)
        var stream = z_stream()
        #expect(inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK)
        defer { inflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: text.count + 1)
        let result = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return inflate(&stream, Z_FINISH)
            }
        }
        #expect(result == Z_STREAM_END)
        #expect(Array(output.prefix(Int(stream.total_out))) == text)
    }

    @Test(arguments: texts, [1_000_000, 4096, 777]) func `what brotli makes, its decoder reads back`(
        text: [UInt8], piece: Int
    ) throws {
        let bytes = try brotli(text, piece: piece)
        var output = [UInt8](repeating: 0, count: text.count + 1)
        var count = output.count
        #expect(BrotliDecoderDecompress(bytes.count, bytes, &count, &output) == BROTLI_DECODER_RESULT_SUCCESS)
        #expect(Array(output.prefix(count)) == text)
    }

    @Test func `a playlist shrinks to a fraction`() throws {
        let text = Self.texts[2]
        let gzip = try gzip(text, piece: 65_536)
        let brotli = try brotli(text, piece: 65_536)
        #expect(gzip.count < text.count / 50)
        #expect(brotli.count < text.count / 50)
    }
}
