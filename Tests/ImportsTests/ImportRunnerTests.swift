import Bytes
import Catalog
import Crypto
import EventLoop
import HTTPWire
import Jobs
import ObjectStore
import Objects
import Outbound
import Queues
import Synchronization
import TestKit
import Testing

@testable import Imports

/// Imports over a catalog and a store of their own, from servers on this machine.
private final class Bench: Sendable {
    let catalog: SQLiteCatalog
    let blobs: FileBlobStore
    let imports: Imports
    let runner: ImportRunner
    let clock = ManualClock(milliseconds: 1_795_000_000_000)
    private let loop: EventLoop
    private let folder = TemporaryDirectory()

    init(
        maximumBytes: Int64 = 1 << 20, allowsPrivateAddresses: Bool = true,
        objection: @escaping UploadObjection = { _, _, _ in nil }
    ) throws {
        let clock = clock
        let counter = Counter()
        loop = try EventLoop(name: "imports")
        catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        blobs = try FileBlobStore(
            directory: folder.file("objects"), pool: try BlockingPool(name: "blobs", threads: 1, queueLimit: 256),
            minimumFreeBytes: 0)
        let open = OutboundRule(allowsPrivateAddresses: true)
        // The address is taken when the import is made, and looked at again when it is asked.
        imports = Imports(
            catalog: catalog, options: ImportOptions(rule: open, openPerAccount: 3), now: { clock.now })
        let rule = OutboundRule(allowsPrivateAddresses: allowsPrivateAddresses)
        let resolver = Resolver(pool: try BlockingPool(name: "resolver", threads: 1, queueLimit: 16))
        let options = ImportOptions(rule: rule, maximumBytes: maximumBytes, stallTimeout: .seconds(5))
        runner = ImportRunner(
            imports, catalog: catalog, blobs: blobs,
            client: try OutboundClient(rule, loop: loop, resolver: resolver), options: options,
            place: ImportRunner.Place(bucket: "uploads", region: "r") { counter.value.withLock { $0 += 1 } },
            objection: objection, now: { clock.now })
        stored = counter
    }

    final class Counter: Sendable {
        let value = Mutex(0)
    }

    /// How often an upload was announced.
    let stored: Counter

    func begin(_ url: String, video: String = "v", of owner: String = "anna") async throws -> VideoImport {
        try await imports.begin(
            Video(
                id: video, ownerId: owner, ownerName: "A", title: "T", fileName: "f",
                contentType: "application/octet-stream", uploadKey: "\(video)/original", declaredSize: 0,
                visibility: .private, createdAt: clock.now), from: url)
    }

    /// Makes the attempts that are due, and returns how many.
    @discardableResult
    func attempt() async throws -> Int {
        let messages = try await runner.receiver.receive()
        for message in messages { runner.receiver.end(message, isAnswered: await runner.carryOut(message)) }
        return messages.count
    }

    /// Puts the video into the trash, or takes it out.
    func move(intoTrash: Bool) async throws {
        let now = clock.now
        try await catalog.write { transaction in
            guard var video = try transaction.video(id: "v") else { return }
            video.deletedAt = intoTrash ? now : nil
            try transaction.save(video)
            if !intoTrash { try transaction.resumeImport(ofVideo: "v", now: now) }
        }
    }

    func state(_ begun: VideoImport) async throws -> VideoImport {
        try #require(try await catalog.read { try $0.videoImport(id: begun.id) })
    }

    func object() async throws -> StoredObject? {
        try await catalog.read { try $0.object(bucket: "uploads", key: "v/original") }
    }

    func video() async throws -> Video? { try await catalog.read { try $0.video(id: "v") } }

    /// What the object holds.
    func bytes() async throws -> [UInt8] {
        guard let object = try await object() else { return [] }
        var collected: [UInt8] = []
        try await ObjectBytes(of: object, in: blobs, catalog).read(0..<object.size) { collected += $0 }
        return collected
    }
}

@Suite struct ImportRunnerTests {
    private let file = [UInt8]((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })

    private func url(_ server: ScriptedServer, _ path: String = "/film.mp4") -> String {
        "http://127.0.0.1:\(server.address.port)\(path)"
    }

    private static func head(_ status: String, _ fields: [String]) -> [UInt8] {
        Array((["HTTP/1.1 \(status)"] + fields + ["Connection: close", "", ""]).joined(separator: "\r\n").utf8)
    }

    private func whole(_ fields: [String] = [], until end: Int? = nil) -> ScriptedServer.Script {
        let (file, all) = (file, ["Content-Type: video/mp4", "Content-Length: \(file.count)"] + fields)
        return { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send(Self.head("200 OK", all) + file.prefix(end ?? file.count))
        }
    }

    private func answer(_ status: String, _ fields: [String] = ["Content-Length: 0"]) -> ScriptedServer.Script {
        { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send(Self.head(status, fields))
        }
    }

    @Test func `a file becomes an upload, with its event, and nothing else is left`() async throws {
        let (bench, server) = (try Bench(), try ScriptedServer(whole()))
        let begun = try await bench.begin(url(server))
        #expect(try await bench.attempt() == 1)
        let ended = try await bench.state(begun)
        #expect((ended.state, ended.received, ended.total, ended.failure) == (.done, 100_000, 100_000, nil))
        let object = try #require(try await bench.object())
        #expect(object.contentType == "video/mp4" && object.etag == Hex.encode(Digest.md5(file)))
        #expect(try await bench.bytes() == file)
        #expect(try await bench.video()?.declaredSize == 100_000)
        let events = try await bench.catalog.read {
            try $0.visibleMessages(in: .objectEvents, group: "", now: .max, limit: 9)
        }.map { try ObjectEvent(document: $0.body) }
        #expect(events.map(\.name) == ["ObjectCreated:Put"] && events.map(\.key) == ["v/original"])
        #expect(bench.stored.value.withLock { $0 } == 1)
        #expect(try await bench.catalog.read { try $0.upload(id: begun.id) } == nil)
        #expect(try await bench.catalog.read { try $0.depth(of: .imports, now: .max).waiting } == 0)
        #expect(try await bench.catalog.read { try $0.discardedBlobs(limit: 9) }.isEmpty)
    }

    @Test func `what broke off goes on where it ended, in another process too`() async throws {
        let file = file
        let asked = Mutex("")
        let server = try ScriptedServer(
            whole(["Accept-Ranges: bytes", "ETag: \"one\""], until: 60_000),
            { connection in
                let head = connection.receive(until: "\r\n\r\n")
                asked.withLock { $0 = head }
                let fields = ["Content-Range: bytes 60000-99999/100000", "Content-Length: 40000"]
                connection.send(Self.head("206 Partial Content", fields) + file.dropFirst(60_000))
            })
        let bench = try Bench()
        let begun = try await bench.begin(url(server))
        try await bench.attempt()
        let broken = try await bench.state(begun)
        #expect((broken.state, broken.received, broken.attempts) == (.queued, 60_000, 0))
        #expect(broken.failure?.code == "import_failed" && broken.failure?.status == nil)
        #expect(try await bench.attempt() == 0)
        bench.clock.advance(seconds: 6)
        #expect(try await bench.attempt() == 1)
        let head = asked.withLock { $0 }
        #expect(head.contains("\r\nRange: bytes=60000-\r\n") && head.contains("\r\nIf-Range: \"one\"\r\n"))
        #expect(try await bench.state(begun).state == .done)
        #expect(try await bench.bytes() == file)
    }

    @Test func `a file that is another one by now is fetched anew`() async throws {
        let server = try ScriptedServer(
            whole(["Accept-Ranges: bytes", "ETag: \"one\""], until: 60_000), whole(["ETag: \"two\""]))
        let bench = try Bench()
        let begun = try await bench.begin(url(server))
        try await bench.attempt()
        bench.clock.advance(seconds: 6)
        try await bench.attempt()
        #expect(try await bench.state(begun).state == .done)
        #expect(try await bench.bytes() == file)
    }

    @Test func `a server that sends no parts is asked for all of it again`() async throws {
        let server = try ScriptedServer(whole(until: 60_000), whole())
        let bench = try Bench()
        let begun = try await bench.begin(url(server))
        try await bench.attempt()
        #expect(try await bench.state(begun).received == 0)
        bench.clock.advance(seconds: 6)
        try await bench.attempt()
        #expect(try await bench.bytes() == file)
    }

    @Test(arguments: [
        ("404 Not Found", "import_failed", 404), ("403 Forbidden", "import_failed", 403),
        ("204 No Content", "import_failed", 204),
    ])
    func `what a server refuses is the end, and the video has failed`(
        _ status: String, _ code: String, _ number: Int
    ) async throws {
        let (bench, server) = (try Bench(), try ScriptedServer(answer(status)))
        let begun = try await bench.begin(url(server))
        try await bench.attempt()
        let ended = try await bench.state(begun)
        #expect((ended.state, ended.failure?.code, ended.failure?.status) == (.failed, code, number))
        let video = try await bench.video()
        #expect(video?.status == .failed && video?.failure?.detail == code)
        #expect(try await bench.catalog.read { try $0.depth(of: .imports, now: .max).waiting } == 0)
    }

    @Test func `a server that is busy is asked six times`() async throws {
        let (bench, server) = (try Bench(), try ScriptedServer(answer("503 Service Unavailable")))
        let begun = try await bench.begin(url(server))
        var attempts = 0
        while try await bench.state(begun).state == .queued, attempts < 20 {
            attempts += try await bench.attempt()
            bench.clock.advance(seconds: 400)
        }
        #expect(attempts == 6)
        #expect(try await bench.state(begun).failure?.status == 503)
    }

    @Test func `what is too large is refused when it is said, and when it is sent`() async throws {
        let bench = try Bench(maximumBytes: 50_000)
        let server = try ScriptedServer(whole())
        let said = try await bench.begin(url(server))
        try await bench.attempt()
        #expect(try await bench.state(said).failure?.code == "import_too_large")
        let file = file
        let silent = try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send(Self.head("200 OK", ["Content-Type: video/mp4"]) + file)
        }
        let sent = try await bench.begin(url(silent), video: "w")
        try await bench.attempt()
        #expect(try await bench.state(sent).failure?.code == "import_too_large")
        #expect(try await bench.object() == nil)
    }

    @Test(arguments: ["text/html; charset=utf-8", "Application/JSON"])
    func `a page about a video is none`(_ type: String) async throws {
        let server = try ScriptedServer(answer("200 OK", ["Content-Type: \(type)", "Content-Length: 0"]))
        let bench = try Bench()
        let begun = try await bench.begin(url(server))
        try await bench.attempt()
        #expect(try await bench.state(begun).state == .failed)
    }

    @Test func `an empty file is none`() async throws {
        let server = try ScriptedServer(answer("200 OK", ["Content-Type: video/mp4", "Content-Length: 0"]))
        let bench = try Bench()
        let begun = try await bench.begin(url(server))
        try await bench.attempt()
        #expect(try await bench.state(begun).failure?.detail == "The file is empty.")
    }

    @Test func `an address that may not be asked by then is the end`() async throws {
        let server = try ScriptedServer(whole())
        let bench = try Bench(allowsPrivateAddresses: false)
        let begun = try await bench.begin("http://localhost:\(server.address.port)/")
        try await bench.attempt()
        #expect(try await bench.state(begun).failure?.code == "import_refused_address")
        #expect(server.connections == 0)
    }

    @Test func `a redirect to where nothing is asked is the end`() async throws {
        let server = try ScriptedServer(
            answer("302 Found", ["Location: http://169.254.169.254/", "Content-Length: 0"]))
        let bench = try Bench()
        let begun = try await bench.begin(url(server))
        try await bench.attempt()
        #expect(try await bench.state(begun).failure?.code == "import_refused_address")
    }

    @Test func `what is cancelled is fetched no more`() async throws {
        let (bench, server) = (try Bench(), try ScriptedServer(whole()))
        let begun = try await bench.begin(url(server))
        _ = try await bench.imports.cancel(id: begun.id, of: "anna")
        try await bench.attempt()
        #expect(server.connections == 0)
        #expect(try await bench.state(begun).state == .cancelled)
        #expect(try await bench.video()?.status == .failed)
    }

    @Test func `an import goes with its video`() async throws {
        let (bench, server) = (try Bench(), try ScriptedServer(whole()))
        _ = try await bench.begin(url(server))
        _ = try await bench.catalog.write { try $0.deleteVideo(id: "v") }
        #expect(try await bench.attempt() == 1)
        #expect(server.connections == 0)
    }

    @Test func `an import rests while its video is in the trash, and is fetched when it is restored`() async throws {
        let (bench, server) = (try Bench(), try ScriptedServer(whole()))
        let begun = try await bench.begin(url(server))
        try await bench.move(intoTrash: true)
        #expect(try await bench.attempt() == 1)
        #expect(server.connections == 0)
        let resting = try await bench.state(begun)
        #expect((resting.state, resting.failure?.code) == (.queued, "video_in_trash"))
        bench.clock.advance(seconds: 86_400)
        #expect(try await bench.attempt() == 0, "nothing asks for it")
        for _ in 0..<2 { try await bench.move(intoTrash: false) }
        #expect(try await bench.attempt() == 1)
        #expect(try await bench.state(begun).state == .done)
        #expect(try await bench.bytes() == file)
        #expect(try await bench.attempt() == 0, "it was asked for once")
    }

    @Test func `a file that there is no room for is given up, and the video has failed`() async throws {
        let bench = try Bench { _, size, _ in
            size > 99_999 ? VideoFailure(reason: "no room for \(size)", detail: "") : nil
        }
        let server = try ScriptedServer(whole())
        let begun = try await bench.begin(url(server))
        try await bench.attempt()
        let ended = try await bench.state(begun)
        #expect((ended.state, ended.failure?.code) == (.failed, "quota_exceeded"))
        #expect(try await bench.video()?.failure?.reason == "no room for 100000")
        #expect(try await bench.object() == nil)
        #expect(try await bench.catalog.read { try $0.uploadParts(of: begun.id, after: 0, limit: 1) }.isEmpty)
    }

    @Test func `a video that cannot be added begins no import`() async throws {
        struct Full: Error {}
        let bench = try Bench()
        let video = Video(
            id: "v", ownerId: "anna", ownerName: "A", title: "T", fileName: "f", contentType: "video/mp4",
            uploadKey: "v/original", declaredSize: 0, visibility: .private, createdAt: 1)
        await #expect(throws: Full.self) {
            try await bench.imports.begin(video, from: "https://files.test/") { _ in throw Full() }
        }
        #expect(try await bench.video() == nil)
        #expect(try await bench.attempt() == 0)
    }

    @Test func `an account has as many waiting as it may`() async throws {
        let bench = try Bench()
        for video in ["1", "2", "3"] { _ = try await bench.begin("https://files.test/", video: video) }
        let refusal = await #expect(throws: ImportRefusal.self) {
            try await bench.begin("https://files.test/", video: "4")
        }
        #expect(refusal?.code == .tooMany)
        _ = try await bench.begin("https://files.test/", video: "5", of: "ben")
    }
}

@Suite struct RemoteFileTests {
    private func file(_ fields: [(String, String)]) -> RemoteFile {
        var headers = Headers()
        for (name, value) in fields { headers.set(name, value) }
        return RemoteFile(headers)
    }

    @Test func `parts are asked for by a strong tag or a time, where the server has parts`() {
        let ranges = ("Accept-Ranges", "bytes")
        #expect(file([ranges, ("ETag", "\"a\""), ("Last-Modified", "x")]).validator == "\"a\"")
        #expect(file([ranges, ("ETag", "W/\"a\""), ("Last-Modified", "x")]).validator == "x")
        #expect(file([ranges]).validator == nil)
        #expect(file([("ETag", "\"a\"")]).validator == nil)
        #expect(file([("Accept-Ranges", "none"), ("ETag", "\"a\"")]).validator == nil)
    }

    @Test func `a part fits that begins where it should, of a file of the same size`() {
        let part = file([("Content-Range", "bytes 5-9/10")])
        #expect(part.goesOn(at: 5, of: 10) && part.goesOn(at: 5, of: nil))
        #expect(!part.goesOn(at: 4, of: 10) && !part.goesOn(at: 5, of: 11))
        #expect(!file([]).goesOn(at: 0, of: nil))
        #expect(!file([("Content-Range", "bytes */10")]).goesOn(at: 0, of: 10))
    }

    @Test func `what is no media type is none`() {
        #expect(file([("Content-Type", "video/mp4")]).contentType == "video/mp4")
        #expect(file([("Content-Type", "video")]).contentType == "application/octet-stream")
        #expect(file([]).contentType == "application/octet-stream")
    }
}
