internal import CFFmpeg
public import CMAF
public import MediaPlan

/// A coded frame as it leaves the encoder, in decoding order.
public struct EncodedFrame: Sendable {
    /// Annex B for H.264 and H.265, units of a moment for AV1, raw AAC for sound.
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
/// after the other, which comes to the same, and SVT-AV1 threads for each of its steps. Used by one thread at a time, which
/// need not always be the same.
public final class VideoEncoder {
    private let settings: EncoderSettings
    /// nil until it is needed.
    private var context: EncoderContext?
    private let packet: Packet
    /// Decides which frames decoding can begin with; nil where that is every one.
    private let grid: FrameGrid?
    private var nextFrame: Int
    /// The frame with which the context began.
    private var firstFrame: Int
    /// Frames by which presentation follows decoding at most.
    public let reorderFrames: Int
    /// The stream's header; nil where it takes a trial.
    private let header: VideoConfiguration?

    /// Opens an encoder for `rung` on `grid`, whose first frame is output frame `firstFrame`, the first of a segment.
    ///
    /// `parameterSets` numbers its parameter sets, up to 31, where others are in the same header.
    public convenience init(
        rung: Rung, grid: FrameGrid, colour: EncodedColour, preset: String, parameterSets: Int = 0, firstFrame: Int = 0
    ) throws {
        let rate = AVRational(num: Int32(grid.rate.numerator), den: Int32(grid.rate.denominator * rung.frameStep))
        let settings = EncoderSettings(
            rung: rung, rate: rate, framesPerGroup: grid.framesPerGroup / rung.frameStep, colour: colour,
            preset: preset, parameterSets: parameterSets)
        try self.init(settings, grid: grid, firstFrame: firstFrame)
    }

    /// Opens an encoder of keyframes alone, one a second, which come out as soon as they go in.
    public convenience init(keyframesOf rung: Rung, colour: EncodedColour, preset: String) throws {
        let settings = EncoderSettings(
            rung: rung, rate: AVRational(num: 1, den: 1), framesPerGroup: 1, colour: colour, preset: preset,
            parameterSets: 0)
        try self.init(settings, grid: nil, firstFrame: 0)
    }

    private init(_ settings: EncoderSettings, grid: FrameGrid?, firstFrame: Int) throws {
        self.settings = settings
        self.grid = grid
        self.firstFrame = firstFrame
        nextFrame = firstFrame
        packet = try Packet()
        switch settings.rung.codec {
        case .h264:
            let context = try EncoderContext(settings)
            guard let sets = AVCConfiguration(annexB: context.header) else { throw settings.noHeader }
            header = .avc(sets)
            reorderFrames = Int(context.pointer.pointee.has_b_frames)
            self.context = context
        case .hevc:
            let context = try EncoderContext(settings)
            guard let sets = HEVCConfiguration(annexB: context.header) else { throw settings.noHeader }
            header = .hevc(sets)
            // libav says nothing of it for this library.
            reorderFrames = sets.reorderFrames
            self.context = context
        case .av1:
            header = nil
            // Frames that are shown later come in one unit with the one that is shown before.
            reorderFrames = 0
        }
    }

    /// The stream's header. SVT-AV1 takes a fifth of a second and more for it: what it says before it has encoded a picture
    /// is not what its stream says.
    public func configuration() throws -> VideoConfiguration {
        if let header { return header }
        guard let configuration = AV1Configuration(header: try settings.trial()) else { throw settings.noHeader }
        return .av1(configuration)
    }

    private func opened() throws -> EncoderContext {
        if let context { return context }
        let new = try EncoderContext(settings)
        context = new
        return new
    }

    /// Encodes the next frame of the rung, or what is left when nil, and hands over coded frames in decoding order; their
    /// numbers count the rung's frames from the beginning of the film.
    public func encode(_ picture: Picture?, _ body: (EncodedFrame) throws -> Void) throws {
        guard let picture else { return try send(nil, body) }
        let step = settings.rung.frameStep
        let isKey = grid?.isKey(nextFrame) ?? true
        if isKey { try beginGroup(body) }
        // The number is this encoder's alone; others may have the same picture at the same time.
        let numbered = try picture.shared()
        numbered.frame.pointee.pts = Int64(nextFrame / step)
        numbered.frame.pointee.pict_type = isKey ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
        nextFrame += step
        try send(numbered.frame, body)
    }

    /// A library that counts the frames to the next group begins anew where its count is not the grid's.
    private func beginGroup(_ body: (EncodedFrame) throws -> Void) throws {
        let isInStep = (nextFrame - firstFrame).isMultiple(of: grid?.framesPerGroup ?? 1)
        guard !settings.library.obeysKeys, !isInStep else { return }
        try send(nil, body)
        context = nil
        firstFrame = nextFrame
    }

    private func send(_ frame: UnsafeMutablePointer<AVFrame>?, _ body: (EncodedFrame) throws -> Void) throws {
        let context = try opened()
        try check(avcodec_send_frame(context.pointer, frame), "encode a picture")
        while true {
            let status = avcodec_receive_packet(context.pointer, packet.packet)
            if status == weir_averror_again() || status == weir_averror_eof() { return }
            try check(status, "encode a picture")
            let isKey = packet.packet.pointee.flags & AV_PKT_FLAG_KEY != 0
            try body(EncodedFrame(bytes: packet.bytes, presentation: packet.packet.pointee.pts, isKey: isKey))
            av_packet_unref(packet.packet)
        }
    }
}
