internal import CFFmpeg
public import CMAF
public import MediaPlan

/// A coded frame as it leaves the encoder, in decoding order.
public struct EncodedFrame: Sendable {
    /// Annex B for pictures, raw AAC for sound.
    public let bytes: [UInt8]
    /// Frame number (pictures) or sample number (sound) in presentation order.
    public let presentation: Int64
    /// Whether decoding can start here.
    public let isKey: Bool
}

/// One rung's encoder: closed groups of a fixed number of frames, each begun by an IDR frame that the frame's
/// number alone decides, so that all rungs cut at the same places, and so that what several encoders made of successive
/// runs of frames plays as if one had made it.
///
/// x264 works on the calling thread alone: with several threads its rate control depends on how far each of them has
/// come, so that the same frames would not always give the same bytes. x265 has a thread of its own that does one frame
/// after the other, which comes to the same. Confined to one thread.
public final class VideoEncoder {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: Packet
    /// Decides which frames decoding can begin with; nil where that is every one.
    private let grid: FrameGrid?
    private let step: Int
    private var nextFrame: Int
    /// Frames by which presentation follows decoding at most.
    public let reorderFrames: Int
    /// The stream's header.
    public let configuration: VideoConfiguration

    /// Opens an encoder for `rung` on `grid`, whose first frame is output frame `firstFrame`, the first of a segment.
    ///
    /// `parameterSets` numbers its parameter sets, up to 31, where others are in the same header.
    public convenience init(
        rung: Rung, grid: FrameGrid, colour: EncodedColour, preset: String, parameterSets: Int = 0, firstFrame: Int = 0
    ) throws {
        let settings = Settings(
            rung: rung,
            rate: AVRational(num: Int32(grid.rate.numerator), den: Int32(grid.rate.denominator * rung.frameStep)),
            framesPerGroup: grid.framesPerGroup / rung.frameStep, preset: preset, parameterSets: parameterSets)
        try self.init(settings, grid: grid, colour: colour, firstFrame: firstFrame)
    }

    /// Opens an encoder of keyframes alone, one a second, which come out as soon as they go in.
    public convenience init(keyframesOf rung: Rung, colour: EncodedColour, preset: String) throws {
        let settings = Settings(
            rung: rung, rate: AVRational(num: 1, den: 1), framesPerGroup: 1, preset: preset)
        try self.init(settings, grid: nil, colour: colour, firstFrame: 0)
    }

    private struct Settings {
        let rung: Rung
        let rate: AVRational
        let framesPerGroup: Int
        let preset: String
        var parameterSets = 0

        private var groups: String {
            "keyint=\(framesPerGroup):min-keyint=\(framesPerGroup):scenecut=0:open-gop=0"
        }

        /// The encoder, and what it is told beside what all are.
        var library: Library {
            switch rung.codec {
            case .h264:
                let immediate = framesPerGroup == 1 ? ":bframes=0:rc-lookahead=0:sync-lookahead=0" : ""
                return Library(
                    name: "libx264", profile: "high", parametersKey: "x264-params",
                    parameters: groups + ":stitchable=1:force-cfr=1:sps-id=\(parameterSets)" + immediate)
            case .hevc:
                return Library(
                    name: "libx265", profile: "main", parametersKey: "x265-params",
                    parameters: groups
                        + ":repeat-headers=0:info=0:pools=none:frame-threads=1:wpp=0:log-level=none")
            }
        }
    }

    private struct Library {
        /// libav's name of it.
        let name: String
        let profile: String
        /// libav's name of what it hands over as it is.
        let parametersKey: String
        let parameters: String
    }

    private init(_ settings: Settings, grid: FrameGrid?, colour: EncodedColour, firstFrame: Int) throws {
        let rung = settings.rung
        LibavLog.silence()
        let library = settings.library
        guard let codec = avcodec_find_encoder_by_name(library.name), let context = avcodec_alloc_context3(codec) else {
            throw AVFailure(operation: "find the encoder \(library.name)", code: weir_averror_invalid_data())
        }
        self.context = context
        packet = try Packet()
        self.grid = grid
        step = rung.frameStep
        nextFrame = firstFrame
        context.pointee.width = Int32(rung.width)
        context.pointee.height = Int32(rung.height)
        context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        context.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        context.pointee.framerate = settings.rate
        context.pointee.time_base = AVRational(num: settings.rate.den, den: settings.rate.num)
        context.pointee.gop_size = Int32(settings.framesPerGroup)
        context.pointee.keyint_min = Int32(settings.framesPerGroup)
        context.pointee.rc_max_rate = Int64(rung.maximumBitsPerSecond)
        context.pointee.rc_buffer_size = Int32(clamping: rung.bufferBits)
        context.pointee.thread_count = 1
        context.pointee.color_range = AVCOL_RANGE_MPEG
        context.pointee.color_primaries = AVColorPrimaries(rawValue: UInt32(colour.primaries))
        context.pointee.color_trc = AVColorTransferCharacteristic(rawValue: UInt32(colour.transfer))
        context.pointee.colorspace = AVColorSpace(rawValue: UInt32(colour.matrix))
        context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | Int32(bitPattern: AV_CODEC_FLAG_CLOSED_GOP)
        var options = OptionDictionary([
            "preset": settings.preset, "crf": "\(rung.constantRateFactor)", "forced-idr": "1",
            "a53cc": "0", "profile": library.profile, library.parametersKey: library.parameters,
        ])
        try check(avcodec_open2(context, codec, &options.pointer), "open \(library.name) at \(rung.name)")
        let size = Int(context.pointee.extradata_size)
        let header = context.pointee.extradata.map { [UInt8](UnsafeBufferPointer(start: $0, count: size)) } ?? []
        switch rung.codec {
        case .h264:
            guard let sets = AVCConfiguration(annexB: header) else { throw Self.noHeader(library) }
            configuration = .avc(sets)
            reorderFrames = Int(context.pointee.has_b_frames)
        case .hevc:
            guard let sets = HEVCConfiguration(annexB: header) else { throw Self.noHeader(library) }
            configuration = .hevc(sets)
            // libav says nothing of it for this library.
            reorderFrames = sets.reorderFrames
        }
    }

    private static func noHeader(_ library: Library) -> AVFailure {
        AVFailure(operation: "read the header that \(library.name) gives", code: weir_averror_invalid_data())
    }

    deinit {
        var pointer: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&pointer)
    }

    /// Encodes the next frame of the rung, or what is left when nil, and hands over coded frames in decoding order; their
    /// numbers count the rung's frames from the beginning of the film.
    public func encode(_ picture: Picture?, _ body: (EncodedFrame) throws -> Void) throws {
        if let picture {
            picture.frame.pointee.pts = Int64(nextFrame / step)
            picture.frame.pointee.pict_type =
                grid?.isKey(nextFrame) ?? true ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
            nextFrame += step
        }
        try check(avcodec_send_frame(context, picture?.frame), "encode a picture")
        while true {
            let status = avcodec_receive_packet(context, packet.packet)
            if status == weir_averror_again() || status == weir_averror_eof() { return }
            try check(status, "encode a picture")
            let isKey = packet.packet.pointee.flags & AV_PKT_FLAG_KEY != 0
            try body(EncodedFrame(bytes: packet.bytes, presentation: packet.packet.pointee.pts, isKey: isKey))
            av_packet_unref(packet.packet)
        }
    }
}
