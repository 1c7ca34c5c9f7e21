import Catalog
import HTTPServer
import HTTPWire
import JSON
import Jobs
import Publishing
import TestKit
import Testing
import Viewing
import Webhooks

@testable import API

@Suite struct TrashTests {
    @Test func `what is deleted is nowhere, its media under no name, until it is brought back as it was`() async throws
    {
        let bench = try await Bench()
        let id = await bench.upload(title: "A rare film")
        try await bench.arrive(id)
        try await bench.transcode(id, until: .ready)
        let before = try await bench.catalog.read { try $0.video(id: id) }
        let media = try await bench.media(of: id)
        #expect(media.count > 2)

        #expect(await bench.call(.delete, "/videos/\(id)", as: "token-anna").status == .noContent)
        #expect(try await bench.media(of: id) == [])
        #expect(try await bench.orders() == [["purge": ["tags": [.string("video:\(id)")]]]], "the caches were told")
        for account in [nil, "token-ben", "token-anna", "token-admin"] {
            for path in ["", "/events", "/explain", "/conformance", "/downloads"] {
                #expect(await bench.call(.get, "/videos/\(id)\(path)", as: account).code == "video_not_found")
            }
            #expect(await bench.call(.post, "/videos/\(id)/playback", as: account, [:]).code == "video_not_found")
            for query in ["", "?q=rare", "?sort=views", "?channel=sub-anna", "?q=rare&channel=sub-anna"] {
                #expect(await bench.call(.get, "/videos" + query, as: account).json["items"] == [])
            }
        }
        #expect(await bench.call(.patch, "/videos/\(id)", as: "token-anna", ["title": "x"]).status == .notFound)

        let restored = await bench.call(.post, "/videos/\(id)/restore", as: "token-anna", [:])
        #expect(restored.status == .ok && restored.json["status"] == "ready")
        #expect(try await bench.catalog.read { try $0.video(id: id) } == before)
        #expect(try await bench.media(of: id) == media)
        #expect(await bench.call(.get, "/videos?q=rare").json["items"]?.array?.count == 1)
        #expect(await bench.call(.post, "/videos/\(id)/playback", [:]).status == .ok)
        // Bringing back what is there changes nothing.
        #expect(await bench.call(.post, "/videos/\(id)/restore", as: "token-anna", [:]).status == .ok)
    }

    @Test func `owners see their trash page by page, nobody else does`() async throws {
        let bench = try await Bench()
        var ids: [String] = []
        for number in 0..<5 {
            ids.append(await bench.upload(visibility: number == 1 ? "private" : "public", title: "film \(number)"))
            bench.clock.advance(seconds: 1)
            _ = await bench.call(.delete, "/videos/\(ids[number])", as: "token-anna")
        }
        let first = await bench.call(.get, "/me/trash?limit=3", as: "token-anna").json
        #expect(first["items"]?.array?.compactMap { $0["videoId"]?.string } == [ids[4], ids[3], ids[2]])
        #expect(first["items"]?[0]?["deletedAt"]?.string != nil)
        let key = try #require(first["lastEvaluatedKey"]?.string)
        let second = await bench.call(.get, "/me/trash?limit=3&startKey=\(key)", as: "token-anna").json
        #expect(second["items"]?.array?.compactMap { $0["videoId"]?.string } == [ids[1], ids[0]])
        #expect(second["lastEvaluatedKey"] == nil)
        #expect(await bench.call(.get, "/me/trash", as: "token-ben").json["items"] == [])
        for (account, status) in [
            ("token-ben", HTTPStatus.notFound), ("token-viewer", .forbidden), ("token-admin", .ok),
        ] {
            #expect(await bench.call(.post, "/videos/\(ids[0])/restore", as: account, [:]).status == status)
        }
        #expect(await bench.call(.delete, "/videos/\(ids[2])?permanent=true", as: "token-ben").status == .notFound)
        #expect(await bench.call(.delete, "/videos/\(ids[2])?permanent=maybe", as: "token-anna").status == .badRequest)
        #expect(await bench.call(.delete, "/videos/\(ids[2])?permanent=true", as: "token-anna").status == .noContent)
        #expect(await bench.call(.post, "/videos/\(ids[2])/restore", as: "token-anna", [:]).status == .notFound)
        let found = try await bench.catalog.read { [ids] in try $0.video(id: ids[2]) }
        #expect(found == nil)
    }

    @Test func `a job rests in the trash and goes on where it stopped`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        try await bench.transcode(id, until: .planned)
        let pictures = try await bench.lease()
        try await bench.commit(pictures, id, [("360p", 0, 1)])
        _ = await bench.call(.delete, "/videos/\(id)", as: "token-anna")
        #expect(await bench.report(pictures, "heartbeat", [:]).code == "lease_lost")
        bench.clock.advance(seconds: 3_600)
        try await bench.jobs.expireLeases()
        await #expect(throws: Bench.NotAccepted.self) { try await bench.lease() }
        try await bench.publisher.publishDue()
        #expect(try await bench.media(of: id) == [], "nothing is published")

        _ = await bench.call(.post, "/videos/\(id)/restore", as: "token-anna", [:])
        let again = try await bench.lease()
        #expect(again["number"] == pictures["number"])
        #expect(try await bench.catalog.read { try $0.units(jobId: "transcode-\(id)").last?.attempts } == 1)
        try await bench.commit(again, id, [("360p", 0, 2)])
        try await bench.accepted(again, "complete", [:])
        try await bench.publisher.publishDue()
        #expect(await bench.call(.get, "/videos/\(id)").json["playable"] == true)
        #expect(try await bench.media(of: id).contains("media/\(id)/360p/00001.m4s"))
    }

    @Test func `nobody begins while a worker may still be writing`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        _ = try await bench.lease()
        _ = await bench.call(.delete, "/videos/\(id)", as: "token-anna")
        _ = await bench.call(.post, "/videos/\(id)/restore", as: "token-anna", [:])
        await #expect(throws: Bench.NotAccepted.self) { try await bench.lease() }
        bench.clock.advance(seconds: 31)
        _ = try await bench.lease()
    }

    @Test func `an upload that arrives in the trash waits there`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        _ = await bench.call(.delete, "/videos/\(id)", as: "token-anna")
        try await bench.arrive(id)
        await #expect(throws: Bench.NotAccepted.self) { try await bench.lease() }
        _ = await bench.call(.post, "/videos/\(id)/restore", as: "token-anna", [:])
        _ = try await bench.lease()
    }

    @Test func `nobody has an opinion of what is in the trash, and nobody is told of it`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        let path = "/videos/\(id)"
        let comment = await bench.call(.post, path + "/comments", as: "token-ben", ["text": "good"])
        let ping: JSONValue = ["sessionId": "session-1", "positionSeconds": 1, "event": "play"]
        #expect(await bench.call(.post, path + "/views", as: "token-ben", ping).status == .noContent)
        await bench.viewing.finish()
        let webhook = await bench.call(
            .post, "/webhooks", as: "token-anna", ["url": "https://hooks.test/", "events": ["video.failed"]])
        _ = await bench.call(.delete, path, as: "token-anna")
        bench.clock.advance(seconds: 2)
        for account in ["token-ben", "token-anna", "token-admin"] {
            #expect(await bench.call(.put, path + "/like", as: account).code == "video_not_found")
            #expect(await bench.call(.post, path + "/comments", as: account, ["text": "x"]).code == "video_not_found")
            #expect(await bench.call(.post, path + "/views", as: account, ping).code == "video_not_found")
        }
        let commentId = comment.json["commentId"]?.string ?? ""
        #expect(await bench.call(.delete, "/comments/\(commentId)", as: "token-ben").code == "comment_not_found")
        #expect(await bench.call(.get, "/me/history", as: "token-ben").json["items"] == [])
        #expect(await bench.call(.get, "/trending").json["items"] == [])
        #expect(await bench.call(.get, "/channels/sub-anna").code == "channel_not_found")
        try await bench.catalog.write { transaction in
            guard var video = try transaction.video(id: id) else { return }
            _ = video.apply(.failed(VideoFailure(reason: "r", detail: "d")), now: 1)
            try transaction.saveAndTell(video, now: 1)
        }
        let deliveries = "/webhooks/\(webhook.json["webhookId"]?.string ?? "")/deliveries"
        #expect(await bench.call(.get, deliveries, as: "token-anna").json["items"] == [])
    }

    @Test func `the log says who deleted what, and how`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        _ = await bench.call(.delete, "/videos/\(id)", as: "token-anna")
        _ = await bench.call(.delete, "/videos/\(id)", as: "token-anna")
        _ = await bench.call(.post, "/videos/\(id)/restore", as: "token-admin", [:])
        _ = await bench.call(.delete, "/videos/\(id)?permanent=true", as: "token-admin")
        let entries = await bench.call(.get, "/admin/audit", as: "token-admin").json["items"]?.array ?? []
        let said = entries.compactMap { entry in
            entry["action"]?.string.flatMap { $0.hasPrefix("video_") ? "\($0) \(entry["actor"]?.string ?? "")" : nil }
        }
        #expect(
            said == ["video_trashed user:sub-anna", "video_restored user:sub-admin", "video_deleted user:sub-admin"])
    }
}

extension Bench {
    /// Keys of what can be asked for of a video.
    fileprivate func media(of id: String) async throws -> [String] {
        try await catalog.read {
            try $0.objects(bucket: "media", prefix: "media/\(id)/", from: "", limit: 99).map(\.key)
        }
    }
}
