import AccessSigning
import Catalog
import Crypto
import HTTPServer
import HTTPWire
import JSON
import ObjectStore
import Objects
import TestKit
import Testing

@testable import API

@Suite struct DownloadTests {
    @Test func `the files of a video are listed with what opens each alone`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        #expect(await bench.call(.get, "/videos/\(id)/downloads").json == [])
        try await bench.store("media/\(id)/download/1080p.mp4", bytes: 9)
        try await bench.store("media/\(id)/download/360p.mp4", bytes: 5)
        let response = await bench.call(.get, "/videos/\(id)/downloads")
        #expect(response.status == .ok && response.headers.first("Cache-Control") == "no-store")
        let list = try #require(response.json.array)
        #expect(list.map { $0["height"]?.integer } == [360, 1080])
        #expect(list.map { $0["bytes"]?.integer } == [5, 9])
        let url = try #require(list.first?["url"]?.string).split(separator: "?")
        #expect(url.count == 2 && url[0] == "http://edge.test/media/\(id)/download/360p.mp4")
        let verifier = SignedAccessVerifier(keys: ["K2WEIR": try Bench.signingKey.get().publicKey])
        let now = bench.clock.now / 1_000
        for (path, time, isOpen) in [
            ("/media/\(id)/download/360p.mp4", now, true), ("/media/\(id)/download/360p.mp4", now + 14_399, true),
            ("/media/\(id)/download/360p.mp4", now + 14_400, false), ("/media/\(id)/download/1080p.mp4", now, false),
            ("/media/\(id)/index.m3u8", now, false), ("/media/other/download/360p.mp4", now, false),
        ] {
            #expect(
                PlaybackTests.isOpen(path, query: String(url[1]), at: time, verifier) == isOpen, "\(path) at \(time)")
        }
    }

    @Test func `an encrypted video has no files, and the answer says why`() async throws {
        let bench = try await Bench()
        let id = await bench.upload(transcode: ["encryption": "aes-128"])
        let response = await bench.call(.get, "/videos/\(id)/downloads", as: "token-anna")
        #expect((response.status, response.code) == (409, "encrypted"))
        #expect(await bench.call(.get, "/videos/\(id)", as: "token-anna").json["transcode"]?["encryption"] == "aes-128")
    }

    @Test func `a private video's files are its owner's and the administrator's`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing(visibility: "private")
        try await bench.store("media/\(id)/download/360p.mp4", bytes: 5)
        for (account, status) in [(nil, 404), ("token-ben", 404), ("token-anna", 200), ("token-admin", 200)] {
            let response = await bench.call(.get, "/videos/\(id)/downloads", as: account)
            #expect(response.status.code == status, "\(account ?? "nobody")")
        }
    }

    @Test func `what is no download is not listed`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        for name in ["p.mp4", "360.mp4", "-1p.mp4", "360p.mp4.part", "x/360p.mp4"] {
            try await bench.store("media/\(id)/download/\(name)", bytes: 5)
        }
        #expect(await bench.call(.get, "/videos/\(id)/downloads").json == [])
    }

    @Test func `a viewer on TLS gets addresses on TLS`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        try await bench.store("media/\(id)/download/360p.mp4", bytes: 5)
        let response = await bench.call(
            .get, "/videos/\(id)/downloads",
            fields: [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "tv.test:8443")])
        let url = try #require(response.json.array?.first?["url"]?.string)
        #expect(url.hasPrefix("https://tv.test:8443/media/\(id)/download/360p.mp4?"))
    }

    @Test func `deleting a video deletes its files`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        try await bench.store("media/\(id)/download/360p.mp4", bytes: 5)
        #expect(await bench.call(.delete, "/videos/\(id)", as: "token-anna").status == .noContent)
        #expect(await bench.call(.get, "/videos/\(id)/downloads", as: "token-anna").status == .notFound)
        let object = try await bench.catalog.read {
            try $0.object(bucket: "media", key: "media/\(id)/download/360p.mp4")
        }
        #expect(object == nil)
    }
}

extension Bench {
    fileprivate func store(_ key: String, bytes: Int) async throws {
        let object = try await ObjectDraft.whole(
            StoredObject(
                bucket: "media", key: key, blob: "", size: 0, etag: "", contentType: "video/mp4", createdAt: clock.now),
            [UInt8](repeating: 7, count: bytes), in: blobs)
        try await catalog.publish([object], in: blobs) { _ in }
    }
}
