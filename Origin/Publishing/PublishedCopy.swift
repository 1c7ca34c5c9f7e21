internal import Catalog
internal import Jobs
internal import Presentation

/// A publisher's copy of a job's account: what of it is contiguous, for playlists.
struct PublishedCopy: Sendable {
    /// The work it is an account of; later work has another.
    let generation: Int64
    private(set) var presentation: Presentation

    init(generation: Int64, presentation: Presentation) {
        self.generation = generation
        self.presentation = presentation
    }

    /// Reads what the account has gained since; only that.
    mutating func catchUp(_ jobId: String, _ accounts: [RenditionAccount], in reader: any CatalogReader) throws {
        for account in accounts {
            let known = presentation.playable(rendition: account.position).count
            guard known < account.runSegments else { continue }
            let news = try reader.segments(
                jobId: jobId, rendition: account.position, numbers: known + 1...account.runSegments)
            for segment in news { _ = presentation.add(segment) }
        }
    }

    /// Renditions of which something can be named, in the outline's order.
    var begun: [Int] {
        presentation.outline.renditions.indices.filter { !presentation.playable(rendition: $0).isEmpty }
    }

    /// The length of what is stored of the longest rendition, in seconds.
    var storedSeconds: Double {
        Double(begun.map { microseconds(of: $0) }.max() ?? 0) / 1_000_000
    }

    /// The length of what can be named of a rendition, in microseconds.
    func microseconds(of rendition: Int) -> Int64 {
        presentation.playable(rendition: rendition).reduce(0) { $0 + $1.durationMicroseconds }
    }

    /// The sizes of the picture and the sound, as the catalog keeps them.
    func renditions(isFinal: Bool) -> [Rendition] {
        presentation.outline.streams.filter(begun.contains).map { index in
            let figures = presentation.figures(rendition: index, isFinal: isFinal)
            return Rendition(
                name: figures.name, width: figures.width, height: figures.height, frameRate: figures.frameRate,
                codecs: figures.codecs, bandwidth: Int64(figures.bandwidth),
                averageBandwidth: Int64(figures.averageBandwidth), segments: figures.segments,
                bytes: Int64(figures.bytes))
        }
    }
}
