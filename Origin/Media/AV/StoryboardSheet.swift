internal import CFFmpeg
public import MediaPlan

/// Puts small copies of pictures side by side and writes them as one JPEG.
///
/// Confined to one thread.
public final class StoryboardSheet {
    private let width: Int
    private let height: Int
    private let tiles: Int
    private let graph: FilterGraph
    private var sheet: Picture?
    /// Small pictures on the sheet so far.
    public private(set) var count = 0

    /// libav's quantiser from 2 (best) to 31: small pictures at a few kilobytes each.
    private static let quantiser: Int32 = 5

    /// A sheet of `tiles` pictures of `width` by `height`, made from pictures of size `source`.
    public init(
        from source: (width: Int, height: Int), colour: EncodedColour, width: Int, height: Int, tiles: Int
    ) throws(AVFailure) {
        self.width = width
        self.height = height
        self.tiles = tiles
        // JPEG knows BT.601 in full range only.
        graph = try FilterGraph(
            buffer: "buffer",
            arguments: "video_size=\(source.width)x\(source.height):pix_fmt=\(AV_PIX_FMT_YUV420P.rawValue)"
                + ":time_base=1/1:pixel_aspect=1/1",
            chain: "scale=w=\(width):h=\(height):flags=area:in_color_matrix=\(ColourPlan.name(of: colour.matrix))"
                + ":out_color_matrix=smpte170m:in_range=tv:out_range=pc,format=pix_fmts=yuvj420p",
            sink: "buffersink")
    }

    /// Adds a small copy of `picture` behind those that are there; there must be room.
    public func add(_ picture: Picture) throws {
        precondition(count < tiles, "a sheet has room for as many pictures as it was made for")
        let sheet = try sheet ?? Picture.blank(width: width * tiles, height: height)
        self.sheet = sheet
        try graph.filter(picture) { sheet.paste($0, atColumn: width * count) }
        count += 1
    }

    /// The sheet as JPEG, as wide as the pictures that are there, and an empty one instead; nil if there are none.
    public func take() throws -> [UInt8]? {
        guard let sheet, count > 0 else { return nil }
        sheet.frame.pointee.width = Int32(width * count)
        self.sheet = nil
        count = 0
        return try Self.jpeg(sheet)
    }

    private static func jpeg(_ picture: Picture) throws -> [UInt8] {
        guard let codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG), let context = avcodec_alloc_context3(codec) else {
            throw AVFailure(operation: "find the JPEG encoder", code: weir_averror_invalid_data())
        }
        var pointer: UnsafeMutablePointer<AVCodecContext>? = context
        defer { avcodec_free_context(&pointer) }
        context.pointee.width = picture.frame.pointee.width
        context.pointee.height = picture.frame.pointee.height
        context.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
        context.pointee.time_base = AVRational(num: 1, den: 1)
        context.pointee.thread_count = 1
        context.pointee.flags |= AV_CODEC_FLAG_QSCALE
        context.pointee.global_quality = FF_QP2LAMBDA * quantiser
        picture.frame.pointee.quality = FF_QP2LAMBDA * quantiser
        try check(avcodec_open2(context, codec, nil), "open the JPEG encoder")
        try check(avcodec_send_frame(context, picture.frame), "encode a picture as JPEG")
        let packet = try Packet()
        try check(avcodec_receive_packet(context, packet.packet), "encode a picture as JPEG")
        return packet.bytes
    }
}
