internal import CFFmpeg
public import MediaPlan

/// A decoded frame, of pictures or of sound.
///
/// Owns libav's reference.
public final class Picture: @unchecked Sendable {
    // Sendable because whoever makes a picture hands it on only when it is complete, and then everybody only reads it.

    let frame: UnsafeMutablePointer<AVFrame>

    init() throws(AVFailure) {
        guard let frame = av_frame_alloc() else { throw .outOfMemory("allocate a frame") }
        self.frame = frame
    }

    /// An 8-bit 4:2:0 picture whose pixels are yet to be set.
    convenience init(width: Int, height: Int) throws(AVFailure) {
        try self.init()
        frame.pointee.width = Int32(width)
        frame.pointee.height = Int32(height)
        frame.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        try check(av_frame_get_buffer(frame, 0), "allocate a picture")
    }

    /// An 8-bit 4:2:0 picture of full range, as JPEG wants it, with room for small ones.
    static func blank(width: Int, height: Int) throws(AVFailure) -> Picture {
        let picture = try Picture(width: width, height: height)
        picture.frame.pointee.format = AV_PIX_FMT_YUVJ420P.rawValue
        picture.frame.pointee.color_range = AVCOL_RANGE_JPEG
        return picture
    }

    /// The same picture, whose memory nobody writes to while this lives.
    func shared() throws(AVFailure) -> Picture {
        let picture = try Picture()
        try check(av_frame_ref(picture.frame, frame), "keep a picture")
        return picture
    }

    /// Copies `small`, of the same format, into this picture from `column`, an even one, on.
    func paste(_ small: Picture, atColumn column: Int) {
        for index in 0..<3 {
            let shift = index == 0 ? 0 : 1
            guard let target = plane(index), let source = small.plane(index) else { continue }
            av_image_copy_plane(
                target.start + column >> shift, target.stride, source.start, source.stride,
                Int32(small.width >> shift), Int32(small.height >> shift))
        }
    }

    /// Where the rows of a plane begin, and the bytes from one to the next.
    func plane(_ index: Int) -> (start: UnsafeMutablePointer<UInt8>, stride: Int32)? {
        let stride = withUnsafeBytes(of: &frame.pointee.linesize) { $0.assumingMemoryBound(to: Int32.self)[index] }
        return withUnsafeBytes(of: &frame.pointee.data) { planes in
            planes.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)[index].map { ($0, stride) }
        }
    }

    /// A black 4:2:0 picture.
    public static func black(width: Int, height: Int) throws(AVFailure) -> Picture {
        let picture = try Picture(width: width, height: height)
        for (plane, value) in [(0, 16), (1, 128), (2, 128)] as [(Int, UInt8)] {
            let rows = plane == 0 ? height : height / 2
            guard let (start, stride) = picture.plane(plane) else { continue }
            start.update(repeating: value, count: Int(stride) * rows)
        }
        return picture
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

    /// Where a packet lies when a keyframe is looked for.
    public enum Relation: Sendable {
        /// Nothing is decided yet.
        case before
        /// This is the keyframe.
        case same
        /// The keyframe has been missed.
        case after
    }

    /// Where this packet lies, seen from `key` of the same stream.
    public func relation(to key: MeasuredPictures.Key) -> Relation {
        let time = packet.pointee.pts
        guard packet.pointee.flags & AV_PKT_FLAG_KEY != 0, time != weir_no_timestamp() else { return .before }
        return time == key.presentation ? .same : time > key.presentation ? .after : .before
    }

    /// What it holds.
    public var bytes: [UInt8] {
        guard let data = packet.pointee.data, packet.pointee.size > 0 else { return [] }
        return [UInt8](UnsafeBufferPointer(start: data, count: Int(packet.pointee.size)))
    }
}
