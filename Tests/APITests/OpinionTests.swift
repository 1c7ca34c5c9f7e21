import Catalog
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing
import Viewing

@testable import API

@Suite struct OpinionTests {
    @Test func `a like counts once an account, and shows only to whoever gave it`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        for account in ["token-ben", "token-ben", "token-cleo"] {
            #expect(await bench.call(.put, "/videos/\(id)/like", as: account).status == .noContent)
        }
        #expect(await bench.call(.get, "/videos/\(id)").json["likes"] == 2)
        #expect(await bench.call(.get, "/videos/\(id)").json["liked"] == nil)
        #expect(await bench.call(.get, "/videos/\(id)", as: "token-ben").json["liked"] == true)
        #expect(await bench.call(.get, "/videos/\(id)", as: "token-anna").json["liked"] == false)
        for _ in 0..<2 {
            #expect(await bench.call(.delete, "/videos/\(id)/like", as: "token-ben").status == .noContent)
        }
        #expect(await bench.call(.get, "/videos/\(id)", as: "token-ben").json["liked"] == false)
        #expect(await bench.call(.get, "/videos/\(id)").json["likes"] == 1)
        #expect(await bench.call(.put, "/videos/\(id)/like").code == "unauthenticated")
    }

    @Test func `a private video is not there for strangers, whatever they think of it`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing(visibility: "private")
        let comment = await bench.call(.post, "/videos/\(id)/comments", as: "token-anna", ["text": "mine"]).json
        let commentId = try #require(comment["commentId"]?.string)
        for (method, path, body) in [
            (.put, "/videos/\(id)/like", nil), (.delete, "/videos/\(id)/like", nil),
            (.get, "/videos/\(id)/comments", nil), (.post, "/videos/\(id)/comments", ["text": "x"]),
            (.put, "/videos/\(id)/comment-rule", ["rule": "closed"]),
        ] as [(HTTPMethod, String, JSONValue?)] {
            let stranger = await bench.call(method, path, as: "token-ben", body)
            #expect((stranger.status, stranger.code) == (404, "video_not_found"), "\(method) \(path)")
        }
        for (method, body) in [(.patch, ["text": "x"]), (.delete, nil)] as [(HTTPMethod, JSONValue?)] {
            #expect(
                await bench.call(method, "/comments/\(commentId)", as: "token-ben", body).code == "comment_not_found")
        }
        #expect(await bench.call(.get, "/channels/sub-anna").code == "channel_not_found")
        #expect(await bench.call(.put, "/channels/sub-anna/subscription", as: "token-ben").code == "channel_not_found")
    }

    @Test func `a channel shows what everybody sees, and who follows it has a feed of it`() async throws {
        let bench = try await Bench()
        _ = try await bench.playing(title: "old")
        bench.clock.advance(seconds: 1)
        _ = try await bench.playing(title: "new")
        _ = try await bench.playing(visibility: "private", title: "secret")
        for _ in 0..<2 {
            #expect(await bench.call(.put, "/channels/sub-anna/subscription", as: "token-ben").status == .noContent)
        }
        let channel: JSONValue = ["userId": "sub-anna", "name": "anna", "videos": 2, "subscribers": 1]
        #expect(await bench.call(.get, "/channels/sub-anna").json == channel)
        #expect(await bench.call(.get, "/channels/sub-anna", as: "token-ben").json["subscribed"] == true)
        #expect(await bench.call(.get, "/channels/sub-ben").code == "channel_not_found")
        #expect(await bench.call(.put, "/channels/sub-anna/subscription", as: "token-anna").code == "own_channel")
        let followed = await bench.call(.get, "/me/subscriptions", as: "token-ben").json["items"]?.array
        #expect(followed?.compactMap { $0["userId"]?.string } == ["sub-anna"])
        #expect(followed?.first?["subscribedAt"] != nil)
        let first = await bench.call(.get, "/me/feed?limit=1", as: "token-ben").json
        #expect(first["items"]?.array?.compactMap { $0["title"]?.string } == ["new"])
        let key = try #require(first["lastEvaluatedKey"]?.string)
        let second = await bench.call(.get, "/me/feed?limit=1&startKey=\(key)", as: "token-ben").json
        #expect(second["items"]?.array?.compactMap { $0["title"]?.string } == ["old"])
        #expect(second["lastEvaluatedKey"] == nil)
        #expect(await bench.call(.delete, "/channels/sub-anna/subscription", as: "token-ben").status == .noContent)
        #expect(await bench.call(.get, "/me/feed", as: "token-ben").json["items"] == [])
        #expect(await bench.call(.get, "/channels/sub-anna").json["subscribers"] == 0)
    }

    @Test func `what is trending is the same for everybody, and may be kept for five seconds`() async throws {
        let bench = try await Bench()
        var ids: [String] = []
        for number in 0..<3 { ids.append(try await bench.playing(visibility: number == 2 ? "unlisted" : "public")) }
        for (id, count) in zip(ids, [1, 3, 9]) {
            for number in 0..<count {
                _ = await bench.call(
                    .post, "/videos/\(id)/views", ["sessionId": "session-\(number)", "positionSeconds": 0])
            }
        }
        await bench.viewing.finish()
        let fields = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.test")]
        let answer = await bench.call(.get, "/trending", as: "token-anna", fields: fields)
        #expect(answer.headers.first("Cache-Control") == "public, max-age=5")
        #expect(answer.json["items"]?.array?.compactMap { $0["videoId"]?.string } == [ids[1], ids[0]])
        #expect(answer.json == (await bench.call(.get, "/trending").json))
        #expect(await bench.call(.get, "/trending?limit=51").code == "invalid_request")
    }

    @Test(arguments: [("anna@example.com", "anna"), ("anna", "anna"), ("@x", "?")])
    func `strangers are not told mail addresses`(_ name: String, _ shown: String) {
        #expect(PublicName.of(name) == shown)
    }
}
