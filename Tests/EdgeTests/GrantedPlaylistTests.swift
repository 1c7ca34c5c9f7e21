import AccessSigning
import CacheRules
import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// Playlists for viewers with a signed URL: every child carries the grant, and the store knows nothing of it.
@Suite struct GrantedPlaylistTests {
    private static let path = "/media/v1/index.m3u8"
    private static let fields: Headers = [
        "Cache-Control": "public, max-age=600, s-maxage=900", "Content-Type": "application/vnd.apple.mpegurl",
        "ETag": "\"v1\"", "Last-Modified": "Sat, 01 Nov 2025 00:00:00 GMT", "Content-MD5": "AAAA",
    ]
    private static let playlist = """
        #EXTM3U
        #EXT-X-MAP:URI="init.mp4"
        #EXTINF:4,
        a.m4s
        #EXTINF:4,
        https://elsewhere.example/b.m4s
        #EXT-X-ENDLIST

        """

    /// What a viewer with these signing parameters is to get.
    private static func expected(_ grant: String, of playlist: String = playlist) -> String {
        playlist.replacing("init.mp4", with: "init.mp4?\(grant)").replacing("a.m4s", with: "a.m4s?\(grant)")
    }

    private static func withPlaylist(
        _ playlist: String = playlist, fields: Headers = fields, _ body: (World) async throws -> Void
    ) async throws {
        try await withWorld { world in
            world.origin.answerRanges("/bucket" + path, Array(playlist.utf8), headers: fields)
            try await body(world)
        }
    }

    @Test func `every child carries the grant, from a miss and from a hit, and there is one copy for all`() async throws
    {
        try await Self.withPlaylist { world in
            for (result, resource) in [("Miss", "http*://*/media/v1/*"), ("Hit", "*"), ("Hit", "http*://*/media/*")] {
                let grant = try World.grant(resource)
                let answer = try await world.get("\(Self.path)?\(grant)")
                #expect(answer.status == 200)
                #expect(answer.text == Self.expected(grant))
                #expect(answer.cache == "\(result) from weir")
                try await world.untilStored(Self.path)
            }
            #expect(try await world.play(Self.path).text == Self.playlist)
            #expect(world.origin.requests("/bucket" + Self.path).map(\.query) == [nil])
            #expect(try await world.metric("weir_store_objects") == 1)
        }
    }

    @Test func `what a playlist names opens with what it names it by`() async throws {
        try await Self.withPlaylist { world in
            world.origin.answer("/bucket/media/v1/a.m4s", [7])
            let grant = try World.grant("http*://*/media/v1/*")
            let playlist = try await world.get("\(Self.path)?\(grant)").text
            let child = try #require(playlist.split(separator: "\n").first { $0.hasPrefix("a.m4s") })
            #expect(try await world.get("/media/v1/\(child)").body == [7])
            #expect(try await world.get("/media/v1/a.m4s").status == 403)
            #expect(world.origin.requests("/bucket/media/v1/a.m4s").map(\.query) == [nil])
        }
    }

    @Test func `other parameters of the request stay where they are`() async throws {
        try await Self.withPlaylist { world in
            let grant = try World.grant("*")
            let parts = grant.split(separator: "&")
            let answer = try await world.get("\(Self.path)?a=1&\(parts[0])&b&\(parts[1])&\(parts[2])")
            #expect(answer.text == Self.expected(grant))
        }
    }

    @Test func `one copy serves everybody, also where the whole query is part of the key`() async throws {
        let distribution = World.distribution(
            policy: [
                "ParametersInCacheKeyAndForwardedToOrigin": ["QueryStringsConfig": ["QueryStringBehavior": "all"]]
            ],
            behavior: [
                "PathPattern": "/media/v1/*", "TargetOriginId": "media",
                "TrustedKeyGroups": ["Enabled": true, "Items": ["playback"]],
            ])
        try await withWorld(distribution: distribution) { world in
            world.origin.answer("/bucket" + Self.path, Array(Self.playlist.utf8), headers: Self.fields)
            for resource in ["*", "http*://*/media/*"] {
                let grant = try World.grant(resource)
                let answer = try await world.get("\(Self.path)?a=1&\(grant)&b=2")
                #expect(answer.text == Self.expected(grant))
                try await world.untilStored(Self.path + "?a=1&b=2")
            }
            #expect(try await world.play(Self.path + "?a=1&b=2").text == Self.playlist)
            #expect(world.origin.requests("/bucket" + Self.path).map(\.query) == ["a=1&b=2"])
        }
    }

    @Test func `the answer says what is true of it`() async throws {
        try await Self.withPlaylist { world in
            let target = "\(Self.path)?\(try World.grant("*"))"
            for _ in 0..<2 {
                let answer = try await world.get(target)
                #expect(answer.headers.values("ETag") == ["W/\"v1-granted\""])
                #expect(answer.headers.values("Cache-Control") == ["private, max-age=600"])
                #expect(answer.headers.first("Last-Modified") == "Sat, 01 Nov 2025 00:00:00 GMT")
                #expect(answer.headers.first("Content-Type") == "application/vnd.apple.mpegurl")
                for name in ["Content-Length", "Content-MD5", "Accept-Ranges", "Content-Encoding"] {
                    #expect(answer.headers.first(name) == nil, "\(name)")
                }
                let head = try await world.get(target, method: .head)
                #expect(head.status == 200 && head.body.isEmpty)
                #expect(head.headers.first("ETag") == "W/\"v1-granted\"")
                #expect(head.headers.first("Content-Length") == nil)
                try await world.untilStored(Self.path)
            }
            let plain = try await world.play(Self.path)
            #expect(plain.headers.first("ETag") == "\"v1\"")
            #expect(plain.headers.first("Cache-Control") == "public, max-age=600, s-maxage=900")
        }
    }

    @Test(
        arguments: [
            (["If-None-Match": "W/\"v1-granted\""], 304), (["If-None-Match": "*"], 304),
            (["If-None-Match": "\"v1\""], 200), (["If-None-Match": "\"v1-br\""], 200),
            (["If-Modified-Since": "Sat, 01 Nov 2025 00:00:00 GMT"], 304),
            (["If-Modified-Since": "Fri, 31 Oct 2025 00:00:00 GMT"], 200),
            (["If-Match": "\"v1\""], 412), (["If-Match": "*"], 200),
            (["Range": "bytes=0-9"], 200), (["Range": "bytes=999999-"], 200),
            (["Range": "bytes=0-1", "If-Range": "\"v1\""], 200),
        ] as [(Headers, Int)])
    func `conditions and ranges are about the viewer's own playlist`(headers: Headers, status: Int) async throws {
        try await Self.withPlaylist { world in
            let grant = try World.grant("*")
            for _ in 0..<2 {
                let answer = try await world.get("\(Self.path)?\(grant)", headers: headers)
                #expect(answer.status == status)
                #expect(answer.headers.first("Content-Range") == nil)
                if status == 200 { #expect(answer.text == Self.expected(grant)) }
                if status == 304 {
                    #expect(answer.body.isEmpty && answer.headers.first("ETag") == "W/\"v1-granted\"")
                    #expect(answer.headers.first("Cache-Control") == "private, max-age=600")
                }
                try await world.untilStored(Self.path)
            }
        }
    }

    @Test func `a compressed copy is not sent by mistake`() async throws {
        let many = "#EXTM3U\n" + (0..<400).map { "#EXTINF:6,\nsegment-\($0).m4s\n" }.joined()
        let distribution = World.distribution(
            policy: ["ParametersInCacheKeyAndForwardedToOrigin": ["EnableAcceptEncodingGzip": true]],
            behavior: [
                "PathPattern": "/media/v1/*", "TargetOriginId": "media", "Compress": true,
                "TrustedKeyGroups": ["Enabled": true, "Items": ["playback"]],
            ])
        try await withWorld(distribution: distribution) { world in
            for path in [Self.path, "/media/v1/typed"] {
                world.origin.answer("/bucket" + path, Array(many.utf8), headers: Self.fields)
                let isCoded = try await eventually {
                    try await world.play(path, headers: ["Accept-Encoding": "gzip"]).headers.first("Content-Encoding")
                        == "gzip"
                }
                #expect(isCoded)
                let grant = try World.grant("*")
                let answer = try await world.get("\(path)?\(grant)", headers: ["Accept-Encoding": "gzip"])
                #expect(answer.headers.first("Content-Encoding") == nil)
                #expect(answer.headers.first("ETag") == "W/\"v1-granted\"")
                #expect(answer.text == many.replacing(".m4s", with: ".m4s?\(grant)"))
            }
        }
    }

    @Test func `while it arrives, everybody who waits gets it as it comes, each with his own grant`() async throws {
        try await withWorld { world in
            let gate = Gate()
            let text = Array(Self.playlist.utf8)
            world.origin.answer("/bucket" + Self.path) { _ in
                Response(
                    status: .ok, headers: Self.fields,
                    body: .stream(length: text.count) { writer in
                        // The first piece ends within an address.
                        try await writer.write(Array(text[..<20]))
                        await gate.wait()
                        try await writer.write(Array(text[20...]))
                    })
            }
            let grants = try (0..<8).map { try World.grant("http*://*/media/v\($0 / 4 + 1)*") }
            try await withThrowingTaskGroup(of: (Int?, Answer).self) { group in
                for number in 0..<4 {
                    group.addTask { (number, try await world.get("\(Self.path)?\(grants[number])")) }
                    group.addTask { (nil, try await world.play(Self.path)) }
                }
                #expect(await eventually { world.origin.count("/bucket" + Self.path) == 1 })
                gate.open()
                for try await (number, answer) in group {
                    #expect(answer.text == (number.map { Self.expected(grants[$0]) } ?? Self.playlist))
                }
            }
            #expect(world.origin.count("/bucket" + Self.path) == 1)
        }
    }

    @Test(arguments: [["Cache-Control": "no-store"], ["Cache-Control": "private, max-age=5"]] as [Headers])
    func `a playlist that is for one viewer alone passes by with the grant, whole and unencoded`(
        cacheControl: Headers
    ) async throws {
        var fields = Self.fields
        fields.set("Cache-Control", cacheControl.first("Cache-Control") ?? "")
        try await Self.withPlaylist(fields: fields) { world in
            let grant = try World.grant("*")
            for _ in 0..<2 {
                let answer = try await world.get(
                    "\(Self.path)?\(grant)",
                    headers: ["Accept-Encoding": "gzip", "Range": "bytes=0-3", "If-None-Match": "\"v1\""])
                #expect(answer.status == 200)
                #expect(answer.text == Self.expected(grant))
                #expect(answer.headers.first("ETag") == "W/\"v1-granted\"")
                #expect(answer.headers.first("Content-Length") == nil)
                #expect(answer.headers.first("Cache-Control")?.hasPrefix("private") == true)
            }
            let asked = world.origin.requests("/bucket" + Self.path)
            #expect(asked.allSatisfy { !$0.headers.contains("Range") && $0.headers.first("Accept-Encoding") != "gzip" })
        }
    }

    @Test func `a playlist is known by its type too, though a range of it is asked for`() async throws {
        try await withWorld { world in
            let text = Array(Self.playlist.utf8)
            let grant = try World.grant("*")
            for (number, type) in [
                "application/vnd.apple.mpegurl", "Application/X-MpegURL; charset=utf-8", "audio/mpegurl",
                "audio/x-mpegurl",
            ].enumerated() {
                var fields = Self.fields
                fields.set("Content-Type", type)
                world.origin.answerRanges("/bucket/media/v1/list\(number)", text, headers: fields)
                let answer = try await world.get("/media/v1/list\(number)?\(grant)", headers: ["Range": "bytes=0-9"])
                #expect(answer.status == 200)
                #expect(answer.text == Self.expected(grant), "\(type)")
            }
        }
    }

    @Test func `what is no playlist, and what a canned policy opens, is sent as it is`() async throws {
        try await Self.withPlaylist { world in
            world.origin.answer("/bucket/media/v1/a.txt", Array(Self.playlist.utf8))
            let grant = try World.grant("*")
            let other = try await world.get("/media/v1/a.txt?\(grant)")
            #expect(
                other.text == Self.playlist && other.headers.first("Content-Length") == "\(Self.playlist.utf8.count)")
            let url = "http://127.0.0.1:\(world.edgePort)\(Self.path)"
            let canned = try await world.get(
                try World.signedTarget(url, expires: WallClock.epochSeconds() + 600), headers: ["Range": "bytes=0-6"])
            #expect((canned.status, canned.text) == (206, "#EXTM3U"))
        }
    }

    @Test func `a playlist of many chunks arrives whole, though nothing holds it whole`() async throws {
        let many = "#EXTM3U\n" + (0..<20_000).map { "#EXTINF:6,\nsegment-\($0).m4s\n" }.joined()
        try await Self.withPlaylist(many) { world in
            let grant = try World.grant("*")
            let expected = many.replacing(".m4s", with: ".m4s?\(grant)")
            for _ in 0..<2 {
                #expect(try await world.get("\(Self.path)?\(grant)").text == expected)
                try await world.untilStored(Self.path)
            }
        }
    }

    @Test func `an origin that breaks off in a playlist is seen to`() async throws {
        try await withWorld { world in
            let text = Array(Self.playlist.utf8)
            world.origin.answer("/bucket" + Self.path) { _ in
                Response(
                    status: .ok, headers: Self.fields,
                    body: .stream(length: text.count) { writer in
                        try await writer.write(Array(text[..<40]))
                        throw Unexpected(what: "the disk is gone")
                    })
            }
            let target = "\(Self.path)?\(try World.grant("*"))"
            await #expect(throws: ClientError.self) { _ = try await world.get(target) }
        }
    }
}

extension World {
    /// The signing parameters of a custom policy, as they stand in a query.
    static func grant(_ resource: String) throws -> String {
        let policy = CloudFrontPolicy(resource: resource, expires: WallClock.epochSeconds() + 600)
        let signed = try CloudFrontSigner(key: key, keyPairId: "K1").signedURL("http://edge", policy: policy)
        return String(signed.split(separator: "?")[1])
    }
}
