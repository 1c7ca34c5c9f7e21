import AccessSigning
import Bytes
import Catalog
import Crypto
import HTTPServer
import HTTPWire
import S3Gateway
import TestKit
import Testing

@Suite struct ObjectTests {
    @Test func `a bucket may stand in the host's name, and path style stays`() async throws {
        let bench = try Bench(hostNames: S3HostNames(["s3.test", "S3.Example.com"]))
        func request(_ method: HTTPMethod, _ path: String, host: String, body: [UInt8] = []) throws -> Request {
            try bench.request(method, path, body: body, host: host)
        }
        #expect(await bench.send(try request(.put, "/a/b", host: "media.s3.test:9001", body: [1])).status == .ok)
        #expect(try await bench.visible("media", "a/b")?.size == 1)
        #expect(await bench.send(try request(.get, "/a/b", host: "MEDIA.s3.example.com")).status == .ok)
        #expect(await bench.send(try request(.get, "/media/a/b", host: "s3.test")).status == .ok)
        #expect(await bench.send(try request(.get, "/media/a/b", host: "10.0.0.1:9001")).status == .ok)
        #expect(await bench.send(try request(.get, "/?list-type=2", host: "media.s3.test")).all("Key") == ["a/b"])
        #expect(await bench.send(try request(.get, "/", host: "s3.test")).all("Name") == ["uploads", "media"])
        #expect(await bench.send(try request(.get, "/a/b", host: "no_bucket.s3.test")).code == "NoSuchBucket")
        #expect(await bench.send(try request(.get, "/a/b", host: "nobody.s3.test")).code == "NoSuchBucket")
        var other = try request(.get, "/a/b", host: "media.s3.test")
        other.headers.set("Host", "uploads.s3.test")
        #expect(await bench.send(other).code == "SignatureDoesNotMatch")
    }

    @Test(arguments: [
        ("a/../b", "InvalidURI"), ("..", "InvalidURI"), ("%2e%2e/b", "InvalidURI"), ("a/./b", "InvalidURI"),
        ("a%00b", "InvalidURI"), ("%ff", "InvalidURI"), ("%c0%ae", "InvalidURI"), ("%zz", "InvalidURI"),
    ])
    func `a key that could be taken for something else is refused`(_ key: String, _ code: String) async throws {
        let bench = try Bench()
        let response = await bench.send(try bench.request(.put, "/media/\(key)", body: [1]))
        #expect((response.status, response.code) == (400, code))
        #expect(
            try await bench.catalog.read { try $0.objects(bucket: "media", prefix: "", from: "", limit: 9) }.isEmpty)
    }

    @Test func `a key has at most 1,024 bytes, and two dots within a name are a name`() async throws {
        let bench = try Bench()
        let longest = String(repeating: "ä", count: 512)
        #expect(try await bench.put("/media/\(PercentEncoding.encode(longest))", "x").status == .ok)
        #expect(try await bench.put("/media/\(PercentEncoding.encode(longest))x", "x").code == "KeyTooLongError")
        #expect(try await bench.put("/media/a..b/...", "x").status == .ok)
    }

    @Test(arguments: [
        "text/html", "TEXT/HTML; charset=utf-8", "image/svg+xml", "application/xhtml+xml", "text/xml",
        "application/javascript", "application/pdf", "multipart/x-mixed-replace", "image/png, text/html", "nonsense",
        "",
    ])
    func `what a browser could run is given as a file to save`(_ type: String) async throws {
        let bench = try Bench()
        _ = try await bench.put("/uploads/k", "<script>", [("Content-Type", type)])
        for request in [try bench.request(.get, "/uploads/k"), try bench.presigned(.get, "/uploads/k")] {
            let headers = await bench.send(request).headers
            #expect(headers.first("X-Content-Type-Options") == "nosniff")
            #expect(headers.first("Content-Disposition") == "attachment")
            #expect(headers.first("Content-Security-Policy") == "default-src 'none'; sandbox")
        }
    }

    @Test func `asking for another type or for display runs nothing either, and films stay films`() async throws {
        let bench = try Bench()
        let inline = ("Content-Disposition", "inline; filename=\"a.html\"")
        _ = try await bench.put("/uploads/k", "<script>", [("Content-Type", "video/mp4"), inline])
        let film = await bench.send(try bench.request(.get, "/uploads/k"))
        #expect(film.headers.first("Content-Disposition") == inline.1)
        #expect(film.headers.first("Content-Security-Policy") == nil)
        #expect(film.headers.first("X-Content-Type-Options") == "nosniff")
        let page = await bench.send(
            try bench.request(
                .get, "/uploads/k?response-content-type=text%2Fhtml&response-content-disposition=inline"))
        #expect(page.headers.first("Content-Disposition") == "attachment")
        let named = await bench.send(try bench.request(.get, "/uploads/k?response-content-type=image%2Fsvg%2Bxml"))
        #expect(named.headers.first("Content-Disposition") == "attachment; filename=\"a.html\"")
    }

    @Test func `tags come with the object or later, are told and go with it`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/k", "x", [("x-amz-tagging", "a=1&b%20c=%3D+x")])
        let get = await bench.send(try bench.request(.get, "/media/k?tagging"))
        #expect(get.all("Key") == ["a", "b c"] && get.all("Value") == ["1", "= x"])
        #expect(await bench.send(try bench.request(.head, "/media/k")).headers.first("x-amz-tagging-count") == "2")
        #expect(await bench.send(try tagging(bench, [("z", "26")])).status == .ok)
        #expect(await bench.send(try bench.request(.get, "/media/k?tagging")).all("Key") == ["z"])
        #expect(await bench.send(try bench.request(.delete, "/media/k?tagging")).status == .noContent)
        #expect(try await bench.visible("media", "k") != nil)
        #expect(await bench.send(try bench.request(.head, "/media/k")).headers.first("x-amz-tagging-count") == nil)
        #expect(await bench.send(try tagging(bench, [("a", "1")])).status == .ok)
        _ = try await bench.put("/media/k", "another")
        #expect(await bench.send(try bench.request(.get, "/media/k?tagging")).all("Key").isEmpty)
        #expect(await bench.send(try bench.request(.get, "/media/nothing?tagging")).code == "NoSuchKey")
    }

    @Test func `tags beyond S3's limits are refused before the body`() async throws {
        let bench = try Bench()
        for tags in [
            (0..<11).map { "k\($0)=v" }.joined(separator: "&"), "a=1&a=2", "=1", "aws:a=1", "%zz=1",
            "a=\(String(repeating: "v", count: 257))", "\(String(repeating: "k", count: 129))=1",
        ] {
            #expect(try await bench.put("/media/k", "x", [("x-amz-tagging", tags)]).status == .badRequest, "\(tags)")
        }
        #expect(try await bench.visible("media", "k") == nil)
    }

    @Test func `deleting under a condition deletes what the client knows`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/k", "x")
        let other = try bench.request(.delete, "/media/k", [("If-Match", "\"other\"")])
        #expect(await bench.send(other).code == "PreconditionFailed")
        let tag = try #require(try await bench.visible("media", "k")?.etag)
        let known = try bench.request(.delete, "/media/k", [("If-Match", "\"\(tag)\"")])
        #expect(await bench.send(known).status == .noContent)
    }

    @Test func `what is asked of a bucket is not answered with an object`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/k", "x")
        for name in ["cors", "lifecycle", "policy", "versionId=1", "torrent", "restore", "delete"] {
            #expect(await bench.send(try bench.request(.get, "/media/k?\(name)")).status == .notImplemented, "\(name)")
        }
        #expect(await bench.send(try bench.request(.get, "/media/k?acl")).text.contains("FULL_CONTROL"))
        #expect(await bench.send(try bench.request(.put, "/media/k?acl")).status == .notImplemented)
        #expect(await bench.send(try bench.request(.get, "/media/z?acl")).code == "NoSuchKey")
    }

    private func tagging(_ bench: Bench, _ tags: [(String, String)]) throws -> Request {
        let set = tags.map { "<Tag><Key>\($0)</Key><Value>\($1)</Value></Tag>" }.joined()
        let body = Array("<Tagging><TagSet>\(set)</TagSet></Tagging>".utf8)
        return try bench.request(
            .put, "/media/k?tagging", [("Content-MD5", Base64.encode(Digest.md5(body)))], body: body)
    }
}
