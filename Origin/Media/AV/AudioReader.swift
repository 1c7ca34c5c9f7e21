internal import CFFmpeg
internal import MediaPlan

/// Decodes one sound stream into 48 kHz frames of 1024 samples, stereo or 5.1, on a timeline without holes: late starts and gaps
/// become silence, overlaps are cut, slow drift is stretched away.
///
/// Confined to one thread.
public final class AudioReader {
    /// The decoder and its counts.
    public let decoder: Decoder
    private let layout: String
    private var graph: FilterGraph?
    private var shape: Shape?
    private var nextSample: Int64 = 0

    /// Samples in every frame but the last.
    public static let frameSamples = 1024

    private struct Shape: Equatable {
        let rate: Int32
        let format: Int32
        let layout: String
    }

    /// Reads stream `index`; `origin` is the output's time 0 in microseconds of the file's own clock. `channels` is 2 or 6: front
    /// left and right, centre, low frequencies, back left and right.
    public init(source: MediaSource, streamIndex index: Int, channels: Int = 2, origin: Int64 = 0) throws {
        layout = channels == 6 ? "5.1" : "stereo"
        decoder = try Decoder(source: source, streamIndex: index, maximumPixels: 1, origin: origin)
    }

    /// Decodes `packet`, or what is left when nil; frames come in order and without gaps.
    public func read(_ packet: Packet?, _ body: (Picture) throws -> Void) throws {
        try decoder.decode(packet) { picture, _ in
            try graph(for: picture, body).filter(picture) { try pass($0, body) }
        }
        if packet == nil { try graph?.filter(nil) { try pass($0, body) } }
    }

    private func pass(_ picture: Picture, _ body: (Picture) throws -> Void) throws {
        nextSample += Int64(picture.frame.pointee.nb_samples)
        try body(picture)
    }

    private func graph(for picture: Picture, _ body: (Picture) throws -> Void) throws -> FilterGraph {
        let now = Shape(
            rate: picture.frame.pointee.sample_rate, format: picture.frame.pointee.format,
            layout: Self.layout(of: picture))
        if let graph, shape == now { return graph }
        try graph?.filter(nil) { try pass($0, body) }
        let format = av_get_sample_fmt_name(AVSampleFormat(rawValue: now.format)).map { String(cString: $0) } ?? "none"
        let base = decoder.stream.pointee.time_base
        // Resampling is on from the start (flags=res): swresample would turn it on at the first gap that it stretches
        // away, forget how far it has come, and begin at first_pts again.
        let fresh = try FilterGraph(
            buffer: "abuffer",
            arguments: "time_base=\(base.num)/\(base.den):sample_rate=\(now.rate):sample_fmt=\(format)"
                + ":channel_layout=\(now.layout)",
            chain: "aresample=osr=\(AudioPlan.sampleRate):ochl=\(layout):osf=fltp:async=1000:first_pts=\(nextSample)"
                + ":min_hard_comp=0.05:flags=res",
            sink: "abuffersink")
        fresh.setFrameSize(UInt32(Self.frameSamples))
        graph = fresh
        shape = now
        return fresh
    }

    /// The frame's layout by name; a bare channel count gets the usual layout, since filters want one.
    private static func layout(of picture: Picture) -> String {
        if picture.frame.pointee.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC {
            let channels = picture.frame.pointee.ch_layout.nb_channels
            av_channel_layout_default(&picture.frame.pointee.ch_layout, channels)
        }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress,
                av_channel_layout_describe(&picture.frame.pointee.ch_layout, base, buffer.count) > 0
            else { return "stereo" }
            return String(cString: base)
        }
    }
}
