internal import CFFmpeg
public import MediaPlan

/// AAC-LC, 48 kHz, stereo or 5.1.
///
/// Frame *n* of the output holds samples (n−1)·1024 to n·1024: the first one is priming. Confined to one thread.
public final class AudioEncoder {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: Packet
    private let channels: Int32
    /// Samples taken so far, silence included.
    public private(set) var samples: Int64 = 0
    /// AudioSpecificConfig.
    public let specificConfig: [UInt8]
    /// Samples before the first real one.
    public let priming: Int

    /// Opens an encoder as `plan` says.
    public init(plan: AudioPlan) throws {
        LibavLog.silence()
        guard let codec = avcodec_find_encoder_by_name("aac"), let context = avcodec_alloc_context3(codec) else {
            throw AVFailure(operation: "find the AAC encoder", code: weir_averror_invalid_data())
        }
        self.context = context
        packet = try Packet()
        channels = Int32(plan.channels)
        context.pointee.sample_rate = Int32(AudioPlan.sampleRate)
        context.pointee.sample_fmt = AV_SAMPLE_FMT_FLTP
        context.pointee.bit_rate = Int64(plan.bitsPerSecond)
        context.pointee.time_base = AVRational(num: 1, den: Int32(AudioPlan.sampleRate))
        context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
        av_channel_layout_default(&context.pointee.ch_layout, channels)
        try check(avcodec_open2(context, codec, nil), "open the AAC encoder")
        let size = Int(context.pointee.extradata_size)
        specificConfig = context.pointee.extradata.map { [UInt8](UnsafeBufferPointer(start: $0, count: size)) } ?? []
        priming = Int(context.pointee.initial_padding)
    }

    deinit {
        var pointer: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&pointer)
    }

    /// Encodes the next frame; a short one is filled with silence, so that silence may follow.
    public func encode(_ picture: Picture, _ body: (EncodedFrame) throws -> Void) throws {
        let count = Int(picture.frame.pointee.nb_samples)
        if count == AudioReader.frameSamples {
            try send(picture, body)
        } else {
            let full = try silence()
            av_samples_copy(
                full.frame.pointee.extended_data, picture.frame.pointee.extended_data, 0, 0, Int32(count),
                channels, AV_SAMPLE_FMT_FLTP)
            try send(full, body)
        }
    }

    /// Encodes silence until `end` samples have been taken, then what is left in the encoder.
    public func finish(at end: Int64, _ body: (EncodedFrame) throws -> Void) throws {
        while samples < end { try send(try silence(), body) }
        try drain(nil, body)
    }

    private func send(_ picture: Picture, _ body: (EncodedFrame) throws -> Void) throws {
        picture.frame.pointee.pts = samples
        samples += Int64(picture.frame.pointee.nb_samples)
        try drain(picture, body)
    }

    private func drain(_ picture: Picture?, _ body: (EncodedFrame) throws -> Void) throws {
        try check(avcodec_send_frame(context, picture?.frame), "encode sound")
        while true {
            let status = avcodec_receive_packet(context, packet.packet)
            if status == weir_averror_again() || status == weir_averror_eof() { return }
            try check(status, "encode sound")
            try body(EncodedFrame(bytes: packet.bytes, presentation: packet.packet.pointee.pts, isKey: true))
            av_packet_unref(packet.packet)
        }
    }

    private func silence() throws -> Picture {
        let picture = try Picture()
        picture.frame.pointee.nb_samples = Int32(AudioReader.frameSamples)
        picture.frame.pointee.format = AV_SAMPLE_FMT_FLTP.rawValue
        picture.frame.pointee.sample_rate = Int32(AudioPlan.sampleRate)
        av_channel_layout_default(&picture.frame.pointee.ch_layout, channels)
        try check(av_frame_get_buffer(picture.frame, 0), "allocate silence")
        av_samples_set_silence(
            picture.frame.pointee.extended_data, 0, Int32(AudioReader.frameSamples), channels, AV_SAMPLE_FMT_FLTP)
        return picture
    }
}
