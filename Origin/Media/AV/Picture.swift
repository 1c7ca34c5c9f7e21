internal import CFFmpeg

/// A decoded frame, of pictures or of sound.
///
/// Owns libav's reference; not shared between threads.
public final class Picture {
    let frame: UnsafeMutablePointer<AVFrame>

    init() throws(AVFailure) {
        guard let frame = av_frame_alloc() else { throw .outOfMemory("allocate a frame") }
        self.frame = frame
    }

    deinit {
        var pointer: UnsafeMutablePointer<AVFrame>? = frame
        av_frame_free(&pointer)
    }

    /// Pixels per row.
    public var width: Int { Int(frame.pointee.width) }
    /// Rows.
    public var height: Int { Int(frame.pointee.height) }
}

/// A piece of a compressed stream.
///
/// Reused from read to read.
public final class Packet {
    let packet: UnsafeMutablePointer<AVPacket>

    /// An empty packet; throws only when memory is out.
    public init() throws(AVFailure) {
        guard let packet = av_packet_alloc() else { throw .outOfMemory("allocate a packet") }
        self.packet = packet
    }

    deinit {
        var pointer: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&pointer)
    }

    /// Index of the stream in the file.
    public var streamIndex: Int { Int(packet.pointee.stream_index) }

    var bytes: [UInt8] {
        guard let data = packet.pointee.data, packet.pointee.size > 0 else { return [] }
        return [UInt8](UnsafeBufferPointer(start: data, count: Int(packet.pointee.size)))
    }
}
