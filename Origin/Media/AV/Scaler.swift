internal import CFFmpeg

/// Makes a smaller copy of a 4:2:0 picture.
///
/// Confined to one thread.
public final class Scaler {
    private let context: OpaquePointer
    private let width: Int
    private let height: Int
    private var last: Picture?

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

    /// The picture in the target size, good until the next call.
    public func scale(_ picture: Picture) throws(AVFailure) -> Picture {
        // An encoder that still looks at the last one keeps it; else its memory serves again.
        if last.map({ av_frame_is_writable($0.frame) == 0 }) ?? true {
            last = try Picture(width: width, height: height)
        }
        guard let last else { throw .outOfMemory("allocate a picture") }
        try check(sws_scale_frame(context, last.frame, picture.frame), "scale a picture")
        return last
    }
}
