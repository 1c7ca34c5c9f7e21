import Audit
import Catalog
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import API

@Suite struct ArchiveTests {
    /// A video of Anna's whose file is in a state; nil for one that has nothing to do with the archive.
    private func video(_ bench: Bench, _ state: ArchivedSource.State?, visibility: String = "public") async throws
        -> String
    {
        let id = await bench.upload(visibility: visibility)
        try await bench.arrive(id)
        let now = bench.clock.now
        try await bench.catalog.write { transaction in
            try transaction.put(
                StoredObject(
                    bucket: "uploads", key: "\(id)/original", blob: id, size: 100, etag: "e",
                    contentType: "video/mp4", createdAt: now))
            guard let state else { return }
            try transaction.save(ArchivedSource(blob: id, state: state, dueAt: now + 86_400_000))
        }
        return id
    }

    @Test(
        arguments: [
            (nil, "hot"), (.archiving, "hot"), (.clearing, "archived"), (.archived, "archived"),
            (.restoring, "restoring"), (.restored, "hot"),
        ] as [(ArchivedSource.State?, String)])
    func `owners and administrators see where the file is`(_ state: ArchivedSource.State?, _ told: String) async throws
    {
        let bench = try await Bench()
        let id = try await video(bench, state)
        for account in ["token-anna", "token-admin"] {
            let answer = await bench.call(.get, "/videos/\(id)", as: account).json
            #expect(answer["sourceStorage"]?.string == told)
            #expect((answer["sourceUntil"] != nil) == (state == .restored))
        }
        for account in ["token-ben", nil] {
            let answer = await bench.call(.get, "/videos/\(id)", as: account).json
            #expect(answer["sourceStorage"] == nil && answer["title"] != nil)
        }
    }

    @Test func `a file of the archive is asked for, and asking again changes nothing`() async throws {
        let bench = try await Bench()
        let id = try await video(bench, .archived)
        for _ in 0..<2 {
            let answer = await bench.call(.post, "/videos/\(id)/restore-source", as: "token-anna", ["days": 3])
            #expect(answer.status == .accepted && answer.json == ["sourceStorage": "restoring"])
        }
        let source = try await bench.catalog.read { try $0.archivedSource(blob: id) }
        #expect(source == ArchivedSource(blob: id, state: .restoring, dueAt: bench.clock.now, days: 3))
        let log = try await bench.catalog.read { try $0.auditLines(after: 0, limit: 99) }
        #expect(log.count { $0.text.contains("source_restore_asked") } == 1)
    }

    @Test func `a file that is there stays for the days from now on`() async throws {
        let bench = try await Bench()
        let id = try await video(bench, .restored)
        bench.clock.advance(seconds: 60)
        let answer = await bench.call(.post, "/videos/\(id)/restore-source", as: "token-admin")
        #expect(answer.status == .ok && answer.json["sourceStorage"] == "hot")
        let source = try await bench.catalog.read { try $0.archivedSource(blob: id) }
        #expect(source?.dueAt == bench.clock.now + 7 * 86_400_000)
        let hot = await bench.call(.post, "/videos/\(try await video(bench, nil))/restore-source", as: "token-anna")
        #expect(hot.status == .ok && hot.json == ["sourceStorage": "hot"])
    }

    @Test func `what is not theirs, not there or no number of days is refused`() async throws {
        let bench = try await Bench()
        let id = try await video(bench, .archived, visibility: "private")
        let path = "/videos/\(id)/restore-source"
        #expect(await bench.call(.post, path, as: "token-ben").code == "video_not_found")
        #expect(await bench.call(.post, path).status == .unauthorized)
        for days in [0, 3_651] as [Int64] {
            #expect(await bench.call(.post, path, as: "token-anna", ["days": .integer(days)]).status == .badRequest)
        }
        #expect(await bench.call(.post, path, as: "token-anna", ["day": 1]).status == .badRequest)
        let source = try await bench.catalog.read { try $0.archivedSource(blob: id) }
        #expect(source?.state == .archived)
        let empty = await bench.upload()
        #expect(await bench.call(.post, "/videos/\(empty)/restore-source", as: "token-anna").code == "no_source")
    }
}
