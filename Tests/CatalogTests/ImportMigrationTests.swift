import SQLiteDatabase
import TestKit
import Testing

@testable import Catalog

@Suite struct ImportMigrationTests {
    @Test func `imports under way begin again, and what had come of them is reclaimed`() async throws {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.file("catalog.sqlite")
        let old = try Database(path: path, migrations: CatalogSchema.migrations.filter { $0.number <= 36 })
        try await old.write { connection in
            try connection.execute(
                """
                INSERT INTO videos (id, owner_id, owner_name, title, description, file_name, content_type, upload_key,
                    declared_size, visibility, status, progress, playable, views, likes, created_at, updated_at)
                VALUES ('v', 'anna', 'Anna', 't', '', 'f', 'video/mp4', 'v/original', 0, 'public', 'awaiting_upload',
                    0, 0, 0, 0, 1, 1)
                """, [])
            try connection.execute(
                """
                INSERT INTO imports (id, video_id, owner_id, url, state, received, total, validator, content_type,
                    attempts, created_at, updated_at)
                VALUES ('i', 'v', 'anna', 'https://files.test/', 'queued', 7, 9, '"tag"', 'video/mp4', 1, 1, 2)
                """, [])
            try connection.execute("INSERT INTO import_parts VALUES ('i', 0, 'part', 7)", [])
        }
        let catalog = try SQLiteCatalog(path: path)
        let (found, discarded) = try await catalog.read {
            (try $0.videoImport(id: "i"), try $0.discardedBlobs(limit: 9))
        }
        #expect(found?.state == .queued && found?.received == 0 && found?.validator == nil && found?.total == 9)
        #expect(discarded == ["part"])
    }
}
