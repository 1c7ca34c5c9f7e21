import Bytes
import Catalog
import Crypto
import HTTPServer
import HTTPWire
import Testing

@Suite struct DeleteObjectsTests {
    @Test func `all that is named goes, and what was not there counts as gone`() async throws {
        let bench = try Bench()
        for key in ["a", "b", "c &"] { _ = try await bench.put("/media/\(PercentEncoding.encode(key))", "x") }
        let response = await bench.send(
            try delete(
                bench, "<Object><Key>a</Key></Object><Object><Key>c &amp;</Key></Object><Object><Key>z</Key></Object>"))
        #expect(response.status == .ok)
        #expect(response.all("Key") == ["a", "c &amp;", "z"])
        let left = try await bench.catalog.read { try $0.objects(bucket: "media", prefix: "", from: "", limit: 9) }
        #expect(left.map(\.key) == ["b"])
    }

    @Test func `a quiet call tells only what was refused`() async throws {
        let bench = try Bench()
        for key in ["a", "b"] { _ = try await bench.put("/media/\(key)", "x") }
        let response = await bench.send(
            try delete(
                bench,
                "<Quiet>true</Quiet><Object><Key>a</Key></Object><Object><Key>b</Key><VersionId>7</VersionId></Object>")
        )
        #expect(response.all("Deleted").isEmpty && response.all("Key") == ["b"])
        #expect(response.code == "NoSuchVersion")
        #expect(try await bench.visible("media", "a") == nil)
        #expect(try await bench.visible("media", "b") != nil)
    }

    @Test func `a thousand are taken, one more or none is refused`() async throws {
        let bench = try Bench()
        for (count, status) in [(1_000, 200), (1_001, 400), (0, 400)] {
            let entries = (0..<count).map { "<Object><Key>k\($0)</Key></Object>" }.joined()
            let response = await bench.send(try delete(bench, entries))
            #expect(response.status.code == status)
            #expect(response.code == (status == 200 ? "" : "MalformedXML"))
        }
    }

    @Test func `the body must be proven by a digest or a checksum`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/a", "x")
        let bare = try delete(bench, "<Object><Key>a</Key></Object>", digest: nil)
        #expect(await bench.send(bare).code == "InvalidRequest")
        let wrong = try delete(bench, "<Object><Key>a</Key></Object>", digest: "AAAAAAAAAAAAAAAAAAAAAA==")
        #expect(await bench.send(wrong).code == "BadDigest")
        #expect(try await bench.visible("media", "a") != nil)
    }

    @Test func `an edge deletes nothing, and a document with a type of its own is refused`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/a", "x")
        let body = Array("<Delete><Object><Key>a</Key></Object></Delete>".utf8)
        let fields = [("Content-MD5", Base64.encode(Digest.md5(body)))]
        let edge = try bench.request(.post, "/media?delete", fields, body: body, key: Bench.edge)
        #expect(await bench.send(edge).code == "AccessDenied")
        let bomb = Array("<!DOCTYPE a [<!ENTITY b \"c\">]><Delete><Object><Key>&b;</Key></Object></Delete>".utf8)
        let hostile = try bench.request(
            .post, "/media?delete", [("Content-MD5", Base64.encode(Digest.md5(bomb)))], body: bomb)
        #expect(await bench.send(hostile).code == "MalformedXML")
        #expect(try await bench.visible("media", "a") != nil)
    }

    private func delete(_ bench: Bench, _ entries: String, digest: String? = "right") throws -> Request {
        let body = Array("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\(entries)</Delete>".utf8)
        let value = digest == "right" ? Base64.encode(Digest.md5(body)) : digest
        return try bench.request(.post, "/media?delete", value.map { [("Content-MD5", $0)] } ?? [], body: body)
    }
}
