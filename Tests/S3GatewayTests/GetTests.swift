import Catalog
import HTTPServer
import HTTPWire
import ObjectStore
import S3Gateway
import TestKit
import Testing

@Suite struct GetTests {
    @Test func `what was put comes back with its fields`() async throws {
        let bench = try Bench()
        _ = try await bench.put(
            "/media/k", "0123456789",
            [("Content-Type", "video/mp4"), ("Cache-Control", "no-store"), ("x-amz-meta-cache-tag", "video:1")])
        for method in [HTTPMethod.get, .head] {
            let response = await bench.send(try bench.request(method, "/media/k"))
            #expect(response.status == .ok && response.length == 10)
            #expect(response.headers.first("Content-Type") == "video/mp4")
            #expect(response.headers.first("Cache-Control") == "no-store")
            #expect(response.headers.first("x-amz-meta-cache-tag") == "video:1")
            #expect(response.headers.first("ETag") == "\"781e5e245d69b566979b86e28d23f2c7\"")
            #expect(response.headers.first("x-amz-request-id") == "test-request")
        }
    }

    @Test(arguments: [
        ("bytes=0-3", 206, 4, "bytes 0-3/10"), ("bytes=8-", 206, 2, "bytes 8-9/10"),
        ("bytes=-1", 206, 1, "bytes 9-9/10"), ("bytes=0-99", 206, 10, "bytes 0-9/10"), ("lines=1-2", 200, 10, nil),
        ("bytes=0-1,4-5", 200, 10, nil),
    ])
    func `a range is answered as asked`(_ range: String, _ status: Int, _ length: Int, _ field: String?) async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/k", "0123456789", [("x-amz-checksum-crc32", "poTHxg==")])
        let response = await bench.send(
            try bench.request(.get, "/media/k", [("Range", range), ("x-amz-checksum-mode", "ENABLED")]))
        #expect(response.status.code == status && response.length == length)
        #expect(response.headers.first("Content-Range") == field)
        #expect((response.headers.first("x-amz-checksum-crc32") != nil) == (status == 200))
    }

    @Test func `a range outside the object is 416`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/k", "0123456789")
        let response = await bench.send(try bench.request(.get, "/media/k", [("Range", "bytes=10-")]))
        #expect((response.status, response.code) == (416, "InvalidRange"))
        #expect(response.headers.first("Content-Range") == "bytes */10")
    }

    @Test func `conditions are judged in the order of RFC 9110`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/k", "0123456789")
        let tag = "\"781e5e245d69b566979b86e28d23f2c7\""
        let date = HTTPDate.format(bench.clock.now / 1_000)
        let before = HTTPDate.format(bench.clock.now / 1_000 - 1)
        for (fields, status) in [
            ([("If-Match", tag)], 200), ([("If-Match", "\"other\"")], 412), ([("If-None-Match", tag)], 304),
            ([("If-None-Match", "\"other\"")], 200), ([("If-Modified-Since", date)], 304),
            ([("If-Modified-Since", before)], 200), ([("If-Unmodified-Since", before)], 412),
            ([("If-Match", tag), ("If-Unmodified-Since", before)], 200),
            ([("If-None-Match", "\"other\""), ("If-Modified-Since", date)], 200),
            ([("Range", "bytes=0-0"), ("If-Range", tag)], 206),
            ([("Range", "bytes=0-0"), ("If-Range", "\"other\"")], 200),
        ] {
            #expect(await bench.send(try bench.request(.get, "/media/k", fields)).status.code == status)
        }
    }

    @Test func `missing things are told apart`() async throws {
        let bench = try Bench()
        #expect(await bench.send(try bench.request(.get, "/media/none")).code == "NoSuchKey")
        #expect(await bench.send(try bench.request(.get, "/nowhere/none")).code == "NoSuchBucket")
        #expect(await bench.send(try bench.request(.get, "/media/%zz")).code == "InvalidURI")
    }

    @Test func `a deleted object is gone and deleting it again succeeds`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/k", "x")
        for _ in 0..<2 { #expect(await bench.send(try bench.request(.delete, "/media/k")).status == .noContent) }
        #expect(await bench.send(try bench.request(.head, "/media/k")).status == .notFound)
        #expect(try await bench.reclaimer.reclaimDiscarded() == 1)
    }

    @Test func `an orphan blob is swept and a named one kept`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/k", "x")
        let orphan = try await bench.blobs.create(expectedSize: 1)
        try await orphan.append([1])
        try await orphan.commit()
        #expect(try await bench.reclaimer.sweepOrphans(olderThanSeconds: -1 << 40) == 1)
        let kept = try #require(try await bench.visible("media", "k"))
        #expect(try await bench.bytes(of: kept) == Array("x".utf8))
    }
}
