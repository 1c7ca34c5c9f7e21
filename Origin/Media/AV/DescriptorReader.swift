internal import CFFmpeg
internal import Glibc

/// The only file a demuxer can see: one descriptor, read at positions of our own so that its offset does not matter.
final class DescriptorReader {
    private let descriptor: Int32
    let size: Int64
    private var position: Int64 = 0
    /// Bytes that may still be read; reading fails beyond.
    ///
    /// Some demuxers look for the next packet as long as the file goes on.
    var budget = Int64.max
    private(set) var context: UnsafeMutablePointer<AVIOContext>?

    private static let bufferBytes: Int32 = 64 * 1024

    init(borrowing descriptor: Int32) throws(AVFailure) {
        // Not fstat(2), which the C library makes by a call that can also ask about any other file.
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= 0 else { throw AVFailure(operation: "look at the input", code: -errno) }
        self.descriptor = descriptor
        size = Int64(end)
        guard let buffer = av_malloc(Int(Self.bufferBytes)) else { throw .outOfMemory("allocate the input buffer") }
        context = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self), Self.bufferBytes, 0, Unmanaged.passUnretained(self).toOpaque(),
            { opaque, buffer, count in
                guard let opaque, let buffer else { return weir_averror_io() }
                return Unmanaged<DescriptorReader>.fromOpaque(opaque).takeUnretainedValue().read(buffer, count)
            }, nil,
            { opaque, offset, whence in
                guard let opaque else { return Int64(weir_averror_io()) }
                return Unmanaged<DescriptorReader>.fromOpaque(opaque).takeUnretainedValue().seek(offset, whence)
            })
        guard context != nil else {
            av_free(buffer)
            throw .outOfMemory("allocate the input")
        }
    }

    deinit {
        if let context { av_freep(&context.pointee.buffer) }
        avio_context_free(&context)
    }

    private func read(_ buffer: UnsafeMutablePointer<UInt8>, _ count: Int32) -> Int32 {
        guard budget > 0 else { return weir_averror_io() }
        while true {
            let done = pread(descriptor, buffer, Int(count), off_t(position))
            if done > 0 {
                position += Int64(done)
                budget -= Int64(done)
                return Int32(done)
            }
            if done == 0 { return weir_averror_eof() }
            if errno != EINTR { return -errno }
        }
    }

    private func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
        if whence & AVSEEK_SIZE != 0 { return size }
        let (target, overflow) =
            switch whence & ~AVSEEK_FORCE {
            case SEEK_SET: (offset, false)
            case SEEK_CUR: position.addingReportingOverflow(offset)
            case SEEK_END: size.addingReportingOverflow(offset)
            default: (Int64(-1), true)
            }
        guard !overflow, target >= 0 else { return -Int64(EINVAL) }
        position = target
        return target
    }
}
