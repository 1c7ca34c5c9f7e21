import AccessSigning
import Bytes
import Catalog
import HTTPServer
import HTTPWire
import JSON
import Jobs
import TestKit
import Testing

@testable import API

@Suite struct VideoTests {
    @Test func `an upload answers a URL that the S3 gateway would accept`() async throws {
        let bench = try await Bench()
        let response = await bench.call(
            .post, "/uploads", as: "token-anna",
            ["fileName": "Käse film.mp4", "contentType": "video/mp4", "size": 12, "title": "  Käse  "])
        #expect(response.status == .created)
        let id = try #require(response.json["videoId"]?.string)
        #expect(id.count == 20)
        #expect(response.json["method"]?.string == "PUT")
        #expect(response.json["headers"]?["Content-Type"]?.string == "video/mp4")
        let url = try #require(response.json["url"]?.string)
        let parts = url.dropFirst("http://s3.test:9001".count).split(separator: "?")
        let request = SigV4Request(
            method: "PUT", path: String(parts[0]), query: String(parts[1]),
            headers: [(name: "Host", value: "s3.test:9001")])
        #expect(request.path == "/uploads/\(id)/original")
        try SigV4Authorization.parse(request).verify(
            request, secretAccessKey: "secret", region: "eu-central-1", service: "s3", payload: .declared,
            nowEpochSeconds: bench.clock.now / 1_000 + 3_599)
        let video = await bench.call(.get, "/videos/\(id)").json
        #expect(video["title"]?.string == "Käse" && video["status"]?.string == "awaiting_upload")
        #expect(video["playable"]?.bool == false && video["visibility"]?.string == "public")
    }

    @Test(arguments: [
        (64 << 20, nil, 0), (64 << 20 | 1, 16 << 20, 5), (5 << 30, 16 << 20, 320),
    ])
    func `a large file has URLs for its parts as well`(size: Int64, partSize: Int64?, count: Int) async throws {
        let bench = try await Bench()
        let response = await bench.call(
            .post, "/uploads", as: "token-anna",
            ["fileName": "f.mp4", "contentType": "video/mp4", "size": .integer(size)])
        #expect(response.status == .created && response.json["url"] != nil)
        let answer = response.json["multipart"]
        #expect(answer?["partSize"]?.integer == partSize)
        let id = answer?["uploadId"]?.string ?? ""
        let video = try #require(response.json["videoId"]?.string)
        let parts = answer?["parts"]?.array ?? []
        #expect(parts.map { $0["partNumber"]?.integer } == (0..<count).map { Int64($0 + 1) })
        for part in [parts.first, parts.last].compactMap({ $0 }) {
            let number = part["partNumber"]?.integer ?? 0
            let url = part["url"]?.string ?? ""
            #expect(try verified(bench, "PUT", url, video) == ["partNumber=\(number)", "uploadId=\(id)"])
        }
        let upload = try await bench.catalog.read { try $0.upload(id: id) }
        #expect(upload?.maximumPartBytes == partSize)
        guard let complete = answer?["completeUrl"]?.string else { return }
        #expect(upload?.object.key == "\(video)/original" && upload?.object.contentType == "video/mp4")
        #expect(try verified(bench, "POST", complete, video) == ["uploadId=\(id)"])
        _ = await bench.call(.delete, "/videos/\(video)?permanent=true", as: "token-anna")
        #expect(try await bench.catalog.read { try $0.upload(id: id) } == nil)
    }

    /// The parameters of a presigned URL that are not its signature, which must be good.
    private func verified(_ bench: Bench, _ method: String, _ url: String, _ video: String) throws -> [String] {
        let parts = url.dropFirst("http://s3.test:9001".count).split(separator: "?")
        let request = SigV4Request(
            method: method, path: String(parts[0]), query: String(parts[1]),
            headers: [(name: "Host", value: "s3.test:9001")])
        #expect(request.path == "/uploads/\(video)/original")
        try SigV4Authorization.parse(request).verify(
            request, secretAccessKey: "secret", region: "eu-central-1", service: "s3", payload: .declared,
            nowEpochSeconds: bench.clock.now / 1_000 + 3_599)
        return parts[1].split(separator: "&").map(String.init).filter { !$0.hasPrefix("X-Amz-") }
    }

    @Test func `an upload says what is made of it, its video and its probe repeat it`() async throws {
        let bench = try await Bench()
        let wanted: JSONValue = ["codecs": ["h264", "hevc"], "encryption": "aes-128"]
        let response = await bench.call(
            .post, "/uploads", as: "token-anna",
            [
                "fileName": "f.mp4", "contentType": "video/mp4", "size": 12,
                "transcode": ["codecs": ["hevc"], "encryption": "aes-128"],
            ])
        let id = try #require(response.json["videoId"]?.string)
        #expect(await bench.call(.get, "/videos/\(id)").json["transcode"] == wanted)
        try await bench.arrive(id)
        #expect(try await bench.lease()["transcode"] == wanted)
    }

    private static let wrongFields: [(JSONValue, String)] = [
        (["contentType": "video/mp4", "size": 1], "fileName"),
        (["fileName": "f", "contentType": "video", "size": 1], "contentType"),
        (["fileName": "f", "contentType": "video/mp4", "size": 0], "size"),
        (["fileName": "f", "contentType": "video/mp4", "size": 1.5], "size"),
        (["fileName": "f", "contentType": "video/mp4", "size": 6_000_000_000], "size"),
        (["fileName": "f\u{7}", "contentType": "video/mp4", "size": 1], "fileName"),
        (["fileName": "f", "contentType": "video/mp4", "size": 1, "visibility": "secret"], "visibility"),
        (["fileName": "f", "contentType": "video/mp4", "size": 1, "title": 7], "title"),
        (["fileName": "f", "contentType": "video/mp4", "size": 1, "transcode": "h264"], "transcode must"),
        (
            ["fileName": "f", "contentType": "video/mp4", "size": 1, "transcode": ["codecs": ["h264", "vp9"]]],
            "transcode.codecs[1] must be one of h264, hevc, av1."
        ),
        (
            ["fileName": "f", "contentType": "video/mp4", "size": 1, "transcode": ["encryption": "rot13"]],
            "transcode.encryption must be one of none, aes-128."
        ),
        // One character to Swift, 201 to everybody else.
        (
            [
                "fileName": "f", "contentType": "video/mp4", "size": 1,
                "title": .string("e" + String(repeating: "\u{301}", count: 200)),
            ], "title"
        ),
    ]

    @Test(arguments: wrongFields)
    func `a wrong field is refused by its name`(_ body: JSONValue, _ field: String) async throws {
        let bench = try await Bench()
        let response = await bench.call(.post, "/uploads", as: "token-anna", body)
        #expect((response.status, response.code) == (400, "invalid_request"))
        #expect(response.headers.first("Content-Type") == "application/problem+json")
        #expect(response.json["detail"]?.string?.hasPrefix(field) == true)
    }

    @Test func `what is no JSON, or not said to be, is refused`() async throws {
        let bench = try await Bench()
        #expect(await bench.call(.post, "/uploads", as: "token-anna", []).code == "invalid_json")
        let form = await bench.call(
            .post, "/uploads", as: "token-anna", [:], fields: [("Content-Type", "application/x-www-form-urlencoded")])
        #expect((form.status, form.code) == (415, "not_json"))
        let large = await bench.call(
            .post, "/uploads", as: "token-anna", ["fileName": .string(String(repeating: "x", count: 70_000))])
        #expect((large.status, large.code) == (413, "body_too_large"))
    }

    @Test func `tokens are asked for, checked and told apart`() async throws {
        let bench = try await Bench()
        let none = await bench.call(.post, "/uploads", [:])
        #expect((none.status, none.code) == (401, "unauthenticated"))
        #expect(none.headers.first("WWW-Authenticate")?.hasPrefix("Bearer") == true)
        let bad = await bench.call(.get, "/videos", as: "forged")
        #expect((bad.status, bad.code) == (401, "invalid_token"))
        let basic = await bench.call(.get, "/videos", fields: [("Authorization", "Basic YTpi")])
        #expect(basic.status == .unauthorized)
    }

    @Test func `a private video is for its owner and administrators, and for others not there`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing(visibility: "private")
        for (method, path, body) in [
            (HTTPMethod.get, "", nil), (.get, "/events", nil), (.get, "/explain", nil), (.post, "/playback", [:]),
            (.post, "/views", ["sessionId": "session-1", "positionSeconds": 0]), (.patch, "", ["title": "mine"]),
            (.delete, "", nil),
        ] as [(HTTPMethod, String, JSONValue?)] {
            let stranger = await bench.call(method, "/videos/\(id)\(path)", as: "token-bob", body)
            #expect((stranger.status, stranger.code) == (404, "video_not_found"))
        }
        #expect(await bench.call(.get, "/videos/\(id)").status == .notFound)
        #expect(await bench.call(.get, "/videos/\(id)", as: "token-anna").status == .ok)
        #expect(await bench.call(.get, "/videos/\(id)", as: "token-admin").status == .ok)
    }

    @Test func `only the owner or an administrator changes a video`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        #expect(await bench.call(.patch, "/videos/\(id)", as: "token-bob", ["title": "mine"]).status == .forbidden)
        #expect(await bench.call(.patch, "/videos/\(id)", ["title": "mine"]).status == .unauthorized)
        let edited = await bench.call(
            .patch, "/videos/\(id)", as: "token-anna",
            ["title": "New", "description": "a\nb", "visibility": "unlisted"])
        #expect(edited.json["title"]?.string == "New" && edited.json["description"]?.string == "a\nb")
        #expect(edited.json["visibility"]?.string == "unlisted")
        #expect(await bench.call(.patch, "/videos/\(id)", as: "token-anna", ["title": " "]).status == .badRequest)
    }

    @Test func `deleting takes the upload and the media along and stops the worker`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        try await bench.catalog.write { transaction in
            for (bucket, key) in [("uploads", "\(id)/original"), ("media", "media/\(id)/index.m3u8")] {
                try transaction.put(
                    StoredObject(
                        bucket: bucket, key: key, blob: key, size: 1, etag: "e", contentType: "x", createdAt: 1))
            }
        }
        #expect(await bench.call(.delete, "/videos/\(id)", as: "token-bob").status == .forbidden)
        #expect(await bench.call(.delete, "/videos/\(id)?permanent=true", as: "token-anna").status == .noContent)
        #expect(await bench.call(.get, "/videos/\(id)").status == .notFound)
        for (bucket, prefix) in [("uploads", "\(id)/"), ("media", "media/\(id)/")] {
            let left = try await bench.catalog.read {
                try $0.objects(bucket: bucket, prefix: prefix, from: "", limit: 9)
            }
            #expect(left.isEmpty)
        }
        let beat = await bench.worker("jobs/transcode-\(id)/units/0/heartbeat", ["fence": 1])
        #expect((beat.status, beat.code) == (409, "lease_lost"))
        let orders = try await bench.orders()
        #expect(orders == [["purge": ["tags": [.string("video:\(id)")]]]], "the caches were told")
    }

    @Test func `what a worker published after its video was deleted goes when it reports`() async throws {
        let bench = try await Bench()
        let (id, other) = (try await bench.playing(), try await bench.playing())
        #expect(await bench.call(.delete, "/videos/\(id)", as: "token-anna").status == .noContent)
        for video in [id, other] {
            try await bench.catalog.write {
                try $0.put(
                    StoredObject(
                        bucket: "media", key: "media/\(video)/720p/00002.m4s", blob: video, size: 1, etag: "e",
                        contentType: "x", createdAt: 1))
            }
        }
        for video in [id, other, "", "\(id)/.."] {
            _ = await bench.worker("jobs/transcode-\(video)/units/0/heartbeat", ["fence": 99])
        }
        let discarded = try await bench.catalog.read { try $0.discardedBlobs(limit: 99) }
        #expect(discarded.contains(id) && !discarded.contains(other))
        let order: JSONValue = ["purge": ["tags": [.string("video:\(id)")]]]
        let orders = try await bench.orders()
        #expect(orders == [order, order])
    }

    @Test func `lists show what the caller may see, page by page`() async throws {
        let bench = try await Bench()
        for number in 0..<3 { _ = try await bench.playing(title: "film \(number)") }
        _ = await bench.upload(title: "waiting")
        _ = try await bench.playing(visibility: "unlisted", title: "hidden")
        func titles(_ query: String, _ account: String?) async -> [String] {
            await bench.call(.get, "/videos" + query, as: account).json["items"]?.array?.compactMap {
                $0["title"]?.string
            } ?? []
        }
        #expect(Set(await titles("", nil)) == ["film 0", "film 1", "film 2"])
        #expect(await titles("", "token-anna").count == 5)
        #expect(await titles("", "token-bob").count == 3)
        #expect(await titles("", "token-admin").count == 5)
        #expect(await titles("?q=FILM+1", nil) == ["film 1"])
        #expect(await titles("?q=fil", nil) == ["film 2", "film 1", "film 0"])
        #expect(await titles("?q=hid", nil) == [])
        #expect(await titles("?q=hid", "token-anna") == ["hidden"])
        #expect(await titles("?q=fil&sort=oldest", nil) == ["film 0", "film 1", "film 2"])
        #expect(await titles("?channel=sub-bob", nil) == [])
        let first = await bench.call(.get, "/videos?limit=2").json
        let key = try #require(first["lastEvaluatedKey"]?.string)
        let second = await bench.call(.get, "/videos?limit=2&startKey=\(key)").json
        #expect(second["items"]?.array?.count == 1 && second["lastEvaluatedKey"] == nil)
        for query in ["limit=0", "limit=101", "limit=", "limit=5&limit=6", "startKey=!", "sort=best"] {
            #expect(await bench.call(.get, "/videos?\(query)").code == "invalid_request")
        }
        let foreign = await bench.call(.get, "/videos?startKey=none")
        #expect((foreign.status, foreign.code) == (.unprocessableContent, "unprocessable"))
        #expect(foreign.json["parameter"] == "startKey")
    }

    @Test func `unknown calls and methods are problems too`() async throws {
        let bench = try await Bench()
        let unknown = await bench.call(.get, "/nothing")
        #expect((unknown.status, unknown.code) == (404, "no_such_call"))
        let method = await bench.call(.put, "/uploads")
        #expect((method.status, method.code) == (405, "method_not_allowed"))
        #expect(method.headers.first("Allow") == "POST")
        #expect(await bench.call(.get, "/videos/%zz").code == "invalid_path")
    }
}
