internal import CFFmpeg
internal import MediaPlan

/// One stream's decoder.
///
/// Broken packets are counted and skipped: a few damaged frames do not make a film unwatchable. Confined to one thread.
public final class Decoder {
    let context: UnsafeMutablePointer<AVCodecContext>
    let stream: UnsafeMutablePointer<AVStream>
    /// Keeps the demuxer, and with it `stream`, alive.
    private let source: MediaSource
    /// Seconds per unit of times.
    let unit: Rational
    private let originTicks: Int64
    private var nextTicks: Int64 = 0
    /// Packets given to the decoder.
    public internal(set) var packets = 0
    /// Packets it could not use.
    public internal(set) var brokenPackets = 0
    /// Frames it gave.
    public internal(set) var frames = 0

    /// Opens the decoder of stream `index`, of one thread, since several processes decode side by side; `origin` is the
    /// output's time 0 in microseconds of the file's own clock.
    public init(source: MediaSource, streamIndex index: Int, maximumPixels: Int, origin: Int64) throws(AVFailure) {
        guard let stream = source.stream(index), let parameters = stream.pointee.codecpar,
            let codec = source.decoder(for: parameters), let context = avcodec_alloc_context3(codec)
        else { throw AVFailure(operation: "find a decoder", code: weir_averror_invalid_data()) }
        self.source = source
        self.stream = stream
        self.context = context
        let base = stream.pointee.time_base
        unit = Rational(Int(base.num), Int(base.den)) ?? .one
        originTicks = unit.units(microseconds: origin)
        try check(avcodec_parameters_to_context(context, parameters), "set up the decoder")
        context.pointee.pkt_timebase = stream.pointee.time_base
        context.pointee.thread_count = 1
        context.pointee.max_pixels = Int64(maximumPixels)
        // libav would drop texts that are not UTF-8.
        context.pointee.sub_charenc_mode = FF_SUB_CHARENC_MODE_IGNORE
        try check(avcodec_open2(context, codec, nil), "open the decoder")
    }

    deinit {
        var pointer: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&pointer)
    }

    /// Leaves out pictures that no other one refers to, which saves time on the way to those that are wanted.
    var skipsUnreferenced: Bool = false {
        didSet { context.pointee.skip_frame = skipsUnreferenced ? AVDISCARD_NONREF : AVDISCARD_DEFAULT }
    }

    /// `time` of the stream's own clock, from the output's time 0.
    func ticks(_ time: Int64) -> Int64 { time &- originTicks }

    /// Decodes `packet`, or what is left when nil, and hands every frame with its time, in the stream's time base from
    /// the output's time 0, to `body`.
    func decode(_ packet: Packet?, _ body: (Picture, Int64) throws -> Void) throws {
        if packet != nil { packets += 1 }
        var status = avcodec_send_packet(context, packet?.packet)
        if status == weir_averror_again() {
            try receive(body)
            status = avcodec_send_packet(context, packet?.packet)
        }
        if status < 0, packet != nil { brokenPackets += 1 }
        try receive(body)
    }

    private func receive(_ body: (Picture, Int64) throws -> Void) throws {
        while true {
            let picture = try Picture()
            let status = avcodec_receive_frame(context, picture.frame)
            if status == weir_averror_again() || status == weir_averror_eof() { return }
            if status < 0 {
                brokenPackets += 1
                if status == -12 { throw AVFailure(operation: "decode", code: status) }
                continue
            }
            frames += 1
            let stamp = picture.frame.pointee.best_effort_timestamp
            let ticks = stamp == weir_no_timestamp() ? nextTicks : stamp &- originTicks
            nextTicks = ticks &+ max(picture.frame.pointee.pkt_duration, 0)
            picture.frame.pointee.pts = ticks
            picture.frame.pointee.pict_type = AV_PICTURE_TYPE_NONE
            try body(picture, ticks)
        }
    }
}
