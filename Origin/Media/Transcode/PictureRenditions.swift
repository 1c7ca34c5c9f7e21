internal import AV
internal import MediaPlan

/// Some sizes of a span of the pictures: scaled, encoded and cut from one decoded stream.
final class PictureRenditions {
    private struct Branch {
        let rung: Int
        let step: Int
        let encoder: VideoEncoder
        var writer: VideoTrackWriter
    }

    /// The size at which `encode` takes pictures.
    let readRung: Int
    private var branches: [Branch] = []
    private let grid: FrameGrid
    private var byProducts: ByProducts?
    /// By size, with the one it scales from; nil for the one that is read, and for sizes nobody wants.
    private var scalers: [(scaler: Scaler, source: Int)?]

    /// Encodes `rungs` (of one ladder, in ascending order) of `video` for the segments of `span`, and the by-products if asked for.
    init(plan: MediaPlan, video: VideoPlan, rungs: [Int], span: PictureSpan, makesByProducts: Bool) throws {
        grid = plan.grid
        let small = makesByProducts ? video.byProducts.rungs : []
        readRung = video.readRung(for: rungs + small)
        scalers = Array(repeating: nil, count: video.sizes.count)
        for index in rungs {
            let coding = video.coding(of: index)
            let encoder = try VideoEncoder(
                rung: video.sizes[index], grid: plan.grid, colour: coding.colour, preset: video.preset,
                parameterSets: coding.parameterSets, firstFrame: span.frames.lowerBound)
            let writer = VideoTrackWriter(
                grid: plan.grid, rung: video.sizes[index],
                reorderFrames: coding.reorderFrames ?? encoder.reorderFrames, span: span.segments,
                frames: plan.frames)
            branches.append(
                Branch(rung: index, step: video.sizes[index].frameStep, encoder: encoder, writer: writer))
            try addScaler(to: index, of: video, among: rungs)
        }
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
            for index in branches.indices where frame.isMultiple(of: branches[index].step) {
                let scaled = try scaled(picture, branches[index].rung, &pictures)
                try branches[index].encoder.encode(scaled) { try add($0, to: index, body) }
            }
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
        for index in branches.indices {
            try branches[index].encoder.encode(nil) { try add($0, to: index, body) }
            try branches[index].writer.finish()
        }
    }

    private func add(
        _ frame: EncodedFrame, to index: Int, _ body: (Int, WrittenSegment) throws -> Void
    ) throws {
        if let segment = try branches[index].writer.add(frame) { try body(branches[index].rung, segment) }
    }

    private func scaled(_ picture: Picture, _ rung: Int, _ pictures: inout [Picture?]) throws -> Picture {
        guard let (scaler, source) = scalers[rung] else { return picture }
        if let done = pictures[rung] { return done }
        let result = try scaler.scale(try scaled(picture, source, &pictures))
        pictures[rung] = result
        return result
    }
}
