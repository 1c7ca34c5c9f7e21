internal import CFFmpeg

/// A chain of libav filters between one source and one sink.
///
/// Confined to one thread.
final class FilterGraph {
    private var graph: UnsafeMutablePointer<AVFilterGraph>?
    private let source: UnsafeMutablePointer<AVFilterContext>
    private let sink: UnsafeMutablePointer<AVFilterContext>

    /// `buffer` and `sink` are "buffer"/"buffersink" or their sound counterparts; `arguments` describe what goes in.
    init(buffer: String, arguments: String, chain: String, sink sinkName: String) throws(AVFailure) {
        guard let graph = avfilter_graph_alloc() else { throw .outOfMemory("allocate the filters") }
        self.graph = graph
        graph.pointee.nb_threads = 1
        var source: UnsafeMutablePointer<AVFilterContext>?
        var sink: UnsafeMutablePointer<AVFilterContext>?
        var status = avfilter_graph_create_filter(&source, avfilter_get_by_name(buffer), "in", arguments, nil, graph)
        if status >= 0 {
            status = avfilter_graph_create_filter(&sink, avfilter_get_by_name(sinkName), "out", nil, nil, graph)
        }
        guard status >= 0, let source, let sink else {
            avfilter_graph_free(&self.graph)
            throw AVFailure(operation: "set up the filters", code: status)
        }
        self.source = source
        self.sink = sink
        // The chain's loose ends are named from its own point of view: its input is our source's output.
        var inputs = avfilter_inout_alloc()
        var outputs = avfilter_inout_alloc()
        outputs?.pointee.name = av_strdup("in")
        outputs?.pointee.filter_ctx = source
        inputs?.pointee.name = av_strdup("out")
        inputs?.pointee.filter_ctx = sink
        status = avfilter_graph_parse_ptr(graph, chain, &inputs, &outputs, nil)
        avfilter_inout_free(&inputs)
        avfilter_inout_free(&outputs)
        if status >= 0 { status = avfilter_graph_config(graph, nil) }
        try check(status, "connect the filters \(chain)")
    }

    /// For 8-bit 4:2:0 pictures of one size, whose times do not matter.
    convenience init(pictures size: (width: Int, height: Int), chain: String) throws(AVFailure) {
        let arguments =
            "video_size=\(size.width)x\(size.height):pix_fmt=\(AV_PIX_FMT_YUV420P.rawValue)"
            + ":time_base=1/1:pixel_aspect=1/1"
        try self.init(buffer: "buffer", arguments: arguments, chain: chain, sink: "buffersink")
    }

    deinit { avfilter_graph_free(&graph) }

    /// Unit of the times of frames that come out, as numerator and denominator of a second.
    var timeBase: AVRational { av_buffersink_get_time_base(sink) }

    /// Makes sound frames come out with this many samples, the last one excepted.
    func setFrameSize(_ samples: UInt32) { av_buffersink_set_frame_size(sink, samples) }

    /// Filters `picture`, or drains the filters when nil.
    func filter(_ picture: Picture?, _ body: (Picture) throws -> Void) throws {
        let status = av_buffersrc_add_frame_flags(source, picture?.frame, Int32(AV_BUFFERSRC_FLAG_KEEP_REF))
        if status != weir_averror_eof() { try check(status, "filter a frame") }
        while true {
            let result = try Picture()
            let status = av_buffersink_get_frame(sink, result.frame)
            if status == weir_averror_again() || status == weir_averror_eof() { return }
            try check(status, "filter a frame")
            try body(result)
        }
    }
}
