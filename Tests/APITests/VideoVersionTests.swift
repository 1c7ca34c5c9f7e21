import Catalog
import HTTPServer
import HTTPWire
import JSON
import Testing

@testable import API

@Suite struct VideoVersionTests {
    @Test func `a video that is known is not sent again, and is again after any change`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        let first = await bench.call(.get, "/videos/\(id)")
        let tag = try #require(first.headers.first("ETag"))
        #expect(first.headers.first("Cache-Control") == "private, no-cache")
        #expect(tag.hasPrefix("\"1-"))
        func again(_ account: String? = nil) async -> Response {
            await bench.call(.get, "/videos/\(id)", as: account, fields: [("If-None-Match", "\"x\", \(tag)")])
        }
        let known = await again()
        #expect(known.status == .notModified && known.headers.first("ETag") == tag)
        let view: JSONValue = ["sessionId": "session-1", "positionSeconds": 0]
        #expect(await bench.call(.post, "/videos/\(id)/views", view).status == .noContent)
        #expect(await bench.call(.put, "/videos/\(id)/like", as: "token-ben", [:]).status.code < 300)
        #expect(await again().status == .ok, "it is liked now")
    }

    @Test func `who may see more has another tag`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.catalog.write { transaction in
            var video = try #require(try transaction.video(id: id))
            video.status = .failed
            video.failure = VideoFailure(reason: "No.", detail: "exit status 7")
            try transaction.save(video)
        }
        let stranger = await bench.call(.get, "/videos/\(id)", as: "token-bob").headers.first("ETag")
        let owner = await bench.call(.get, "/videos/\(id)", as: "token-anna").headers.first("ETag")
        #expect(stranger != nil && owner != nil && stranger != owner)
    }

    @Test func `an edit of what somebody has changed meanwhile is refused, and says what is there now`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        let read = try #require(
            await bench.call(.get, "/videos/\(id)", as: "token-anna").headers.first("ETag"))
        func rename(_ title: String, _ tag: String) async -> Response {
            await bench.call(
                .patch, "/videos/\(id)", as: "token-anna", ["title": .string(title)], fields: [("If-Match", tag)])
        }
        let mine = await rename("Mine", read)
        let now = try #require(mine.headers.first("ETag"))
        #expect(mine.status == .ok && now != read)
        let late = await rename("Late", read)
        #expect((late.status, late.code) == (412, "edited_meanwhile"))
        #expect(late.headers.first("ETag") == now && late.json["etag"]?.string == now)
        #expect(await bench.call(.get, "/videos/\(id)", as: "token-anna").json["title"] == "Mine")
        // What a worker does to it meanwhile is no edit.
        try await bench.arrive(id)
        #expect(await rename("Again", now).status == .ok)
        #expect(await rename("Whatever it is", "*").status == .ok)
        for tag in ["W/\"4-0\"", "4", "\"\"", "\"44-0\"", "\"-4\"", "\"3-0\", \"5-0\""] {
            #expect(await rename("Never", tag).status == 412, "\(tag)")
        }
        #expect(await rename("One of them", "\"3-0\", \"4-0\"").status == .ok)
    }

    @Test func `somebody else hears nothing of the edition`() async throws {
        let bench = try await Bench()
        let id = await bench.upload(visibility: "private")
        let answer = await bench.call(
            .patch, "/videos/\(id)", as: "token-bob", ["title": "x"], fields: [("If-Match", "\"9-0\"")])
        #expect(answer.status == .notFound && answer.headers.first("ETag") == nil)
        #expect(
            await bench.call(.get, "/videos/\(id)", as: "token-bob", fields: [("If-None-Match", "*")]).status
                == .notFound)
    }

    @Test func `what becomes private opens nothing new at once`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        #expect(await bench.call(.post, "/videos/\(id)/playback", [:]).status == .ok)
        _ = await bench.call(.patch, "/videos/\(id)", as: "token-anna", ["visibility": "private"])
        #expect(await bench.call(.post, "/videos/\(id)/playback", [:]).status == .notFound)
        #expect(await bench.call(.get, "/videos").json["items"]?.array?.count == 0)
        #expect(await bench.call(.get, "/videos?q=film").json["items"]?.array?.count == 0)
        #expect(await bench.call(.get, "/videos?q=film", as: "token-anna").json["items"]?.array?.count == 1)
    }
}
