import Catalog

/// A library: three quarters public and playing, the rest private or waiting, of a thousand owners.
struct Population {
    static let owner = "5f0c2f4e-0000-4000-8000-000000000007"

    var dice = Dice()
    let vocabulary: Vocabulary

    init() { vocabulary = Vocabulary(count: 30_000, &dice) }

    mutating func video(_ number: Int) -> Video {
        let id = String((0..<20).map { _ in "abcdefghijkmnpqrstuvwxyz23456789".randomElement(using: &dice) ?? "a" })
        let ending = String(Int.random(in: 0..<1_000, using: &dice))
        var video = Video(
            id: id, ownerId: Self.owner.dropLast(ending.count) + ending, ownerName: "Somebody",
            title: vocabulary.text(of: 6, &dice), description: vocabulary.text(of: 25, &dice), fileName: "film.mp4",
            contentType: "video/mp4", uploadKey: "\(id)/original", declaredSize: 1 << 30,
            visibility: Int.random(in: 0..<4, using: &dice) == 0 ? .private : .public,
            createdAt: 1_700_000_000_000 + Int64(number) * 60_000)
        video.status = .ready
        video.progress = 1
        video.playable = true
        video.durationSeconds = 600
        video.explain = "{\"ladder\":\"\(String(repeating: "x", count: 1_000))\"}"
        video.poster = "poster/00001.jpg"
        // Few are watched often, most hardly at all.
        let (luck, merit) = (Double.random(in: 0.000_1..<1, using: &dice), Double.random(in: 0.000_1..<1, using: &dice))
        video.views = Int64(1 / (luck * merit))
        video.renditions = [(640, 360), (1_280, 720), (1_920, 1_080)].map { width, height in
            Rendition(
                name: "\(height)p", width: width, height: height, frameRate: 25, codecs: "avc1.64001e,mp4a.40.2",
                bandwidth: 900_000, averageBandwidth: 700_000, segments: 100, bytes: 12_345_678)
        }
        return video
    }

    /// Fills the catalog in transactions of two thousand; returns the words of its titles.
    static func fill(_ catalog: SQLiteCatalog, _ count: Int) async throws -> [String] {
        var population = Population()
        for start in stride(from: 0, to: count, by: 2_000) {
            let videos = (start..<min(count, start + 2_000)).map { population.video($0) }
            try await catalog.write { transaction in
                for video in videos { try transaction.insert(video) }
            }
        }
        return population.vocabulary.words
    }
}
