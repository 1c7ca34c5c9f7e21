internal import CFFmpeg
public import MediaPlan

/// Decodes the picture stream and makes every frame upright, progressive, square-pixelled, 8-bit 4:2:0 BT.709 or BT.601
/// in limited range, at the size asked for.
///
/// Frames that are so already pass as they are. Confined to one thread.
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
        let isFullRange: Bool
    }

    /// The decoder and its counts.
    public let decoder: Decoder
    private let plan: VideoPlan
    private let width: Int
    private let height: Int
    private let needed: Int64
    private var graph: FilterGraph?
    private var shape: Shape?

    /// Reads the stream `plan` names; pictures come out `width` by `height`.
    ///
    /// `origin` is the output's time 0 in microseconds of the file's own clock; pictures shown before `needed`, in the
    /// stream's units of that clock, are decoded where others refer to them, and dropped.
    public init(
        source: MediaSource, plan: VideoPlan, width: Int, height: Int, origin: Int64 = 0, needed: Int64 = .min,
        maximumPixels: Int = MediaPlan.Limits().maximumPixels
    ) throws {
        decoder = try Decoder(
            source: source, streamIndex: plan.streamIndex, maximumPixels: maximumPixels,
            origin: origin)
        self.plan = plan
        self.width = width
        self.height = height
        self.needed = needed == .min ? .min : decoder.ticks(needed)
    }

    /// Decodes `packet`, or what is left when nil.
    public func read(_ packet: Packet?, _ body: (Timed) throws -> Void) throws {
        if let packet {
            let time = packet.packet.pointee.pts
            decoder.skipsUnreferenced = time != weir_no_timestamp() && decoder.ticks(time) < needed
        }
        try decoder.decode(packet) { picture, ticks in
            guard ticks >= needed else { return }
            guard let graph = try graph(for: picture, body) else {
                try body(Timed(picture: picture, time: ticks, unit: decoder.unit))
                return
            }
            try graph.filter(picture) { try body(timed($0, graph)) }
        }
        if packet == nil, let graph { try graph.filter(nil) { try body(timed($0, graph)) } }
    }

    private func timed(_ picture: Picture, _ graph: FilterGraph) throws -> Timed {
        guard let unit = Rational(Int(graph.timeBase.num), Int(graph.timeBase.den)) else {
            throw AVFailure(operation: "time a frame", code: weir_averror_invalid_data())
        }
        return Timed(picture: picture, time: picture.frame.pointee.pts, unit: unit)
    }

    /// The filters for `picture`; nil if it needs none. A stream may change its size or format on the way; then the old
    /// filters are emptied and new ones take over.
    private func graph(for picture: Picture, _ body: (Timed) throws -> Void) throws -> FilterGraph? {
        let frame = picture.frame.pointee
        let now = Shape(
            width: frame.width, height: frame.height, format: frame.format,
            isFullRange: frame.color_range == AVCOL_RANGE_JPEG)
        if shape == now { return graph }
        if let graph { try graph.filter(nil) { try body(timed($0, graph)) } }
        shape = now
        graph = nil
        if isFinished(now) { return nil }
        let base = decoder.stream.pointee.time_base
        let aspect = frame.sample_aspect_ratio
        graph = try FilterGraph(
            buffer: "buffer",
            arguments: "video_size=\(frame.width)x\(frame.height):pix_fmt=\(frame.format)"
                + ":time_base=\(base.num)/\(base.den):pixel_aspect=\(max(aspect.num, 0))/\(max(aspect.den, 1))",
            chain: chain, sink: "buffersink")
        return graph
    }

    /// Whether such frames are what comes out already.
    private func isFinished(_ shape: Shape) -> Bool {
        !plan.deinterlaces && plan.orientation == .upright && plan.colour.keepsValues && !shape.isFullRange
            && shape.format == AV_PIX_FMT_YUV420P.rawValue && shape.width == width && shape.height == height
    }

    private var chain: String {
        var filters: [String] = []
        if plan.deinterlaces {
            // Fields are rows, which narrowing leaves alone: so only as many columns are deinterlaced as are wanted.
            if !plan.orientation.transposes, width < plan.sourceWidth {
                filters.append("scale=w=\(width):h=ih:flags=bicubic+accurate_rnd")
            }
            filters.append("bwdif=mode=send_field:parity=auto:deint=all")
        }
        if plan.orientation.transposes { filters.append("transpose=dir=cclock_flip") }
        if plan.orientation.flipsHorizontally { filters.append("hflip") }
        if plan.orientation.flipsVertically { filters.append("vflip") }
        if plan.toneMaps {
            filters += [
                "zscale=w=\(width):h=\(height):f=bicubic:\(plan.colour.zscaleInput):t=linear:npl=100",
                "format=gbrpf32le", "zscale=p=bt709", "tonemap=tonemap=hable:desat=0", "zscale=t=bt709:m=bt709:r=tv",
            ]
        } else {
            filters.append(
                "scale=w=\(width):h=\(height):flags=bicubic+accurate_rnd:\(plan.colour.scaleMatrices):out_range=tv")
        }
        filters.append("format=pix_fmts=yuv420p")
        filters.append("setsar=1")
        return filters.joined(separator: ",")
    }
}
