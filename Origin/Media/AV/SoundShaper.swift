internal import CFFmpeg
internal import MediaPlan

/// Makes one stream's decoded sound into 48 kHz frames of 1024 samples, stereo or 5.1, on a timeline without holes: late starts and
/// gaps become silence, overlaps are cut, slow drift is stretched away.
final class SoundShaper {
    private let layout: String
    private let timeBase: AVRational
    private var graph: FilterGraph?
    private var shape: Shape?
    private var nextSample: Int64 = 0

    private struct Shape: Equatable {
        let rate: Int32
        let format: Int32
        let layout: String
    }

    /// For sound whose times are in units of `timeBase`; `channels` is 2 or 6.
    init(channels: Int, timeBase: AVRational) {
        layout = channels == 6 ? "5.1" : "stereo"
        self.timeBase = timeBase
    }

    /// Takes the next decoded frame, or nil at the end; whole frames come in order and without gaps.
    func take(_ picture: Picture?, _ body: (Picture) throws -> Void) throws {
        if let picture {
            try graph(for: picture, body).filter(picture) { try pass($0, body) }
        } else {
            try graph?.filter(nil) { try pass($0, body) }
        }
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
        // Resampling is on from the start (flags=res): swresample would turn it on at the first gap that it stretches
        // away, forget how far it has come, and begin at first_pts again.
        let fresh = try FilterGraph(
            buffer: "abuffer",
            arguments: "time_base=\(timeBase.num)/\(timeBase.den):sample_rate=\(now.rate):sample_fmt=\(format)"
                + ":channel_layout=\(now.layout)",
            chain: "aresample=osr=\(AudioPlan.sampleRate):ochl=\(layout):osf=fltp:async=1000:first_pts=\(nextSample)"
                + ":min_hard_comp=0.05:flags=res",
            sink: "abuffersink")
        fresh.setFrameSize(UInt32(AudioReader.frameSamples))
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
