import Bytes
import Catalog
import Crypto
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Jobs
import TestKit
import Testing

@testable import API

@Suite struct TusTests {
    private let film = Array("a film".utf8)

    private func metadata(_ pairs: [(String, String)]) -> String {
        pairs.map { "\($0.0) \(Base64.encode(Array($0.1.utf8)))" }.joined(separator: ",")
    }

    private func begin(
        _ bench: Bench, _ fields: [(String, String)] = [("Upload-Length", "6")], as account: String = "token-anna"
    ) async -> String {
        let made = await bench.tus(.post, as: account, fields)
        #expect(made.status == .created)
        return made.headers.first("location")?.replacing("/api/v1", with: "", maxReplacements: 1) ?? ""
    }

    private func send(
        _ bench: Bench, _ path: String, at offset: Int = 0, _ bytes: [UInt8], as account: String = "token-anna",
        _ fields: [(String, String)] = []
    ) async -> Response {
        await bench.tus(
            .patch, path, as: account,
            [("Upload-Offset", "\(offset)"), ("Content-Type", "application/offset+octet-stream")] + fields, bytes)
    }

    @Test func `the server says what it speaks, and answers no other version`() async throws {
        let bench = try await Bench()
        for path in ["/tus", "/tus/any"] {
            let said = await bench.call(.options, path)
            #expect(said.status == .noContent)
            #expect(said.headers.first("Tus-Version") == "1.0.0" && said.headers.first("Tus-Resumable") == "1.0.0")
            let extensions = said.headers.first("Tus-Extension")?.split(separator: ",").map(String.init)
            #expect(
                extensions == [
                    "creation", "creation-with-upload", "creation-defer-length", "checksum", "termination",
                    "expiration",
                    "concatenation",
                ])
            #expect(said.headers.first("Tus-Max-Size") == "5242880")
            #expect(said.headers.first("Tus-Checksum-Algorithm") == "sha1,sha256,md5,crc32")
        }
        for fields in [[], [("Tus-Resumable", "0.2.2")]] as [[(String, String)]] {
            let refused = await bench.call(
                .post, "/tus", as: "token-anna", fields: [("Upload-Length", "6")] + fields)
            #expect((refused.status, refused.code) == (.preconditionFailed, "tus_version"))
            #expect(refused.headers.first("Tus-Version") == "1.0.0")
        }
    }

    @Test func `an upload becomes the video that its metadata describe`() async throws {
        let bench = try await Bench()
        let said = metadata([
            ("filename", "film.mp4"), ("filetype", "video/mp4"), ("title", "Söndag"), ("description", "a\nb"),
            ("visibility", "unlisted"), ("transcode", #"{"codecs": ["hevc"]}"#), ("colour", "blue"),
        ])
        let made = await bench.tus(.post, as: "token-anna", [("Upload-Length", "6"), ("Upload-Metadata", said)])
        #expect(made.status == .created && made.headers.first("upload-expires") != nil)
        let path = (made.headers.first("location") ?? "").replacing("/api/v1", with: "", maxReplacements: 1)
        let id = made.headers.first("weir-video-id") ?? ""
        let video = await bench.call(.get, "/videos/\(id)", as: "token-anna").json
        #expect(video["title"] == "Söndag" && video["description"] == "a\nb" && video["visibility"] == "unlisted")
        #expect(video["contentType"] == "video/mp4" && video["status"] == "awaiting_upload")
        #expect(video["transcode"]?["codecs"]?.array?.contains("hevc") == true)
        #expect(await send(bench, path, Array(film.prefix(2))).headers.first("upload-offset") == "2")
        let asked = await bench.tus(.head, path, as: "token-anna")
        #expect(asked.status == .ok && asked.headers.first("cache-control") == "no-store")
        #expect(asked.headers.first("upload-offset") == "2" && asked.headers.first("upload-length") == "6")
        #expect(asked.headers.first("upload-metadata") == said && asked.headers.first("weir-video-id") == id)
        let last = await send(bench, path, at: 2, Array(film.dropFirst(2)))
        #expect(last.status == .noContent && last.headers.first("upload-offset") == "6")
        #expect(last.headers.first("upload-expires") == nil && last.headers.first("tus-resumable") == "1.0.0")
        try await bench.jobs.dispatchObjectEvents()
        #expect(await bench.status(of: id) == "queued")
        #expect(await bench.tus(.delete, path, as: "token-anna").code == "upload_finished")
    }

    @Test func `bytes may come with the upload, which is none when they cannot be taken`() async throws {
        let bench = try await Bench()
        let bytes = ("Content-Type", "application/offset+octet-stream")
        let made = await bench.tus(.post, as: "token-anna", [("Upload-Length", "6"), bytes], film)
        #expect(made.status == .created && made.headers.first("upload-offset") == "6")
        let wrong = await bench.tus(
            .post, as: "token-anna", [("Upload-Length", "6"), bytes, ("Upload-Checksum", "crc32 AAAAAA==")], film)
        #expect((wrong.status.code, wrong.code) == (460, "checksum_mismatch"))
        #expect(await bench.call(.get, "/videos", as: "token-anna").json["items"]?.array?.count == 1)
        let untold = await bench.tus(.post, as: "token-anna", [("Upload-Length", "6")], film)
        #expect((untold.status, untold.code) == (.unsupportedMediaType, "not_upload_bytes"))
    }

    @Test(
        arguments: [
            ([], 400), ([("Upload-Length", "0")], 400), ([("Upload-Length", "-1")], 400),
            ([("Upload-Length", "x")], 400),
            ([("Upload-Length", "5242881")], 413), ([("Upload-Defer-Length", "2")], 400),
            ([("Upload-Length", "6"), ("Upload-Defer-Length", "1")], 400),
            ([("Upload-Length", "6"), ("Upload-Metadata", "a b c")], 400),
            ([("Upload-Length", "6"), ("Upload-Metadata", "title /w==")], 400),
            ([("Upload-Length", "6"), ("Upload-Metadata", "visibility c2VjcmV0")], 400),
            ([("Upload-Length", "6"), ("Upload-Metadata", "transcode e30x")], 400),
            ([("Upload-Length", "6"), ("Upload-Metadata", "filetype dmlkZW8=")], 400),
            ([("Upload-Length", "6"), ("Upload-Concat", "half")], 400),
            ([("Upload-Length", "6"), ("Upload-Concat", "final;/api/v1/tus/a")], 400),
            ([("Upload-Concat", "final;/api/v1/tus/a")], 400), ([("Upload-Concat", "final;/api/v1/videos/a")], 400),
        ] as [([(String, String)], Int)])
    func `what cannot be is refused, and no video is made`(_ fields: [(String, String)], _ status: Int) async throws {
        let bench = try await Bench()
        #expect(await bench.tus(.post, as: "token-anna", fields).status.code == status)
        #expect(await bench.call(.get, "/videos", as: "token-anna").json["items"] == [])
    }

    @Test func `bytes in the wrong place, of the wrong type or too many are refused`() async throws {
        let bench = try await Bench()
        let path = await begin(bench)
        #expect(await send(bench, path, at: 3, film).code == "wrong_offset")
        #expect(await send(bench, path, film + film).status == .contentTooLarge)
        let untyped = await bench.tus(.patch, path, as: "token-anna", [("Upload-Offset", "0")], film)
        #expect((untyped.status, untyped.code) == (.unsupportedMediaType, "not_upload_bytes"))
        for offset in ["", "-1", "1e3"] {
            let odd = await bench.tus(
                .patch, path, as: "token-anna",
                [("Content-Type", "application/offset+octet-stream"), ("Upload-Offset", offset)], film)
            #expect((odd.status, odd.code) == (.badRequest, "invalid_request"))
        }
        #expect(await send(bench, path, film, [("Upload-Checksum", "sha512 AA==")]).status == .badRequest)
        let wrong = await send(bench, path, film, [("Upload-Checksum", "sha1 \(Base64.encode(Digest.sha1([])))")])
        #expect((wrong.status.code, wrong.code) == (460, "checksum_mismatch"))
        let right = await send(bench, path, film, [("Upload-Checksum", "sha1 \(Base64.encode(Digest.sha1(film)))")])
        #expect(right.status == .noContent)
    }

    @Test func `somebody else's upload is none, for administrators too`() async throws {
        let bench = try await Bench()
        let path = await begin(bench)
        for account in ["token-ben", "token-admin"] {
            #expect(await bench.tus(.head, path, as: account).status == .notFound)
            #expect(await send(bench, path, film, as: account).code == "upload_not_found")
            #expect(await bench.tus(.delete, path, as: account).code == "upload_not_found")
        }
        #expect(await bench.tus(.delete, path, as: "token-anna").status == .noContent)
        #expect(await bench.tus(.head, path, as: "token-anna").status == .notFound)
    }

    @Test func `parts are joined to a video, and are no videos themselves`() async throws {
        let bench = try await Bench()
        let partial = [("Upload-Length", "3"), ("Upload-Concat", "partial")]
        let (first, second) = (await begin(bench, partial), await begin(bench, partial))
        #expect(await bench.tus(.head, first, as: "token-anna").headers.first("upload-concat") == "partial")
        let final = [("Upload-Concat", "final;/api/v1\(first) http://edge.test/api/v1\(second)")]
        #expect(await send(bench, first, Array(film.prefix(3))).status == .noContent)
        #expect(await bench.tus(.post, as: "token-anna", final).code == "upload_unfinished")
        #expect(await send(bench, second, Array(film.suffix(3))).status == .noContent)
        #expect(await bench.call(.get, "/videos", as: "token-anna").json["items"] == [])
        let whole = await begin(bench, final)
        let asked = await bench.tus(.head, whole, as: "token-anna")
        #expect(asked.headers.first("upload-concat") == "final;/api/v1\(first) /api/v1\(second)")
        #expect(asked.headers.first("upload-offset") == "6" && asked.headers.first("upload-length") == "6")
        #expect(await begin(bench, final) == whole)
        #expect(await send(bench, whole, at: 6, []).code == "upload_is_final")
    }

    @Test func `a method may be said in a field, where a network lets POST alone through`() async throws {
        let bench = try await Bench()
        let path = await begin(bench, [("Upload-Defer-Length", "1")])
        let asked = await bench.tus(.post, path, as: "token-anna", [("X-HTTP-Method-Override", "HEAD")])
        #expect(asked.status == .ok && asked.headers.first("upload-defer-length") == "1")
        let sent = await bench.tus(
            .post, path, as: "token-anna",
            [
                ("X-HTTP-Method-Override", "PATCH"), ("Upload-Offset", "0"), ("Upload-Length", "9"),
                ("Content-Type", "application/offset+octet-stream"),
            ], film)
        #expect(sent.status == .noContent && sent.headers.first("upload-offset") == "6")
        let ended = await bench.tus(.post, path, as: "token-anna", [("X-HTTP-Method-Override", "DELETE")])
        #expect(ended.status == .noContent)
        #expect(await bench.tus(.post, path, as: "token-anna", []).status == .methodNotAllowed)
    }

    @Test func `an upload that took too long is said to be gone`() async throws {
        let bench = try await Bench()
        let path = await begin(bench)
        bench.clock.advance(seconds: Int(MultipartUpload.lifetimeSeconds))
        #expect(await bench.tus(.head, path, as: "token-anna").status == .gone)
    }
}

extension Bench {
    /// Makes a call by tus, with what every one of them says.
    fileprivate func tus(
        _ method: HTTPMethod, _ path: String = "/tus", as account: String, _ fields: [(String, String)] = [],
        _ body: [UInt8] = []
    ) async -> Response {
        await call(method, path, as: account, body: body, fields: [("Tus-Resumable", "1.0.0")] + fields)
    }
}
