import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import API

@Suite struct CommentTests {
    private func say(_ bench: Bench, _ id: String, _ text: String, as account: String, answering parent: String? = nil)
        async -> Response
    {
        var body: JSONObject = ["text": .string(text)]
        if let parent { body["parentId"] = .string(parent) }
        return await bench.call(.post, "/videos/\(id)/comments", as: account, .object(body))
    }

    private func texts(_ bench: Bench, _ id: String, _ query: String = "", as account: String? = nil) async -> [String]
    {
        await bench.call(.get, "/videos/\(id)/comments\(query)", as: account).json["items"]?.array?.compactMap {
            $0["text"]?.string
        } ?? []
    }

    @Test func `comments are listed newest first, with answers to each`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        var ids: [String] = []
        for number in 0..<3 {
            let made = await say(bench, id, " comment \(number)\nsecond line ", as: "token-ben")
            #expect(made.status == .created && made.json["state"] == "visible" && made.json["authorName"] == "ben")
            ids.append(try #require(made.json["commentId"]?.string))
            bench.clock.advance(seconds: 1)
        }
        let answer = await say(bench, id, "an answer", as: "token-cleo", answering: ids[1])
        #expect(answer.json["parentId"]?.string == ids[1])
        let answerId = try #require(answer.json["commentId"]?.string)
        let first = await bench.call(.get, "/videos/\(id)/comments?limit=2").json
        #expect(first["items"]?.array?.compactMap { $0["commentId"]?.string } == [ids[2], ids[1]])
        #expect(first["items"]?.array?.compactMap { $0["answers"]?.integer } == [0, 1])
        let key = try #require(first["lastEvaluatedKey"]?.string)
        #expect(await texts(bench, id, "?limit=2&startKey=\(key)") == ["comment 0\nsecond line"])
        #expect(await texts(bench, id, "?parent=\(ids[1])") == ["an answer"])
        let other = try await bench.playing()
        for (video, parent) in [(id, answerId), (other, ids[0]), (id, "none")] {
            #expect(await say(bench, video, "x", as: "token-ben", answering: parent).code == "unprocessable")
        }
        #expect(await bench.call(.delete, "/comments/\(ids[1])", as: "token-ben").status == .noContent)
        #expect(await texts(bench, id, "?parent=\(ids[1])") == [])
    }

    @Test func `text is plain and of a certain length`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        #expect(await say(bench, id, "  \n", as: "token-ben").status == .unprocessableContent)
        for wrong in ["", "a\u{0}b", "a\u{1b}[0m", "a\u{85}", String(repeating: "x", count: 10_001)] {
            #expect(await say(bench, id, wrong, as: "token-ben").code == "invalid_request")
        }
        #expect(await bench.call(.post, "/videos/\(id)/comments", as: "token-ben", [:]).code == "invalid_request")
        let markup = "<script>alert(1)</script>\tand \"quotes\""
        #expect(
            await say(bench, id, markup, as: "token-ben").json["text"]?.string == markup,
            "kept as it is, never shown as markup")
        #expect(await say(bench, id, String(repeating: "ö", count: 10_000), as: "token-ben").status == .created)
    }

    @Test func `an account writes ten comments a minute, taken back or not in view`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        for number in 0..<10 { #expect(await say(bench, id, "\(number)", as: "token-ben").status == .created) }
        let refused = await say(bench, id, "11", as: "token-ben")
        #expect((refused.status, refused.code) == (429, "too_many_comments"))
        #expect(refused.headers.first("Retry-After") == "60")
        #expect(await say(bench, id, "mine", as: "token-cleo").status == .created)
        bench.clock.advance(seconds: 60)
        #expect(await say(bench, id, "11", as: "token-ben").status == .created)
    }

    @Test func `moderated comments wait for the owner, and are seen by their author meanwhile`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        let rule: JSONValue = ["rule": "moderated"]
        #expect(await bench.call(.put, "/videos/\(id)/comment-rule", as: "token-ben", rule).code == "forbidden")
        #expect(await bench.call(.get, "/videos/\(id)", as: "token-anna").json["comments"] == "open")
        #expect(await bench.call(.put, "/videos/\(id)/comment-rule", as: "token-anna", rule).status == .noContent)
        for reader in ["token-anna", "token-admin"] {
            #expect(await bench.call(.get, "/videos/\(id)", as: reader).json["comments"] == "moderated")
        }
        for reader in ["token-ben", nil] {
            #expect(await bench.call(.get, "/videos/\(id)", as: reader).json["comments"] == nil)
        }
        let made = await say(bench, id, "first", as: "token-ben").json
        #expect(made["state"] == "pending")
        #expect(await say(bench, id, "the owner's", as: "token-anna").json["state"] == "visible")
        let commentId = try #require(made["commentId"]?.string)
        #expect(await texts(bench, id, as: "token-cleo") == ["the owner's"])
        #expect(Set(await texts(bench, id, as: "token-ben")) == ["first", "the owner's"])
        #expect(await texts(bench, id, "?state=pending", as: "token-cleo") == [])
        #expect(await texts(bench, id, "?state=pending", as: "token-anna") == ["first"])
        let path = "/comments/\(commentId)"
        #expect(await bench.call(.patch, path, as: "token-cleo", ["state": "visible"]).code == "comment_not_found")
        #expect(await bench.call(.patch, path, as: "token-ben", ["state": "visible"]).code == "forbidden")
        #expect(await bench.call(.patch, path, as: "token-anna", ["state": "visible"]).json["state"] == "visible")
        #expect(await texts(bench, id).contains("first"))
        #expect(await bench.call(.patch, path, as: "token-anna", ["text": "other words"]).code == "forbidden")
        let edited = await bench.call(.patch, path, as: "token-ben", ["text": "worse"]).json
        #expect(
            edited["state"] == "pending" && edited["editedAt"] != nil, "what was approved is not what stands there now")
        #expect(await bench.call(.patch, path, as: "token-admin", ["state": "hidden"]).json["state"] == "hidden")
        #expect(await bench.call(.patch, path, as: "token-ben", ["text": "again"]).json["state"] == "hidden")
        #expect(await texts(bench, id) == ["the owner's"])
    }

    @Test func `a closed video takes no comments and keeps those it has`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        _ = await say(bench, id, "early", as: "token-ben")
        _ = await bench.call(.put, "/videos/\(id)/comment-rule", as: "token-anna", ["rule": "closed"])
        #expect(await say(bench, id, "late", as: "token-ben").code == "comments_closed")
        #expect(await texts(bench, id) == ["early"])
        for wrong in [["rule": "sometimes"], [:]] as [JSONValue] {
            let answer = await bench.call(.put, "/videos/\(id)/comment-rule", as: "token-anna", wrong)
            #expect(answer.code == "invalid_request")
        }
    }

    @Test func `what is done to somebody's comment by somebody else is on record`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        var ids: [String] = []
        for number in 0..<3 {
            ids.append(await say(bench, id, "\(number)", as: "token-ben").json["commentId"]?.string ?? "")
        }
        #expect(await bench.call(.delete, "/comments/\(ids[0])", as: "token-cleo").code == "forbidden")
        #expect(await bench.call(.delete, "/comments/\(ids[0])", as: "token-ben").status == .noContent)
        #expect(await bench.call(.delete, "/comments/\(ids[1])", as: "token-anna").status == .noContent)
        _ = await bench.call(.patch, "/comments/\(ids[2])", as: "token-admin", ["state": "hidden"])
        let log = await bench.call(.get, "/admin/audit", as: "token-admin").json["items"]?.array ?? []
        let told = log.map {
            "\($0["action"]?.string ?? "") \($0["actor"]?.string ?? "") \($0["subject"]?.string ?? "")"
        }
        .filter { $0.hasPrefix("comment_") }
        #expect(
            told == [
                "comment_deleted user:sub-anna comment:\(ids[1])", "comment_moderated user:sub-admin comment:\(ids[2])",
            ])
    }
}
