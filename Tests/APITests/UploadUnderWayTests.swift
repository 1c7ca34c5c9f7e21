import AccessSigning
import Catalog
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import API

@Suite struct UploadUnderWayTests {
    private static let mebibyte: Int64 = 1 << 20

    /// Begins an upload of `size` bytes as Anna.
    private func begin(_ bench: Bench, size: Int64) async -> JSONValue {
        await bench.call(
            .post, "/uploads", as: "token-anna",
            ["fileName": "f.mp4", "contentType": "video/mp4", "size": .integer(size)]
        ).json
    }

    private func store(_ number: Int, of uploadId: String, in bench: Bench) async throws {
        let part = UploadPart(
            number: number, blob: "blob-\(number)", size: 16 * Self.mebibyte,
            etag: String(repeating: "\(number)", count: 32), createdAt: bench.clock.now)
        try await bench.catalog.write { try $0.save(part, of: uploadId) }
    }

    @Test func `URLs are made anew and parts that have come say what they are`() async throws {
        let bench = try await Bench()
        let begun = await begin(bench, size: 65 * Self.mebibyte)
        let id = try #require(begun["videoId"]?.string)
        let uploadId = try #require(begun["multipart"]?["uploadId"]?.string)
        try await store(2, of: uploadId, in: bench)
        // The first URLs have lapsed.
        bench.clock.advance(seconds: 3_700)
        let answer = await bench.call(.get, "/uploads/\(id)", as: "token-anna")
        #expect(answer.status == .ok && answer.headers.first("Cache-Control") == "no-store")
        let multipart = try #require(answer.json["multipart"])
        #expect(multipart["uploadId"]?.string == uploadId && multipart["partSize"]?.integer == 16 * Self.mebibyte)
        let parts = multipart["parts"]?.array ?? []
        #expect(parts.map { $0["partNumber"]?.integer } == [1, 2, 3, 4, 5])
        #expect(parts.map { $0["size"]?.integer } == [nil, 16 * Self.mebibyte, nil, nil, nil])
        #expect(parts[1]["etag"]?.string == "\"\(String(repeating: "2", count: 32))\"")
        let urls = [("PUT", parts[0]["url"]), ("POST", multipart["completeUrl"]), ("PUT", answer.json["url"])]
        for (method, url) in urls {
            try verify(method, try #require(url?.string), at: bench.clock.now / 1_000 + 3_599)
        }
    }

    private func verify(_ method: String, _ url: String, at now: Int64) throws {
        let parts = url.dropFirst("http://s3.test:9001".count).split(separator: "?")
        let request = SigV4Request(
            method: method, path: String(parts[0]), query: String(parts[1]),
            headers: [(name: "Host", value: "s3.test:9001")])
        try SigV4Authorization.parse(request).verify(
            request, secretAccessKey: "secret", region: "eu-central-1", service: "s3", payload: .declared,
            nowEpochSeconds: now)
    }

    @Test func `a small file has one URL, and none once it has come`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        let answer = await bench.call(.get, "/uploads/\(id)", as: "token-anna")
        #expect(answer.status == .ok && answer.json["multipart"] == nil)
        #expect(answer.json["headers"] == ["Content-Type": "video/mp4"])
        try await bench.arrive(id)
        let over = await bench.call(.get, "/uploads/\(id)", as: "token-anna")
        #expect((over.status, over.code) == (409, "upload_complete"))
    }

    @Test func `a file whose event nobody has acted on yet has come as well`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        let object = StoredObject(
            bucket: "uploads", key: "\(id)/original", blob: "b", size: 100, etag: "e", contentType: "video/mp4",
            createdAt: bench.clock.now)
        try await bench.catalog.write { try $0.put(object) }
        #expect(await bench.call(.get, "/uploads/\(id)", as: "token-anna").code == "upload_complete")
    }

    @Test func `an upload that was aborted, or is not theirs, cannot be gone on with`() async throws {
        let bench = try await Bench()
        let begun = await begin(bench, size: 65 * Self.mebibyte)
        let id = try #require(begun["videoId"]?.string)
        let uploadId = try #require(begun["multipart"]?["uploadId"]?.string)
        #expect(await bench.call(.get, "/uploads/\(id)", as: "token-ben").code == "forbidden")
        #expect(await bench.call(.get, "/uploads/\(id)", as: "token-admin").status == .ok)
        #expect(await bench.call(.get, "/uploads/none", as: "token-anna").code == "video_not_found")
        _ = try await bench.catalog.write { try $0.deleteUpload(id: uploadId) }
        let gone = await bench.call(.get, "/uploads/\(id)", as: "token-anna")
        #expect((gone.status, gone.code) == (409, "upload_gone"))
    }

    @Test func `an upload to the same key by somebody with an access key is not the video's`() async throws {
        let bench = try await Bench()
        let begun = await begin(bench, size: 65 * Self.mebibyte)
        let id = try #require(begun["videoId"]?.string)
        let object = StoredObject(
            bucket: "uploads", key: "\(id)/original", blob: "", size: 0, etag: "", contentType: "video/mp4",
            createdAt: bench.clock.now)
        try await bench.catalog.write { try $0.insert(MultipartUpload(id: "0", object: object)) }
        let answer = await bench.call(.get, "/uploads/\(id)", as: "token-anna").json
        #expect(answer["multipart"]?["uploadId"] == begun["multipart"]?["uploadId"])
    }

    @Test func `administrators get a job by its id`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        let listed = await bench.call(.get, "/admin/jobs", as: "token-admin").json["items"]?[0]
        let jobId = try #require(listed?["jobId"]?.string)
        #expect(await bench.call(.get, "/admin/jobs/\(jobId)", as: "token-admin").json == listed)
        #expect(await bench.call(.get, "/admin/jobs/none", as: "token-admin").code == "job_not_found")
    }
}
