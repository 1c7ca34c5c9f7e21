internal import CFFmpeg
internal import MediaPlan

/// All that an encoder is opened with.
struct EncoderSettings {
    let rung: Rung
    let rate: AVRational
    let framesPerGroup: Int
    let colour: EncodedColour
    let library: EncoderLibrary

    init(
        rung: Rung, rate: AVRational, framesPerGroup: Int, colour: EncodedColour, preset: String,
        parameterSets: Int
    ) {
        self.rung = rung
        self.rate = rate
        self.framesPerGroup = framesPerGroup
        self.colour = colour
        library = EncoderLibrary(
            rung: rung, framesPerGroup: framesPerGroup, preset: preset, parameterSets: parameterSets)
    }

    var noHeader: AVFailure {
        AVFailure(operation: "read the header that \(library.name) gives", code: weir_averror_invalid_data())
    }

    /// What an encoder makes of one black picture.
    func trial() throws -> [UInt8] {
        let (context, packet) = (try EncoderContext(self), try Packet())
        let black = try Picture.black(width: rung.width, height: rung.height)
        black.frame.pointee.pts = 0
        try check(avcodec_send_frame(context.pointer, black.frame), "encode a picture")
        try check(avcodec_send_frame(context.pointer, nil), "encode a picture")
        try check(avcodec_receive_packet(context.pointer, packet.packet), "encode a picture")
        return packet.bytes
    }
}

/// An encoder of libav, closed with its last reference.
final class EncoderContext {
    let pointer: UnsafeMutablePointer<AVCodecContext>

    init(_ settings: EncoderSettings) throws {
        LibavLog.silence()
        let (rung, library) = (settings.rung, settings.library)
        guard let codec = avcodec_find_encoder_by_name(library.name), let pointer = avcodec_alloc_context3(codec) else {
            throw AVFailure(operation: "find the encoder \(library.name)", code: weir_averror_invalid_data())
        }
        self.pointer = pointer
        pointer.pointee.width = Int32(rung.width)
        pointer.pointee.height = Int32(rung.height)
        pointer.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        pointer.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        pointer.pointee.framerate = settings.rate
        pointer.pointee.time_base = AVRational(num: settings.rate.den, den: settings.rate.num)
        pointer.pointee.gop_size = Int32(settings.framesPerGroup)
        pointer.pointee.keyint_min = Int32(settings.framesPerGroup)
        pointer.pointee.rc_max_rate = Int64(rung.maximumBitsPerSecond)
        pointer.pointee.rc_buffer_size = Int32(clamping: rung.bufferBits)
        pointer.pointee.thread_count = 1
        pointer.pointee.color_range = AVCOL_RANGE_MPEG
        pointer.pointee.color_primaries = AVColorPrimaries(rawValue: UInt32(settings.colour.primaries))
        pointer.pointee.color_trc = AVColorTransferCharacteristic(rawValue: UInt32(settings.colour.transfer))
        pointer.pointee.colorspace = AVColorSpace(rawValue: UInt32(settings.colour.matrix))
        pointer.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | Int32(bitPattern: AV_CODEC_FLAG_CLOSED_GOP)
        var options = OptionDictionary(library.options)
        defer { weir_leave_real_time() }
        try check(avcodec_open2(pointer, codec, &options.pointer), "open \(library.name) at \(rung.name)")
    }

    /// What it says of its stream.
    var header: [UInt8] {
        guard let start = pointer.pointee.extradata else { return [] }
        return [UInt8](UnsafeBufferPointer(start: start, count: Int(pointer.pointee.extradata_size)))
    }

    deinit {
        var pointer: UnsafeMutablePointer<AVCodecContext>? = pointer
        avcodec_free_context(&pointer)
    }
}
