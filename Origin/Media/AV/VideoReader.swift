internal import CFFmpeg
public import MediaPlan

/// Decodes the picture stream and makes every frame upright, progressive, square-pixelled, 8-bit 4:2:0 BT.709 or BT.601
/// in limited range, at the size of the ladder's top.
///
/// Confined to one thread.
public final class VideoReader {
    /// A finished picture and when it is shown.
    public struct Timed {
        /// The picture.
        public let picture: Picture
        /// Time from the output's time 0 in `unit`s.
        public let time: Int64
        /// Seconds per unit.
        public let unit: Rational
    }

    /// What frames must agree in to pass through the same filters.
    private struct Shape: Equatable {
        let width: Int32
        let height: Int32
        let format: Int32
    }

    /// The decoder and its counts.
    public let decoder: Decoder
    private let plan: VideoPlan
    private let width: Int
    private let height: Int
    private let colourOfSource: ColourChoice
    private var graph: FilterGraph?
    private var shape: Shape?

    /// Colours of everything this reader gives.
    public var colour: EncodedColour { colourOfSource.encoded }

    /// Reads the stream `plan` names; pictures come out `width` by `height`.
    public init(source: MediaSource, plan: VideoPlan, width: Int, height: Int, limits: MediaPlan.Limits) throws {
        decoder = try Decoder(
            source: source, streamIndex: plan.streamIndex, threads: 2, maximumPixels: limits.maximumPixels)
        self.plan = plan
        self.width = width
        self.height = height
        colourOfSource = ColourChoice(decoder: decoder, toneMaps: plan.toneMaps)
    }

    /// Decodes `packet`, or what is left when nil.
    public func read(_ packet: Packet?, _ body: (Timed) throws -> Void) throws {
        try decoder.decode(packet) { picture, _ in
            try graph(for: picture, body).filter(picture) { try body(timed($0)) }
        }
        if packet == nil { try graph?.filter(nil) { try body(timed($0)) } }
    }

    private func timed(_ picture: Picture) throws -> Timed {
        guard let base = graph?.timeBase, let unit = Rational(Int(base.num), Int(base.den)) else {
            throw AVFailure(operation: "time a frame", code: weir_averror_invalid_data())
        }
        return Timed(picture: picture, time: picture.frame.pointee.pts, unit: unit)
    }

    /// A stream may change its size or format on the way; then the old filters are emptied and new ones take over.
    private func graph(for picture: Picture, _ body: (Timed) throws -> Void) throws -> FilterGraph {
        let frame = picture.frame.pointee
        let now = Shape(width: frame.width, height: frame.height, format: frame.format)
        if let graph, shape == now { return graph }
        try graph?.filter(nil) { try body(timed($0)) }
        let base = decoder.stream.pointee.time_base
        let aspect = frame.sample_aspect_ratio
        let fresh = try FilterGraph(
            buffer: "buffer",
            arguments: "video_size=\(frame.width)x\(frame.height):pix_fmt=\(frame.format)"
                + ":time_base=\(base.num)/\(base.den):pixel_aspect=\(max(aspect.num, 0))/\(max(aspect.den, 1))",
            chain: chain, sink: "buffersink")
        graph = fresh
        shape = now
        return fresh
    }

    private var chain: String {
        var filters: [String] = []
        if plan.deinterlaces { filters.append("bwdif=mode=send_field:parity=auto:deint=all") }
        if plan.orientation.transposes { filters.append("transpose=dir=cclock_flip") }
        if plan.orientation.flipsHorizontally { filters.append("hflip") }
        if plan.orientation.flipsVertically { filters.append("vflip") }
        if plan.toneMaps {
            filters += [
                "zscale=w=\(width):h=\(height):f=bicubic:\(colourOfSource.zscaleInput):t=linear:npl=100",
                "format=gbrpf32le", "zscale=p=bt709", "tonemap=tonemap=hable:desat=0", "zscale=t=bt709:m=bt709:r=tv",
            ]
        } else {
            filters.append(
                "scale=w=\(width):h=\(height):flags=bicubic+accurate_rnd:\(colourOfSource.scaleMatrices):out_range=tv")
        }
        filters.append("format=pix_fmts=yuv420p")
        filters.append("setsar=1")
        return filters.joined(separator: ",")
    }
}
