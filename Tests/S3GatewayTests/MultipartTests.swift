import Bytes
import Catalog
import Crypto
import HTTPServer
import HTTPWire
import S3Gateway
import TestKit
import Testing

@Suite struct MultipartTests {
    private let first = MultipartClient.bytes(1)
    private let second = MultipartClient.bytes(2)
    private let last = MultipartClient.bytes(3, count: 9)

    @Test func `parts sent in any order make one object, announced once and in their order`() async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(
            bench, to: "/uploads/v/original", [("Content-Type", "video/mp4"), ("x-amz-meta-colour", "blue")])
        for (number, bytes) in [(3, last), (1, first), (2, second)] {
            let response = try await upload.put(number, bytes)
            #expect(response.status == .ok)
            #expect(response.headers.first("ETag") == "\"\(MultipartClient.tag(bytes))\"")
        }
        #expect(try await bench.visible("uploads", "v/original") == nil)
        let tag = MultipartClient.tag(of: [first, second, last])
        let parts = [first, second, last].enumerated().map { ($0.offset + 1, MultipartClient.tag($0.element)) }
        let response = try await upload.complete(parts)
        #expect(response.status == .ok, "\(response.text)")
        #expect(response.between("<ETag>", "</ETag>") == "&quot;\(tag)&quot;")
        #expect(response.between("<Location>", "</Location>") == "http://s3.test/uploads/v/original")
        let object = try #require(try await bench.visible("uploads", "v/original"))
        #expect(object.etag == tag && object.contentType == "video/mp4" && object.metadata == ["colour": "blue"])
        #expect(try await bench.content("uploads", "v/original") == first + second + last)
        let events = try await bench.events()
        #expect(events.map(\.name) == ["ObjectCreated:CompleteMultipartUpload"])
        #expect(events.map(\.size) == [object.size] && events.map(\.etag) == [tag])
    }

    @Test func `the tags that an upload began with are the object's once it is complete`() async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/media/k", [("x-amz-tagging", "kind=draft&a=%26")])
        _ = try await upload.put(1, last)
        #expect(try await upload.complete([(1, MultipartClient.tag(last))]).status == .ok)
        #expect(await bench.send(try bench.request(.head, "/media/k")).headers.first("x-amz-tagging-count") == "2")
        let tags = await bench.send(try bench.request(.get, "/media/k?tagging"))
        #expect(tags.all("Key") == ["a", "kind"] && tags.all("Value") == ["&amp;", "draft"])
        for wrong in ["a=1&a=2", "aws:a=1", "%zz"] {
            let refused = await bench.send(
                try bench.request(.post, "/media/k?uploads", [("x-amz-tagging", wrong)]))
            #expect(refused.status == .badRequest, "\(wrong)")
        }
    }

    @Test func `completing again answers the same, announces nothing and changes nothing`() async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/uploads/k")
        _ = try await upload.put(1, last)
        let parts = [(1, MultipartClient.tag(last))]
        let condition = [("If-None-Match", "*")]
        let once = try await upload.complete(parts, condition)
        let again = try await upload.complete(parts, condition)
        #expect((once.status, again.status) == (.ok, .ok))
        #expect(once.text == again.text)
        #expect(try await bench.events().count == 1)
        #expect(try await upload.complete([(2, MultipartClient.tag(last))]).code == "NoSuchUpload")
        #expect(try await upload.put(1, last).code == "NoSuchUpload")
        #expect(try await upload.abort().code == "NoSuchUpload")
        #expect(try await bench.blobsLeft() == 1)
    }

    @Test func `completions at the same time make one object and one event`() async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/uploads/k")
        _ = try await upload.put(1, last)
        let tag = MultipartClient.tag(last)
        try await withThrowingTaskGroup { group in
            for _ in 0..<10 { group.addTask { try await upload.complete([(1, tag)]).status } }
            for try await status in group { #expect(status == .ok) }
        }
        #expect(try await bench.events().count == 1)
    }

    private static let writings: [String] = [
        "<ETag>\"@\"</ETag><PartNumber>1</PartNumber>", "<PartNumber>1</PartNumber><ETag>&#34;@&#34;</ETag>",
        "<PartNumber>1</PartNumber><ETag>&quot;@&quot;</ETag><Unknown/>",
        "<ETag>@</ETag>\n<PartNumber> 1 </PartNumber>",
    ]

    @Test(arguments: writings, ["", " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""])
    func `every client's way to write the list of parts is read`(part: String, namespace: String) async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/media/k")
        _ = try await upload.put(1, last)
        let tagged = part.replacing("@", with: MultipartClient.tag(last))
        let response = try await upload.complete(
            xml: "<CompleteMultipartUpload\(namespace)><Part>\(tagged)</Part></CompleteMultipartUpload>")
        #expect(response.status == .ok, "\(response.text)")
    }

    @Test(arguments: [
        ("", "MalformedXML"), ("<CompleteMultipartUpload/>", "MalformedXML"), ("<Other/>", "MalformedXML"),
        ("<CompleteMultipartUpload><Part/></CompleteMultipartUpload>", "MalformedXML"),
        ("<!DOCTYPE x><CompleteMultipartUpload/>", "MalformedXML"),
        (
            "<CompleteMultipartUpload><Part><PartNumber>0</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>",
            "InvalidArgument"
        ),
        (
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>",
            "InvalidPart"
        ),
        (
            "<CompleteMultipartUpload><Part><PartNumber>9</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>",
            "InvalidPart"
        ),
    ])
    func `a wrong list of parts is refused, and the upload goes on`(xml: String, code: String) async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/media/k")
        _ = try await upload.put(1, last)
        #expect(try await upload.complete(xml: xml).code == code)
        #expect(try await bench.visible("media", "k") == nil)
        #expect(try await upload.complete([(1, MultipartClient.tag(last))]).status == .ok)
    }

    @Test func `order, size and number of parts are held to`() async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/media/k")
        _ = try await upload.put(1, last)
        _ = try await upload.put(2, last)
        let tag = MultipartClient.tag(last)
        #expect(try await upload.complete([(2, tag), (1, tag)]).code == "InvalidPartOrder")
        #expect(try await upload.complete([(1, tag), (1, tag)]).code == "InvalidPartOrder")
        #expect(try await upload.complete([(1, tag), (2, tag)]).code == "EntityTooSmall")
        #expect(try await upload.complete((1...10_001).map { ($0, tag) }).code == "TooManyParts")
        for number in [0, 10_001] { #expect(try await upload.put(number, last).code == "InvalidArgument") }
        #expect(try await upload.complete([(2, tag)]).status == .ok)
        #expect(try await bench.blobsLeft() == 1)
    }

    @Test func `a part sent again replaces the one before`() async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/media/k")
        _ = try await upload.put(1, [1])
        _ = try await upload.put(1, last)
        #expect(try await upload.complete([(1, MultipartClient.tag([1]))]).code == "InvalidPart")
        #expect(try await upload.complete([(1, MultipartClient.tag(last))]).status == .ok)
        #expect(try await bench.content("media", "k") == last)
        #expect(try await bench.blobsLeft() == 1)
    }

    @Test func `a part whose body is not what was announced is no part`() async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/media/k")
        #expect(try await upload.put(1, last, [("x-amz-checksum-crc32", "AAAAAA==")]).code == "BadDigest")
        #expect(try await upload.complete([(1, MultipartClient.tag(last))]).code == "InvalidPart")
        #expect(try await bench.blobsLeft() == 0)
    }

    @Test func `an upload that is aborted leaves nothing, and is no more`() async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/media/k")
        _ = try await upload.put(1, last)
        #expect(try await upload.abort().status == .noContent)
        for response in [
            try await upload.put(1, last), try await upload.complete([(1, "x")]), try await upload.abort(),
        ] {
            #expect((response.status, response.code) == (404, "NoSuchUpload"))
        }
        #expect(try await bench.blobsLeft() == 0)
    }

    @Test func `an upload is known under its own key only`() async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/media/k")
        for target in ["/media/j", "/uploads/k"] {
            let put = try bench.request(.put, "\(target)?partNumber=1&uploadId=\(upload.id)", body: last)
            #expect(await bench.send(put).code == "NoSuchUpload")
            let abort = try bench.request(.delete, "\(target)?uploadId=\(upload.id)")
            #expect(await bench.send(abort).code == "NoSuchUpload")
        }
        #expect(try await upload.abort().status == .noContent)
    }

    @Test func `what takes longer than a week is given up`() async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/media/k")
        _ = try await upload.put(1, last)
        bench.clock.advance(seconds: 604_800)
        #expect(try await bench.reclaimer.expireUploads() == 0)
        bench.clock.advance(seconds: 1)
        #expect(try await bench.reclaimer.expireUploads() == 1)
        #expect(try await upload.complete([(1, MultipartClient.tag(last))]).code == "NoSuchUpload")
        #expect(try await bench.blobsLeft() == 0)
    }

    @Test func `the sweep leaves parts and pieces alone`() async throws {
        let bench = try Bench()
        let waiting = try await MultipartClient(bench, to: "/media/waiting")
        _ = try await waiting.put(1, last)
        let upload = try await MultipartClient(bench, to: "/media/k")
        _ = try await upload.put(1, first)
        _ = try await upload.put(2, last)
        let parts = [(1, MultipartClient.tag(first)), (2, MultipartClient.tag(last))]
        #expect(try await upload.complete(parts).status == .ok)
        #expect(try await bench.reclaimer.sweepOrphans(olderThanSeconds: -1 << 40) == 0)
        #expect(try await bench.content("media", "k") == first + last)
    }

    @Test func `only those who may write a bucket upload to it in parts, and an administrator's URLs do`() async throws
    {
        let bench = try Bench()
        for (target, key, status) in [
            ("/media/k", Bench.edge, HTTPStatus.forbidden), ("/uploads/k", Bench.worker, .forbidden),
            ("/media/k", Bench.worker, .ok),
        ] {
            #expect(await bench.send(try bench.request(.post, "\(target)?uploads", key: key)).status == status)
        }
        let upload = try await MultipartClient(bench, to: "/uploads/k")
        let part = "partNumber=1&uploadId=\(upload.id)"
        let stolen = try bench.presigned(.put, "/uploads/k", query: part, body: last, key: Bench.worker)
        #expect(await bench.send(stolen).code == "AccessDenied")
        #expect(await bench.send(try bench.presigned(.put, "/uploads/k", query: part, body: last)).status == .ok)
        let list =
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\(MultipartClient.tag(last))</ETag></Part></CompleteMultipartUpload>"
        let complete = try bench.presigned(
            .post, "/uploads/k", query: "uploadId=\(upload.id)", body: Array(list.utf8))
        #expect(await bench.send(complete).status == .ok)
        #expect(try await bench.content("uploads", "k") == last)
    }

    @Test func `a URL for one part is good for no other and completes nothing`() async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/uploads/k")
        let signed = try bench.presigned(.put, "/uploads/k", query: "partNumber=1&uploadId=\(upload.id)", body: last)
        var other = signed
        other.query = signed.query?.replacing("partNumber=1", with: "partNumber=2")
        var completing = signed
        completing.method = .post
        for request in [other, completing] { #expect(await bench.send(request).code == "SignatureDoesNotMatch") }
    }

    @Test func `a part beyond what the upload allows is refused before its body`() async throws {
        let bench = try Bench()
        let object = StoredObject(
            bucket: "uploads", key: "k", blob: "", size: 0, etag: "", contentType: "video/mp4",
            createdAt: bench.clock.now)
        try await bench.catalog.write {
            try $0.insert(MultipartUpload(id: "limited", object: object, maximumPartBytes: 8))
        }
        func put(_ bytes: [UInt8]) async throws -> Response {
            await bench.send(try bench.request(.put, "/uploads/k?partNumber=1&uploadId=limited", body: bytes))
        }
        #expect(try await put(last).code == "EntityTooLarge")
        #expect(try await put(Array(last.dropLast())).status == .ok)
    }

    @Test func `a part of an object is answered by its number`() async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/media/k")
        _ = try await upload.put(1, first)
        _ = try await upload.put(2, last)
        let tags = [(1, MultipartClient.tag(first)), (2, MultipartClient.tag(last))]
        _ = try await upload.complete(tags)
        let size = first.count + last.count
        for (number, range) in [(1, "0-\(first.count - 1)"), (2, "\(first.count)-\(size - 1)")] {
            for method in [HTTPMethod.get, .head] {
                let response = await bench.send(try bench.request(method, "/media/k?partNumber=\(number)"))
                #expect(response.status == .partialContent)
                #expect(response.headers.first("Content-Range") == "bytes \(range)/\(size)")
                #expect(response.headers.first("x-amz-mp-parts-count") == "2")
            }
        }
        #expect(await bench.send(try bench.request(.get, "/media/k?partNumber=3")).code == "InvalidPartNumber")
        let both = try bench.request(.get, "/media/k?partNumber=1", [("Range", "bytes=0-1")])
        #expect(await bench.send(both).code == "InvalidRequest")
        _ = try await bench.put("/media/plain", "text")
        let plain = await bench.send(try bench.request(.get, "/media/plain?partNumber=1"))
        #expect(plain.headers.first("Content-Range") == "bytes 0-3/4")
        #expect(plain.headers.first("x-amz-mp-parts-count") == nil)
    }
}
