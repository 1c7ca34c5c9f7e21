internal import AV
internal import MediaPlan

/// Some sizes of a span of the pictures: scaled, encoded and cut from one decoded stream.
///
/// Scaling and the by-products are the caller's thread's; sizes are encoded by a crew of several, each of them in order.
final class PictureRenditions {
    /// The size at which `encode` takes pictures.
    let readRung: Int
    private let rungs: [Int]
    private let steps: [Int]
    private let crew: LaneCrew<Picture?, (rung: Int, segment: WrittenSegment)>
    private let grid: FrameGrid
    private var byProducts: ByProducts?
    /// By size, with the one it scales from; nil for the one that is read, and for sizes nobody wants.
    private var scalers: [(scaler: Scaler, source: Int)?]

    /// Encodes `rungs` (of one ladder, in ascending order) of `video` for the segments of `span` with `threads` threads, the
    /// caller's among them, and the by-products if asked for.
    init(
        plan: MediaPlan, video: VideoPlan, rungs: [Int], span: PictureSpan, makesByProducts: Bool, threads: Int
    ) throws {
        grid = plan.grid
        self.rungs = rungs
        steps = rungs.map { video.sizes[$0].frameStep }
        let small = makesByProducts ? video.byProducts.rungs : []
        readRung = video.readRung(for: rungs + small)
        scalers = Array(repeating: nil, count: video.sizes.count)
        let sizes = try rungs.map { index in
            let coding = video.coding(of: index)
            let encoder = try VideoEncoder(
                rung: video.sizes[index], grid: plan.grid, colour: coding.colour, preset: video.preset,
                parameterSets: coding.parameterSets, firstFrame: span.frames.lowerBound)
            let writer = VideoTrackWriter(
                grid: plan.grid, rung: video.sizes[index],
                reorderFrames: coding.reorderFrames ?? encoder.reorderFrames, span: span.segments,
                frames: plan.frames)
            return EncodedSize(rung: index, encoder: encoder, writer: writer)
        }
        crew = try LaneCrew(lanes: sizes.map { size in { try size.encode($0) } }, threads: threads)
        for index in rungs { try addScaler(to: index, of: video, among: rungs) }
        guard makesByProducts else { return }
        byProducts = try ByProducts(plan: plan, video: video, first: span.segments.lowerBound)
        for index in small { try addScaler(to: index, of: video, among: rungs) }
    }

    private func addScaler(to index: Int, of video: VideoPlan, among rungs: [Int]) throws {
        guard scalers[index] == nil, let source = video.source(ofRung: index, among: rungs, read: readRung) else {
            return
        }
        let (large, small) = (video.sizes[source], video.sizes[index])
        scalers[index] = (try Scaler(from: (large.width, large.height), to: (small.width, small.height)), source)
    }

    /// Encodes `picture` (at the size of `readRung`) as output frames `outputs` in every size.
    func encode(
        _ picture: Picture, as outputs: Range<Int>, _ body: (Int, WrittenSegment) throws -> Void
    ) throws {
        var pictures = [Picture?](repeating: nil, count: scalers.count)
        try byProducts?.see(outputs.lowerBound) { try scaled(picture, $0, &pictures) }
        for frame in outputs {
            let due = rungs.indices.filter { frame.isMultiple(of: steps[$0]) }
            let items = try due.map { (lane: $0, item: try scaled(picture, rungs[$0], &pictures) as Picture?) }
            for made in try crew.put(items) { try body(made.rung, made.segment) }
            if let byProducts, grid.isSample(frame) {
                try byProducts.add(frame, { try scaled(picture, $0, &pictures) }, body)
            }
        }
    }

    /// Looks at the picture that comes behind all that is encoded, shown from `frame` on: a scene may begin with it.
    func look(ahead picture: Picture, at frame: Int) throws {
        var pictures = [Picture?](repeating: nil, count: scalers.count)
        try byProducts?.see(frame) { try scaled(picture, $0, &pictures) }
    }

    /// Frames with which scenes begin, as far as by-products are made.
    var sceneCuts: [Int] { byProducts?.sceneCuts ?? [] }

    /// Empties the encoders.
    func finish(_ body: (Int, WrittenSegment) throws -> Void) throws {
        let last = try crew.put(rungs.indices.map { (lane: $0, item: nil) })
        for made in try last + crew.finish() { try body(made.rung, made.segment) }
    }

    private func scaled(_ picture: Picture, _ rung: Int, _ pictures: inout [Picture?]) throws -> Picture {
        guard let (scaler, source) = scalers[rung] else { return picture }
        if let done = pictures[rung] { return done }
        let result = try scaler.scale(try scaled(picture, source, &pictures))
        pictures[rung] = result
        return result
    }
}

/// One size: its encoder and what gathers its segments. Touched by one thread at a time.
private final class EncodedSize {
    private let rung: Int
    private let encoder: VideoEncoder
    private var writer: VideoTrackWriter

    init(rung: Int, encoder: VideoEncoder, writer: VideoTrackWriter) {
        self.rung = rung
        self.encoder = encoder
        self.writer = writer
    }

    /// Encodes the next picture, or all that is left when nil; returns the segments that are complete.
    func encode(_ picture: Picture?) throws -> [(rung: Int, segment: WrittenSegment)] {
        var segments: [WrittenSegment] = []
        try encoder.encode(picture) { frame in
            if let segment = try writer.add(frame) { segments.append(segment) }
        }
        if picture == nil { try writer.finish() }
        return segments.map { (rung, $0) }
    }
}
