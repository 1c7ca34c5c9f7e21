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

    /// The renditions as the catalog keeps them.
    func renditions(isFinal: Bool) -> [Rendition] {
        begun.map { index in
            let outline = presentation.outline.renditions[index]
            let rates = presentation.bandwidth(rendition: index, isFinal: isFinal)
            var size = (width: 0, height: 0, rate: 0)
            if case .video(let width, let height, let rate) = outline.content { size = (width, height, rate) }
            return Rendition(
                name: outline.name, width: size.width, height: size.height, frameRate: Double(size.rate) / 1_000,
                codecs: outline.codec, bandwidth: Int64(rates.peak), averageBandwidth: Int64(rates.average),
                segments: presentation.playable(rendition: index).count,
                bytes: Int64(presentation.bytes(rendition: index)))
        }
    }
}
