import Bytes
import Catalog
import Crypto
import EventLoop
import HTTPServer
import HTTPWire
import ObjectStore
import S3Gateway
import Testing

@Suite struct PutTests {
    private let body = Array("123456789".utf8)
    private let crc32 = "y/Q5Jg=="

    @Test func `an upload is stored with its fields, announced once, and answered with its MD5`() async throws {
        let bench = try Bench()
        let response = await bench.send(
            try bench.request(
                .put, "/uploads/v/%C3%A4%20%2Bb",
                [
                    ("Content-Type", "video/mp4"), ("Cache-Control", "max-age=1"), ("x-amz-meta-Cache-Tag", "video:v"),
                    ("x-amz-checksum-crc32", crc32), ("Content-MD5", Base64.encode(Digest.md5(body))),
                ], body: body))
        #expect(response.status == .ok)
        #expect(response.headers.first("ETag") == "\"25f9e794323b453885f5181f1b624d0b\"")
        #expect(response.headers.first("x-amz-checksum-crc32") == crc32)
        let object = try #require(try await bench.visible("uploads", "v/ä +b"))
        #expect(object.contentType == "video/mp4" && object.headers == ["cache-control": "max-age=1"])
        #expect(object.metadata == ["cache-tag": "video:v"] && object.checksums == ["crc32": crc32])
        let events = try await bench.events()
        #expect(events.map(\.name) == ["ObjectCreated:Put"] && events.map(\.key) == ["v/ä +b"])
        #expect(events.map(\.size) == [9] && events.map(\.etag) == [object.etag])
        #expect(events.allSatisfy { $0.region == "eu-central-1" && $0.sourceAddress != "" && $0.principalId != "weir" })
    }

    @Test(arguments: [false, true])
    func `a large piece is digested on another thread, or here when there is none`(isBusy: Bool)
        async throws
    {
        let bench = try Bench()
        if isBusy { bench.digests.shutdown() }
        let bytes = MultipartClient.bytes(5, count: 3 << 20)
        let sums = [("x-amz-checksum-sha256", Base64.encode(Digest.sha256(bytes)))]
        let stored = await bench.send(try bench.request(.put, "/media/k", sums, body: bytes))
        #expect(stored.status == .ok && stored.headers.first("ETag") == "\"\(MultipartClient.tag(bytes))\"")
        #expect(await bench.send(try bench.request(.put, "/media/k", sums, body: bytes.reversed())).code == "BadDigest")
        #expect(try await bench.content("media", "k") == bytes)
    }

    @Test func `an object outside the upload bucket is not announced`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/x", "x")
        #expect(try await bench.catalog.read { try $0.depth(of: .objectEvents, now: .max).waiting } == 0)
    }

    @Test(arguments: [
        ("x-amz-checksum-crc32", "AAAAAA=="), ("x-amz-checksum-crc32c", "AAAAAA=="),
        ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="), ("x-amz-checksum-sha1", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("x-amz-checksum-sha256", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="),
    ])
    func `a checksum that does not match leaves nothing visible`(_ name: String, _ value: String) async throws {
        let bench = try Bench()
        let response = await bench.send(try bench.request(.put, "/media/k", [(name, value)], body: body))
        #expect((response.status, response.code) == (400, "BadDigest"))
        #expect(try await bench.visible("media", "k") == nil)
        #expect(try await bench.blobs.names(writtenBefore: .max, after: "", limit: 9).isEmpty)
    }

    @Test func `a body of another hash than was signed leaves nothing visible`() async throws {
        let bench = try Bench()
        let request = try bench.request(.put, "/media/k", body: body, payload: String(repeating: "0", count: 64))
        #expect(await bench.send(request).code == "XAmzContentSHA256Mismatch")
        #expect(try await bench.visible("media", "k") == nil)
    }

    @Test func `malformed or unknown checksums are refused before the body`() async throws {
        let bench = try Bench()
        for (name, value, code) in [
            ("Content-MD5", "short", "InvalidDigest"), ("x-amz-checksum-crc32", "####", "InvalidDigest"),
            ("x-amz-checksum-crc64nvme", "y/Q5Jg==", "InvalidDigest"),
            ("x-amz-checksum-xxhash64", "rosUhgp5mIg=", "InvalidRequest"),
            ("x-amz-sdk-checksum-algorithm", "CRC32", "InvalidRequest"),
            ("x-amz-trailer", "x-amz-checksum-crc32", "InvalidRequest"),
        ] {
            #expect(await bench.send(try bench.request(.put, "/media/k", [(name, value)], body: body)).code == code)
        }
        let both = [("x-amz-checksum-crc32", crc32), ("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE=")]
        #expect(await bench.send(try bench.request(.put, "/media/k", both, body: body)).code == "InvalidRequest")
    }

    @Test(arguments: [
        ("x-amz-checksum-crc32c", "4waSgw=="), ("x-amz-checksum-crc64nvme", "rosUhgp5mIg="),
        ("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
        ("x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
    ])
    func `every other checksum is verified as well`(_ name: String, _ value: String) async throws {
        let bench = try Bench()
        let response = await bench.send(try bench.request(.put, "/media/k", [(name, value)], body: body))
        #expect(response.status == .ok)
        #expect(response.headers.first(name) == value)
        let asked = [("x-amz-checksum-mode", "ENABLED")]
        let whole = await bench.send(try bench.request(.head, "/media/k", asked))
        #expect(whole.headers.first(name) == value && whole.headers.first("x-amz-checksum-type") == "FULL_OBJECT")
        let part = await bench.send(try bench.request(.get, "/media/k", asked + [("Range", "bytes=0-3")]))
        #expect(part.status == .partialContent && part.headers.first(name) == nil)
        #expect(await bench.send(try bench.request(.get, "/media/k")).headers.first(name) == nil)
    }

    @Test func `an aws-chunked body is decoded and its trailer verified`() async throws {
        let bench = try Bench()
        let response = await bench.send(
            try chunked(bench, "5\r\n12345\r\n4\r\n6789\r\n0\r\nx-amz-checksum-crc32:\(crc32)\r\n\r\n"))
        #expect(response.status == .ok)
        let object = try #require(try await bench.visible("media", "k"))
        #expect(try await bench.bytes(of: object) == body)
        #expect(object.headers["content-encoding"] == nil && object.size == 9)
    }

    @Test(arguments: [
        "9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
        "9\r\n123456789\r\n0\r\n\r\n",
        "9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n",
        "8\r\n12345678\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n",
        "9\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n",
        "9;chunk-signature=00\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n",
        "-9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n",
        "FFFFFFFFFFFFFFFFF\r\n123456789",
        "9\r\n123456789X\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n",
        "9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\nmore",
        "9\r\n123456789\r\n1\r\n0\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n",
    ])
    func `a wrong aws-chunked body is refused and nothing is visible`(_ text: String) async throws {
        let bench = try Bench()
        let response = await bench.send(try chunked(bench, text))
        #expect(response.status == .badRequest)
        #expect(try await bench.visible("media", "k") == nil)
    }

    @Test func `an object beyond the limit is refused before its body`() async throws {
        let bench = try Bench()
        let request = try bench.request(
            .put, "/media/k",
            [("x-amz-decoded-content-length", "\(2 << 30)"), ("x-amz-trailer", "x-amz-checksum-crc32")],
            payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
        #expect(await bench.send(request).code == "EntityTooLarge")
    }

    @Test func `concurrent uploads of one key leave one whole object and no other blob`() async throws {
        let bench = try Bench()
        let texts = (0..<20).map { String(repeating: "\($0 % 10)", count: 5_000 + $0) }
        try await withThrowingTaskGroup { group in
            for text in texts { group.addTask { try await bench.put("/media/k", text).status } }
            for try await status in group { #expect(status == .ok) }
        }
        let object = try #require(try await bench.visible("media", "k"))
        #expect(texts.contains(String(decoding: try await bench.bytes(of: object), as: UTF8.self)))
        #expect(try await bench.reclaimer.reclaimDiscarded() == 19)
        #expect(try await bench.blobs.names(writtenBefore: .max, after: "", limit: 99) == [object.blob])
    }

    @Test func `a conditional upload writes only what its condition allows`() async throws {
        let bench = try Bench()
        #expect(try await bench.put("/media/k", "one", [("If-None-Match", "*")]).status == .ok)
        #expect(try await bench.put("/media/k", "two", [("If-None-Match", "*")]).code == "PreconditionFailed")
        #expect(try await bench.put("/media/k", "two", [("If-Match", "\"nothing\"")]).code == "PreconditionFailed")
        let tag = try #require(try await bench.visible("media", "k")?.etag)
        #expect(try await bench.put("/media/k", "two", [("If-Match", "\"\(tag)\"")]).status == .ok)
    }

    private func chunked(_ bench: Bench, _ text: String) throws -> Request {
        try bench.request(
            .put, "/media/k",
            [
                ("Content-Encoding", "aws-chunked"), ("x-amz-decoded-content-length", "9"),
                ("x-amz-trailer", "x-amz-checksum-crc32"),
            ], body: Array(text.utf8), payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    }
}
