import SQLiteDatabase
import TestKit
import Testing

@testable import Catalog

@Suite struct ArchiveTableTests {
    private func withCatalog(_ body: (SQLiteCatalog) async throws -> Void) async throws {
        let folder = TemporaryDirectory()
        try await body(try SQLiteCatalog(path: folder.file("catalog.sqlite")))
    }

    private func object(_ key: String, blob: String) -> StoredObject {
        StoredObject(
            bucket: "uploads", key: key, blob: blob, size: 1, etag: "e", contentType: "video/mp4", createdAt: 1)
    }

    @Test func `where a source stands goes with its version of the object`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                try transaction.put(object("a", blob: "1"))
                try transaction.insert([ObjectPiece(start: 1, blob: "2", size: 1)], ofObjectWithBlob: "1")
                try transaction.save(ArchivedSource(blob: "1", state: .restored, dueAt: 5, attempts: 1, days: 3))
                try transaction.noteRead(blob: "1", at: 9)
                #expect(try transaction.archiveKnowsBlob("1") && transaction.archiveKnowsBlob("2"))
                #expect(try transaction.isAway(bucket: "uploads", key: "a") == false)
                try transaction.save(ArchivedSource(blob: "1", state: .archived, dueAt: 5))
                #expect(try transaction.isAway(bucket: "uploads", key: "a"))
                #expect(try transaction.archivedSourceCounts() == [.archived: 1])
                try transaction.put(object("a", blob: "3"))
                #expect(try transaction.archivedSource(blob: "1") == nil)
                #expect(try !transaction.archiveKnowsBlob("1") && !transaction.archiveKnowsBlob("2"))
                #expect(try Set(transaction.discardedBlobs(limit: 9)) == ["1", "2"])
                try transaction.noteRead(blob: "1", at: 10)
            }
        }
    }

    @Test func `those whose time has come are told in the order of their times`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                for (blob, due) in [("1", 30), ("2", 10), ("3", 20)] as [(String, Int64)] {
                    try transaction.put(object(blob, blob: blob))
                    try transaction.save(ArchivedSource(blob: blob, state: .restoring, dueAt: due))
                }
                #expect(try transaction.archivedSources(.restoring, due: 20, limit: 9).map(\.blob) == ["2", "3"])
                #expect(try transaction.archivedSources(.restoring, due: 99, limit: 1).map(\.blob) == ["2"])
                #expect(try transaction.archivedSources(.archived, due: 99, limit: 1) == [])
            }
        }
    }

    @Test func `no look at the archive scans a table or sorts`() async throws {
        let folder = TemporaryDirectory()
        let catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        let asked = try await catalog.database.read { connection in
            try [
                "SELECT 1 FROM archived_sources WHERE state = 'archived' AND due_at <= 1 ORDER BY due_at, blob LIMIT 1",
                """
                SELECT 1 FROM objects WHERE bucket = 'b' AND key >= 'k' AND created_at <= 1
                    AND EXISTS (SELECT 1 FROM videos v WHERE v.upload_key = objects.key AND v.status IN ('ready', 'failed'))
                ORDER BY key LIMIT 1
                """,
                """
                SELECT 1 FROM jobs j CROSS JOIN objects o ON o.bucket = j.source_bucket AND o.key = j.source_key
                CROSS JOIN archived_sources a ON a.blob = o.blob WHERE j.state IN ('queued', 'running') LIMIT 1
                """,
            ].flatMap { try connection.query("EXPLAIN QUERY PLAN \($0)") { try $0.text(3) } }
        }
        for step in asked {
            #expect(!step.contains("TEMP B-TREE"), "\(step)")
            #expect(!step.contains("SCAN") || step.contains("jobs_unfinished"), "\(step)")
        }
    }
}
