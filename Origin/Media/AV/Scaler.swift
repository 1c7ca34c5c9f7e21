internal import CFFmpeg

/// Makes a smaller copy of a 4:2:0 picture.
///
/// Confined to one thread.
public final class Scaler {
    private let context: OpaquePointer
    private let width: Int
    private let height: Int

    /// Scales pictures of one size to another, bicubic.
    public init(from source: (width: Int, height: Int), to target: (width: Int, height: Int)) throws(AVFailure) {
        let flags = SWS_BICUBIC | SWS_ACCURATE_RND
        guard
            let context = sws_getContext(
                Int32(source.width), Int32(source.height), AV_PIX_FMT_YUV420P, Int32(target.width),
                Int32(target.height),
                AV_PIX_FMT_YUV420P, flags, nil, nil, nil)
        else { throw .outOfMemory("set up a scaler") }
        self.context = context
        width = target.width
        height = target.height
    }

    deinit { sws_freeContext(context) }

    /// A new picture in the target size.
    public func scale(_ picture: Picture) throws(AVFailure) -> Picture {
        let result = try Picture()
        result.frame.pointee.width = Int32(width)
        result.frame.pointee.height = Int32(height)
        result.frame.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        try check(av_frame_get_buffer(result.frame, 0), "allocate a picture")
        try check(sws_scale_frame(context, result.frame, picture.frame), "scale a picture")
        return result
    }
}
