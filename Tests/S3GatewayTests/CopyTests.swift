import Catalog
import HTTPServer
import HTTPWire
import S3Gateway
import TestKit
import Testing

@Suite struct CopyTests {
    @Test func `a copy has the bytes and the description of its source, and is announced as one`() async throws {
        let bench = try Bench()
        _ = try await bench.put(
            "/media/a%20b", "film", [("Content-Type", "video/mp4"), ("x-amz-meta-colour", "blue")])
        let response = try await copy(bench, "/media/a%20b", to: "/uploads/k")
        let object = try #require(try await bench.visible("uploads", "k"))
        #expect(response.status == .ok)
        #expect(response.between("<ETag>", "</ETag>") == "&quot;\(object.etag)&quot;")
        #expect(object.contentType == "video/mp4" && object.metadata == ["colour": "blue"])
        #expect(try await bench.content("uploads", "k") == Array("film".utf8))
        let events = try await bench.events()
        #expect(events.map(\.name) == ["ObjectCreated:Copy"])
        _ = await bench.send(try bench.request(.delete, "/media/a%20b"))
        #expect(try await bench.blobsLeft() == 1)
        #expect(try await bench.content("uploads", "k") == Array("film".utf8))
    }

    @Test func `a copy may be described anew, even in the place of its source`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/k", "film", [("x-amz-meta-colour", "blue")])
        #expect(try await copy(bench, "media/k", to: "/media/k").code == "InvalidRequest")
        let replaced = try await copy(
            bench, "media/k", to: "/media/k",
            [("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-colour", "red"), ("Content-Type", "text/plain")])
        #expect(replaced.status == .ok)
        let object = try #require(try await bench.visible("media", "k"))
        #expect(object.metadata == ["colour": "red"] && object.contentType == "text/plain")
        #expect(try await bench.content("media", "k") == Array("film".utf8))
        #expect(
            try await copy(bench, "media/k", to: "/media/j", [("x-amz-metadata-directive", "ALL")]).code
                == "InvalidArgument")
    }

    @Test func `an object of several blobs is copied with all of them`() async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/media/k")
        let (first, last) = (MultipartClient.bytes(1), [UInt8](repeating: 7, count: 9))
        _ = try await upload.put(1, first)
        _ = try await upload.put(2, last)
        _ = try await upload.complete([(1, MultipartClient.tag(first)), (2, MultipartClient.tag(last))])
        #expect(try await copy(bench, "media/k", to: "/media/j").status == .ok)
        _ = await bench.send(try bench.request(.delete, "/media/k"))
        #expect(try await bench.blobsLeft() == 2)
        #expect(try await bench.content("media", "j") == first + last)
        let tag = try #require(try await bench.visible("media", "j")?.etag)
        #expect(tag == MultipartClient.tag(of: [first, last]))
    }

    @Test func `conditions on the source are held to`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/k", "film")
        let tag = try #require(try await bench.visible("media", "k")?.etag)
        let then = HTTPDate.format(bench.clock.now / 1_000)
        for (field, value, status) in [
            ("if-match", "\"\(tag)\"", 200), ("if-match", "\"other\"", 412), ("if-none-match", "\"\(tag)\"", 412),
            ("if-none-match", "\"other\"", 200), ("if-modified-since", then, 412), ("if-unmodified-since", then, 200),
        ] {
            let response = try await copy(
                bench, "media/k", to: "/media/j", [("x-amz-copy-source-\(field)", value)])
            #expect(response.status.code == status, "\(field): \(value)")
        }
        #expect(try await copy(bench, "media/k", to: "/media/j", [("If-None-Match", "*")]).code == "PreconditionFailed")
    }

    @Test func `a source that is not there or not well said is refused by name`() async throws {
        let bench = try Bench()
        for (source, code) in [
            ("/media/none", "NoSuchKey"), ("/nowhere/k", "NoSuchBucket"), ("/media", "InvalidArgument"),
            ("", "InvalidArgument"), ("/media/k?versionId=1", "NotImplemented"), ("/media/%zz", "InvalidURI"),
        ] {
            #expect(try await copy(bench, source, to: "/media/j").code == code, "\(source)")
        }
    }

    @Test func `a copy takes the right to read its source and the right to write its target`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/k", "film")
        _ = try await bench.put("/uploads/k", "film")
        for (source, target, key, status) in [
            ("media/k", "/media/j", Bench.edge, 403), ("uploads/k", "/media/j", Bench.worker, 200),
            ("media/k", "/uploads/j", Bench.worker, 403), ("uploads/k", "/media/i", Bench.edge, 403),
        ] {
            let request = try bench.request(.put, target, [("x-amz-copy-source", source)], key: key)
            #expect(await bench.send(request).status.code == status, "\(source) to \(target)")
        }
        var unsigned = try bench.presigned(.put, "/media/j")
        unsigned.headers.add("x-amz-copy-source", "uploads/k")
        #expect(await bench.send(unsigned).code == "AccessDenied")
    }

    @Test func `bytes of objects become parts`() async throws {
        let bench = try Bench()
        let source = MultipartClient.bytes(5, count: MultipartClient.minimum + 100)
        #expect(await bench.send(try bench.request(.put, "/media/k", body: source)).status == .ok)
        let upload = try await MultipartClient(bench, to: "/media/j", [("x-amz-checksum-algorithm", "CRC32")])
        func part(_ number: Int, _ range: String?) async throws -> Response {
            let fields = [("x-amz-copy-source", "media/k")] + (range.map { [("x-amz-copy-source-range", $0)] } ?? [])
            return await bench.send(
                try bench.request(.put, "/media/j?partNumber=\(number)&uploadId=\(upload.id)", fields))
        }
        let tags = try await [part(1, nil), part(2, "bytes=10-19")].map {
            $0.between("<ETag>&quot;", "&quot;</ETag>")
        }
        #expect(tags == [MultipartClient.tag(source), MultipartClient.tag(Array(source[10..<20]))])
        for range in ["bytes=0-\(source.count)", "bytes=5-", "5-6", "bytes=6-5"] {
            #expect(try await part(3, range).code == "InvalidArgument", "\(range)")
        }
        #expect(try await upload.complete([(1, tags[0]), (2, tags[1])]).status == .ok)
        #expect(try await bench.content("media", "j") == source + source[10..<20])
        #expect(try await bench.visible("media", "j")?.checksums["crc32"]?.hasSuffix("-2") == true)
    }

    private func copy(
        _ bench: Bench, _ source: String, to target: String, _ fields: [(String, String)] = []
    ) async throws -> Response {
        await bench.send(try bench.request(.put, target, [("x-amz-copy-source", source)] + fields))
    }
}
