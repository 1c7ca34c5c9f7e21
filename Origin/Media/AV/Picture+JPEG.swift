internal import CFFmpeg

extension Picture {
    /// The picture as a JPEG file. It must be of full range with BT.601's matrix, the only colours JPEG knows (ITU-T T.871).
    ///
    /// `quantiser` is libav's, from 2 (best) to 31.
    func jpeg(quantiser: Int32) throws -> [UInt8] {
        guard let codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG), let context = avcodec_alloc_context3(codec) else {
            throw AVFailure(operation: "find the JPEG encoder", code: weir_averror_invalid_data())
        }
        var pointer: UnsafeMutablePointer<AVCodecContext>? = context
        defer { avcodec_free_context(&pointer) }
        context.pointee.width = frame.pointee.width
        context.pointee.height = frame.pointee.height
        context.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
        context.pointee.time_base = AVRational(num: 1, den: 1)
        context.pointee.thread_count = 1
        context.pointee.flags |= AV_CODEC_FLAG_QSCALE
        context.pointee.global_quality = FF_QP2LAMBDA * quantiser
        frame.pointee.quality = FF_QP2LAMBDA * quantiser
        try check(avcodec_open2(context, codec, nil), "open the JPEG encoder")
        try check(avcodec_send_frame(context, frame), "encode a picture as JPEG")
        let packet = try Packet()
        try check(avcodec_receive_packet(context, packet.packet), "encode a picture as JPEG")
        return packet.bytes
    }
}
