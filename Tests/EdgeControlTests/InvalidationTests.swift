import Audit
import Catalog
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Testing
import XML

@testable import EdgeControl

@Suite struct InvalidationPathTests {
    @Test(arguments: [
        ("/a/b.m3u8", InvalidationPath.url("/a/b.m3u8")), ("a/b", .url("/a/b")), ("/a?x=1&y", .url("/a?x=1&y")),
        ("/vod/a b&é.m3u8", .url("/vod/a%20b&%C3%A9.m3u8")), ("/vod/a%20b", .url("/vod/a%20b")),
        ("/%7Euser", .url("/~user")), ("/%c3%a9", .url("/%C3%A9")), ("/a\"b", .url("/a%22b")),
        ("/a/b*", .prefix("/a/b")), ("/a/*", .prefix("/a/")), ("/*", .prefix("/")), ("*", .prefix("/")),
        ("/a?x=*", .prefix("/a")), ("/a/é%C3*", .prefix("/a/%C3%A9")), ("/a%2*", .prefix("/a")),
        ("#video:1", .tag("video:1")), ("#a*b", .tag("a*b")),
    ])
    func `a path covers what CloudFront says it does`(_ text: String, _ expected: InvalidationPath) throws {
        #expect(try InvalidationPath(text) == expected)
    }

    @Test(arguments: ["/a*b", "/*/b", "**", "/a/../b", "/a//b", "/%2e%2e/x", "/%zz", "#", "#a b", "#ä", "/a%00"])
    func `a path that no request could have is refused by name`(_ text: String) {
        #expect {
            try InvalidationPath(text)
        } throws: { error in
            let error = error as? CloudFrontError
            return error?.code == "InvalidArgument" && error?.message.contains(text) == true
        }
    }

    @Test func `a prefix longer than edges take covers more, never less`() throws {
        let text = "/" + String(repeating: "a", count: 2_000)
        guard case .prefix(let prefix) = try InvalidationPath(text + "*") else { return #expect(Bool(false)) }
        #expect(prefix.utf8.count == 1_024 && text.hasPrefix(prefix))
        #expect(throws: CloudFrontError.self) { try InvalidationPath("/" + String(repeating: "a", count: 4_000)) }
    }
}

@Suite struct InvalidationTests {
    @Test func `an invalidation is created, found and listed`() async throws {
        let bench = try ControlBench()
        let created = await bench.invalidate(["/a/*", "/vod/a b&é.m3u8", "#video:1"])
        #expect(created.status == .created)
        let root = try #require(created.xml)
        let id = try #require(root.first("Id")?.text)
        #expect(created.headers.first("location")?.hasSuffix("\(ControlBench.invalidations)/\(id)") == true)
        #expect(root.name == "Invalidation" && root.first("Status")?.text == "Completed")
        #expect(root.first("CreateTime")?.text == "2026-11-18T11:06:40.000Z")
        let batch = try #require(root.first("InvalidationBatch"))
        #expect(batch.first("Paths")?.first("Quantity")?.text == "3")
        #expect(
            batch.first("Paths")?.first("Items")?.all("Path").map(\.text) == ["/a/*", "/vod/a b&é.m3u8", "#video:1"])
        let found = await bench.call(.get, "\(ControlBench.invalidations)/\(id)", as: "ADMIN")
        #expect(found.xml == root)
        let list = try #require(await bench.call(.get, ControlBench.invalidations, as: "ADMIN").xml)
        #expect(list.first("Items")?.all("InvalidationSummary").map { $0.first("Id")?.text } == [id])
    }

    @Test func `an invalidation is told of once, with the key that asked for it`() async throws {
        let bench = try ControlBench()
        let created = await bench.invalidate(["/a/*", "/b"])
        _ = await bench.invalidate(["/a/*", "/b"])
        let id = try #require(created.xml?.first("Id")?.text)
        let told = try await bench.catalog.read { try $0.auditLines(after: 0, limit: 9) }.map(\.document)
        #expect(told.count == 1 && told[0]["action"] == "invalidation_created")
        #expect(told[0]["actor"] == "access-key:ADMIN" && told[0]["subject"]?.string == "invalidation:\(id)")
        #expect(told[0]["details"] == ["distribution": "EDIST", "paths": 2])
    }

    @Test func `edges are told exactly what the paths cover, and of which distribution`() async throws {
        let bench = try ControlBench()
        let logId = try await bench.logId()
        _ = await bench.invalidate(["/a/*", "/b c", "#t"])
        #expect(
            await bench.follow(log: logId, after: 0).orders == [
                ["purge": ["distribution": "EDIST", "urls": ["/b%20c"], "prefixes": ["/a/"], "tags": ["t"]]]
            ])
    }

    @Test func `it is completed when all connected edges have carried it out, and stays so`() async throws {
        let bench = try ControlBench()
        let logId = try await bench.logId()
        _ = await bench.follow("one", log: logId, after: 0)
        _ = await bench.follow("two", log: logId, after: 0)
        let created = await bench.invalidate(["/*"])
        #expect(created.xml?.first("Status")?.text == "InProgress")
        let target = "\(ControlBench.invalidations)/\(created.xml?.first("Id")?.text ?? "")"
        func status() async -> String? {
            await bench.call(.get, target, as: "ADMIN").xml?.first("Status")?.text
        }
        _ = await bench.follow("one", log: logId, after: 1)
        #expect(await status() == "InProgress")
        _ = await bench.follow("two", log: logId, after: 1)
        #expect(await status() == "Completed")
        _ = await bench.follow("late", log: logId, after: 0)
        #expect(await status() == "Completed")
    }

    @Test func `an edge that went away no longer holds it up`() async throws {
        let bench = try ControlBench()
        _ = await bench.follow(log: try await bench.logId(), after: 0)
        let created = await bench.invalidate(["/*"])
        bench.advance(seconds: 61)
        let target = "\(ControlBench.invalidations)/\(created.xml?.first("Id")?.text ?? "")"
        #expect(await bench.call(.get, target, as: "ADMIN").xml?.first("Status")?.text == "Completed")
    }

    @Test func `the same reference is the same invalidation`() async throws {
        let bench = try ControlBench()
        let first = await bench.invalidate(["/a", "/b"], reference: "r")
        let again = await bench.invalidate(["/a", "/b"], reference: "r")
        #expect(again.status == .created && again.xml?.first("Id") == first.xml?.first("Id"))
        #expect(await bench.invalidate(["/a"], reference: "r").code == "InvalidationBatchAlreadyExists")
        #expect(try await bench.latest() == 1)
    }

    @Test func `lists come in pages`() async throws {
        let bench = try ControlBench()
        for number in 1...3 { _ = await bench.invalidate(["/a"], reference: "r\(number)") }
        let first = try #require(
            await bench.call(.get, "\(ControlBench.invalidations)?MaxItems=2", as: "ADMIN").xml)
        #expect(first.first("IsTruncated")?.text == "true" && first.first("Quantity")?.text == "2")
        let marker = try #require(first.first("NextMarker")?.text)
        let rest = try #require(
            await bench.call(.get, "\(ControlBench.invalidations)?MaxItems=2&Marker=\(marker)", as: "ADMIN").xml)
        #expect(rest.first("IsTruncated")?.text == "false" && rest.first("Quantity")?.text == "1")
        #expect(
            await bench.call(.get, "\(ControlBench.invalidations)?MaxItems=x", as: "ADMIN").code == "InvalidArgument")
    }

    @Test func `what is wrong with a batch is said in CloudFront's codes`() async throws {
        let bench = try ControlBench()
        #expect(await bench.invalidate(["/a"], quantity: 2).code == "InconsistentQuantities")
        #expect(await bench.invalidate([]).code == "InvalidArgument")
        #expect(await bench.invalidate(["/a"], reference: "").code == "MalformedXML")
        #expect(await bench.invalidate(["/a*b"]).code == "InvalidArgument")
        let many = await bench.invalidate((0...3_000).map { "/\($0)" })
        #expect(many.code == "BatchTooLarge" && many.status == .contentTooLarge)
        func code(_ body: String) async -> String? {
            await bench.call(.post, ControlBench.invalidations, as: "ADMIN", body: Array(body.utf8)).code
        }
        #expect(await code("") == "MissingBody")
        #expect(await code("<InvalidationBatch>") == "MalformedXML")
        #expect(await code("<Other/>") == "MalformedXML")
        #expect(await code("<!DOCTYPE a><InvalidationBatch/>") == "MalformedXML")
        #expect(try await bench.latest() == 0)
    }

    @Test func `what is in progress is bounded`() async throws {
        let bench = try ControlBench()
        _ = await bench.follow(log: try await bench.logId(), after: 0)
        for number in 1...15 { _ = await bench.invalidate(["/\(number)/*"], reference: "r\(number)") }
        #expect(await bench.invalidate(["/x/*"], reference: "x").code == "TooManyInvalidationsInProgress")
        #expect(await bench.invalidate(["/x"], reference: "x").status == .created)
        _ = await bench.follow(log: try await bench.logId(), after: 16)
        #expect(await bench.invalidate(["/y/*"], reference: "y").status == .created)
    }

    @Test func `three thousand paths may be in progress, and fewer wildcards among them`() async throws {
        let bench = try ControlBench()
        _ = await bench.follow(log: try await bench.logId(), after: 0)
        #expect(await bench.invalidate((1...2_999).map { "/\($0)" }, reference: "a").status == .created)
        #expect(await bench.invalidate(["/x", "/y"], reference: "b").code == "TooManyInvalidationsInProgress")
        #expect(await bench.invalidate(["#x"], reference: "b").status == .created)
        let refused = await bench.invalidate(["/y"], reference: "c")
        #expect((refused.code, refused.status) == ("TooManyInvalidationsInProgress", .badRequest))
        // The same reference is no further invalidation.
        #expect(await bench.invalidate(["#x"], reference: "b").status == .created)
        _ = await bench.follow(log: try await bench.logId(), after: 2)
        #expect(await bench.invalidate(["/y"], reference: "c").status == .created)
    }

    @Test func `a batch may not be larger than three thousand paths can be`() async throws {
        let bench = try ControlBench()
        let body = Array(repeating: UInt8(ascii: " "), count: 16 << 20) + Array("<InvalidationBatch/>".utf8)
        let answer = await bench.call(.post, ControlBench.invalidations, as: "ADMIN", body: body)
        #expect((answer.code, answer.status) == ("BatchTooLarge", .contentTooLarge))
    }

    @Test func `errors have the form that SDKs read`() async throws {
        let answer = await (try ControlBench()).invalidate(["/a*b"])
        #expect(answer.headers.first("content-type") == "text/xml")
        let root = try #require(answer.xml)
        #expect(root.name == "ErrorResponse" && root.first("RequestId")?.text == "test-request")
        #expect(root.first("Error")?.first("Type")?.text == "Sender")
        #expect(root.first("Error")?.first("Message")?.text.contains("/a*b") == true)
    }

    @Test func `strangers, edges and other distributions are refused`() async throws {
        let bench = try ControlBench()
        #expect(await bench.call(.get, ControlBench.invalidations, as: nil).code == "MissingAuthenticationToken")
        #expect(await bench.call(.get, ControlBench.invalidations, as: "WHO").code == "InvalidClientTokenId")
        #expect(await bench.call(.get, ControlBench.invalidations, as: "EDGE").code == "AccessDenied")
        #expect(
            await bench.call(.get, ControlBench.invalidations, as: "ADMIN", region: "eu-west-3").code
                == "SignatureDoesNotMatch")
        let other = await bench.call(.get, "/2020-05-31/distribution/EOTHER/invalidation", as: "ADMIN")
        #expect(other.code == "NoSuchDistribution" && other.status == .notFound)
        let unknown = await bench.call(.get, "\(ControlBench.invalidations)/INONE", as: "ADMIN")
        #expect(unknown.code == "NoSuchInvalidation" && unknown.status == .notFound)
    }
}
