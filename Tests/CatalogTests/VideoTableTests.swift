import Catalog
import MediaPlan
import Testing

@Suite struct VideoTableTests {
    @Test func `every field of a video survives`() async throws {
        try await withCatalog { catalog in
            var video = makeVideo("v1", options: VideoOptions(codecs: [.hevc]))
            try await catalog.write { [video] in try $0.insert(video) }
            video.title = "Käse % _ \\"
            video.status = .failed
            video.failure = VideoFailure(reason: "not_a_video", detail: "It is a poem.")
            video.progress = 0.25
            video.playable = true
            video.durationSeconds = 12.5
            video.explain = "{}"
            video.poster = "poster/00001.jpg"
            video.posterSeconds = 4.5
            video.deletedAt = 7
            video.edition = 3
            video.renditions = [
                Rendition(
                    name: "360p", width: 640, height: 360, frameRate: 25, codecs: "avc1.64001e,mp4a.40.2",
                    bandwidth: 900_000, averageBandwidth: 700_000, segments: 3, bytes: 12_345)
            ]
            let stored = try await catalog.write { [video] transaction in
                try transaction.save(video)
                return try transaction.video(id: "v1")
            }
            #expect(stored == video)
            #expect(try await catalog.read { try $0.video(uploadKey: "v1/original") } == video)
        }
    }

    @Test func `an upload key belongs to one video`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { try $0.insert(makeVideo("a", uploadKey: "same")) }
            await #expect(throws: (any Error).self) {
                try await catalog.write { try $0.insert(makeVideo("b", uploadKey: "same")) }
            }
            #expect(try await catalog.read { try $0.video(id: "b") } == nil)
        }
    }

    @Test func `everyone sees public videos that play, owners their own, administrators all`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                try transaction.insert(makeVideo("public-playing", visibility: .public, playable: true))
                try transaction.insert(makeVideo("public-waiting", visibility: .public))
                try transaction.insert(makeVideo("unlisted", visibility: .unlisted, playable: true))
                try transaction.insert(makeVideo("private", owner: "anna", visibility: .private, playable: true))
            }
            #expect(try await ids(catalog, VideoQuery(audience: .everyone)) == ["public-playing"])
            #expect(
                try await ids(catalog, VideoQuery(audience: .account("anna"))) == ["public-playing", "private"])
            #expect(try await ids(catalog, VideoQuery(audience: .administrator)).count == 4)
        }
    }

    @Test(arguments: VideoQuery.Sort.allCases)
    func `pages cover the list once, in order`(_ sort: VideoQuery.Sort) async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                for number in 0..<23 {
                    var video = makeVideo("v\(number)", createdAt: Int64(number / 3))
                    video.views = Int64(number % 4)
                    try transaction.insert(video)
                }
            }
            var query = VideoQuery(audience: .administrator, sort: sort, limit: 5)
            var seen: [Video] = []
            var pages = 0
            repeat {
                let page = try await catalog.read { [query] in try $0.videos(query) }
                seen += page.items
                query.after = page.next
                pages += 1
            } while query.after != nil
            #expect(pages == 5)
            #expect(Set(seen.map(\.id)).count == 23)
            let values = seen.map { sort == .views ? $0.views : $0.createdAt }
            #expect(values == (sort == .oldest ? values.sorted() : values.sorted(by: >)))
        }
    }

    @Test func `deleting a video takes its job and views along`() async throws {
        try await withCatalog { catalog in
            let (deleted, job, again) = try await catalog.write { transaction in
                try transaction.insert(makeVideo("v"))
                try transaction.insert(makeJob("j", video: "v"))
                try transaction.record([makeSession("v", "s", account: "anna")])
                let deleted = try transaction.deleteVideo(id: "v")
                return (deleted, try transaction.job(id: "j"), try transaction.deleteVideo(id: "v"))
            }
            #expect(deleted && job == nil && !again)
        }
    }

    private func ids(_ catalog: SQLiteCatalog, _ query: VideoQuery) async throws -> [String] {
        try await catalog.read { try $0.videos(query).items.map(\.id) }
    }
}
