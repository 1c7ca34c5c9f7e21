import AccessSigning
import Catalog
import HTTPServer
import HTTPWire
import S3Gateway
import Synchronization
import TestKit
import Testing

/// How objects answer that are in the archive, as S3's do in Glacier.
@Suite struct ArchiveTests {
    private static let request = "<RestoreRequest><Days>3</Days></RestoreRequest>"

    private func bench(_ state: ArchivedSource.State) async throws -> Bench {
        let bench = try Bench()
        _ = try await bench.put("/uploads/a", "bytes")
        try await set(state, bench)
        return bench
    }

    private func set(_ state: ArchivedSource.State, _ bench: Bench) async throws {
        let blob = try #require(try await bench.visible("uploads", "a")).blob
        let due = bench.clock.now + 86_400_000
        try await bench.catalog.write { try $0.save(ArchivedSource(blob: blob, state: state, dueAt: due)) }
    }

    private func restore(_ bench: Bench, _ body: String = request, key: AccessKey = Bench.administrator) async throws
        -> Response
    {
        await bench.send(try bench.request(.post, "/uploads/a?restore", body: Array(body.utf8), key: key))
    }

    @Test(arguments: [ArchivedSource.State.clearing, .archived, .restoring])
    func `what only the archive has is refused by S3's name, and described`(_ state: ArchivedSource.State) async throws
    {
        let bench = try await bench(state)
        for target in ["/uploads/a", "/uploads/a?partNumber=1"] {
            let answer = await bench.send(try bench.request(.get, target))
            #expect(answer.status == .forbidden && answer.code == "InvalidObjectState")
            #expect(answer.all("StorageClass") == ["GLACIER"])
        }
        let ranged = await bench.send(try bench.request(.get, "/uploads/a", [("Range", "bytes=0-1")]))
        #expect(ranged.code == "InvalidObjectState")
        let head = await bench.send(try bench.request(.head, "/uploads/a"))
        #expect(head.status == .ok && head.length == 5)
        #expect(head.headers.first("x-amz-storage-class") == "GLACIER")
        #expect(head.headers.first("x-amz-restore") == (state == .restoring ? "ongoing-request=\"true\"" : nil))
        let list = await bench.send(try bench.request(.get, "/uploads?list-type=2"))
        #expect(list.all("StorageClass") == ["GLACIER"])
        let copy = try bench.request(.put, "/uploads/b", [("x-amz-copy-source", "/uploads/a")])
        #expect(await bench.send(copy).code == "InvalidObjectState")
        #expect(try await bench.visible("uploads", "b") == nil)
        let upload = try await MultipartClient(bench, to: "/uploads/c")
        let part = try await upload.put(1, [], [("x-amz-copy-source", "/uploads/a")])
        #expect(part.code == "InvalidObjectState")
    }

    @Test func `what is back is read, with the day on which it goes again`() async throws {
        let bench = try await bench(.restored)
        let answer = await bench.send(try bench.request(.get, "/uploads/a"))
        #expect(answer.status == .ok && answer.headers.first("x-amz-storage-class") == "GLACIER")
        let end = HTTPDate.format(bench.clock.now / 1_000 + 86_400)
        #expect(answer.headers.first("x-amz-restore") == "ongoing-request=\"false\", expiry-date=\"\(end)\"")
        let copy = try bench.request(.put, "/uploads/b", [("x-amz-copy-source", "/uploads/a")])
        #expect(await bench.send(copy).status == .ok)
        let list = await bench.send(try bench.request(.get, "/uploads?list-type=2"))
        #expect(list.all("StorageClass") == ["GLACIER", "STANDARD"], "the copy is an object of its own")
    }

    @Test func `what is on its way to the archive is like any other`() async throws {
        let bench = try await bench(.archiving)
        let answer = await bench.send(try bench.request(.get, "/uploads/a"))
        #expect(answer.status == .ok && !answer.headers.contains("x-amz-storage-class"))
        #expect(try await restore(bench).code == "InvalidObjectState")
    }

    @Test func `a restore begins once, is under way, and sets the days anew when it is over`() async throws {
        let bench = try await bench(.archived)
        #expect(try await restore(bench).status == .accepted)
        let again = try await restore(bench)
        #expect(again.status == .conflict && again.code == "RestoreAlreadyInProgress")
        try await set(.restored, bench)
        #expect(try await restore(bench).status == .ok)
        let end = HTTPDate.format(bench.clock.now / 1_000 + 3 * 86_400)
        let head = await bench.send(try bench.request(.head, "/uploads/a"))
        #expect(head.headers.first("x-amz-restore")?.contains(end) == true)
    }

    @Test func `what is not in the archive, or not there, is not restored`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/uploads/a", "bytes")
        let answer = try await restore(bench)
        #expect(answer.status == .forbidden && answer.code == "InvalidObjectState")
        _ = await bench.send(try bench.request(.delete, "/uploads/a"))
        #expect(try await restore(bench).code == "NoSuchKey")
        #expect(await bench.send(try bench.request(.get, "/uploads/a?restore")).status == .notImplemented)
        #expect(await bench.send(try bench.request(.post, "/uploads?restore")).status != .ok)
    }

    @Test(arguments: [Bench.edge, Bench.worker])
    func `only administrators restore by S3`(_ key: AccessKey) async throws {
        let bench = try await bench(.archived)
        #expect(try await restore(bench, key: key).code == "AccessDenied")
        let stands = try await bench.catalog.read {
            [blob = try #require(try await bench.visible("uploads", "a")).blob] in
            try $0.archivedSource(blob: blob)?.state
        }
        #expect(stands == .archived)
    }

    @Test(arguments: [
        ("<RestoreRequest/>", "MalformedXML"), ("<Other/>", "MalformedXML"), ("<RestoreRequest>", "MalformedXML"),
        ("<RestoreRequest><Days>0</Days></RestoreRequest>", "InvalidArgument"),
        ("<RestoreRequest><Days>-1</Days></RestoreRequest>", "InvalidArgument"),
        ("<RestoreRequest><Days>3651</Days></RestoreRequest>", "InvalidArgument"),
        ("<RestoreRequest><Days>99999999999999999999</Days></RestoreRequest>", "InvalidArgument"),
        ("<RestoreRequest><Days>1</Days><Type>SELECT</Type></RestoreRequest>", "NotImplemented"),
        ("<RestoreRequest><Days>1</Days><Tier>Now</Tier></RestoreRequest>", "MalformedXML"),
    ])
    func `a request that is none is refused`(_ body: String, _ code: String) async throws {
        let bench = try await bench(.archived)
        #expect(try await restore(bench, body).code == code)
    }

    @Test(arguments: [
        "<Days>1</Days><GlacierJobParameters><Tier>Bulk</Tier></GlacierJobParameters>",
        "<Days>1</Days><Tier>Expedited</Tier>",
    ])
    func `tiers are accepted`(_ body: String) async throws {
        let bench = try await bench(.archived)
        #expect(try await restore(bench, "<RestoreRequest>\(body)</RestoreRequest>").status == .accepted)
    }

    @Test func `deleting and replacing what is archived needs no restore`() async throws {
        let bench = try await bench(.archived)
        _ = try await bench.put("/uploads/a", "new")
        #expect(await bench.send(try bench.request(.get, "/uploads/a")).status == .ok)
        try await set(.archived, bench)
        #expect(await bench.send(try bench.request(.delete, "/uploads/a")).status == .noContent)
    }

    @Test func `whoever gets bytes has touched the object, whoever looks at it has not`() async throws {
        let read = Mutex<[String]>([])
        let bench = try Bench(objectRead: { object in read.withLock { $0.append(object.key) } })
        _ = try await bench.put("/uploads/a", "bytes")
        _ = await bench.send(try bench.request(.head, "/uploads/a"))
        _ = await bench.send(try bench.request(.get, "/uploads?list-type=2"))
        #expect(read.withLock { $0 } == [])
        _ = await bench.send(try bench.request(.get, "/uploads/a", [("Range", "bytes=0-1")]))
        _ = await bench.send(try bench.request(.put, "/uploads/b", [("x-amz-copy-source", "/uploads/a")]))
        #expect(read.withLock { $0 } == ["a", "a"])
    }
}
