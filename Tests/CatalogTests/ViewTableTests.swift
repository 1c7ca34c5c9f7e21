import SQLiteDatabase
import Synchronization
import TestKit
import Testing

@testable import Catalog

@Suite struct ViewTableTests {
    @Test func `a session counts as one view however often it is recorded`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                try transaction.insert(makeVideo("v"))
                try transaction.insert(makeVideo("w"))
                try transaction.record([makeSession("v", "one"), makeSession("v", "two"), makeSession("w", "one")])
                try transaction.record([makeSession("v", "one", position: 42), makeSession("v", "three")])
            }
            #expect(try await catalog.read { try $0.video(id: "v")?.views } == 3)
            #expect(try await catalog.read { try $0.video(id: "w")?.views } == 1)
        }
    }

    @Test func `views are written once for all sessions of a video, and not at all for sessions that are known`()
        async throws
    {
        let statements = Mutex<[String]>([])
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let options = DatabaseOptions(observer: { sql in statements.withLock { $0.append(sql) } })
        let catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"), options: options)
        try await catalog.write { try $0.insert(makeVideo("v")) }
        for _ in 0..<2 {
            try await catalog.write { try $0.record((0..<50).map { makeSession("v", "s\($0)") }) }
        }
        let updates = statements.withLock { $0.filter { $0.hasPrefix("UPDATE videos") } }
        #expect(updates == ["UPDATE videos SET views = views + ? WHERE id = ?"])
    }

    @Test func `history is per account, last watched first, and a late ping does not turn it back`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                for number in 0..<5 { try transaction.insert(makeVideo("v\(number)")) }
                for number in 0..<5 {
                    try transaction.record([
                        makeSession("v\(number)", "s", account: "anna", position: 9, startedAt: Int64(number / 2 + 1))
                    ])
                }
                try transaction.record([makeSession("v0", "s", account: "ben", position: 3, startedAt: 99)])
                try transaction.record([makeSession("v4", "t", account: "anna", position: 1, startedAt: 2)])
                try transaction.record([makeSession("v0", "u", account: "anna", position: 7, startedAt: 50)])
            }
            var seen: [HistoryEntry] = []
            var after: PageKey?
            repeat {
                let page = try await catalog.read { [after] in try $0.history(accountId: "anna", limit: 2, after: after)
                }
                seen += page.items
                after = page.next
            } while after != nil
            #expect(seen.map(\.videoId) == ["v0", "v4", "v3", "v2", "v1"])
            #expect(seen.map(\.positionSeconds) == [7, 9, 9, 9, 9])
            let bens = try await catalog.read { try $0.historyEntry(accountId: "ben", videoId: "v0") }
            #expect(bens == HistoryEntry(videoId: "v0", positionSeconds: 3, watchedAt: 99))
        }
    }

    @Test func `history goes with its video and with its account`() async throws {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        _ = try await catalog.database.write { connection in
            try connection.execute(
                """
                INSERT INTO identity_users (id, pool_id, username, username_key, attributes, status, is_enabled,
                    totp_enabled, totp_preferred, created_at, updated_at)
                VALUES ('anna', 'p', 'anna', 'anna', '{}', 'CONFIRMED', 1, 0, 0, 1, 1)
                """)
        }
        try await catalog.write { transaction in
            for id in ["v", "w"] {
                try transaction.insert(makeVideo(id))
                try transaction.record([
                    makeSession(id, "s", account: "anna"), makeSession(id, "t", account: "ben"),
                ])
            }
            _ = try transaction.deleteVideo(id: "v")
        }
        func videos(_ account: String) async throws -> [String] {
            try await catalog.read { try $0.history(accountId: account, limit: 9, after: nil).items.map(\.videoId) }
        }
        #expect(try await videos("anna") == ["w"])
        try await catalog.database.write { _ = try $0.execute("DELETE FROM identity_users WHERE id = 'anna'") }
        #expect(try await videos("anna") == [])
        #expect(try await videos("ben") == ["w"])
    }

    @Test func `sessions are forgotten by their beginning, a few at a time`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                try transaction.insert(makeVideo("v"))
                try transaction.record((0..<6).map { makeSession("v", "s\($0)", startedAt: Int64($0)) })
                try transaction.forgetSessions(startedBefore: 4, limit: 3)
                try transaction.record((0..<6).map { makeSession("v", "s\($0)", startedAt: 9) })
            }
            #expect(try await catalog.read { try $0.video(id: "v")?.views } == 9, "three were new again")
        }
    }

    @Test func `where accounts stood before there was a history is kept`() async throws {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.file("catalog.sqlite")
        let old = try Database(
            path: path, migrations: Array(CatalogSchema.migrations.prefix { $0.name != "viewing" }))
        try await old.write { connection in
            try connection.execute(
                """
                INSERT INTO videos (id, owner_id, owner_name, title, description, file_name, content_type, upload_key,
                    declared_size, visibility, status, progress, playable, views, likes, created_at, updated_at)
                VALUES ('v', 'o', 'O', 't', '', 'f', 'c', 'k', 1, 'public', 'ready', 1, 1, 3, 0, 1, 1)
                """)
            for (session, account, position, seen) in [
                ("a", "anna", 10.0, 5), ("b", "anna", 20.0, 9), ("c", nil, 30.0, 7),
            ] as [(String, String?, Double, Int)] {
                try connection.execute(
                    "INSERT INTO view_sessions VALUES ('v', ?, ?, ?, 1, ?)", [session, account, position, seen])
            }
        }
        let catalog = try SQLiteCatalog(path: path)
        let history = try await catalog.read { try $0.history(accountId: "anna", limit: 9, after: nil).items }
        #expect(history == [HistoryEntry(videoId: "v", positionSeconds: 20, watchedAt: 9)])
        try await catalog.write { try $0.record([makeSession("v", "c")]) }
        #expect(try await catalog.read { try $0.video(id: "v")?.views } == 3, "old sessions are known still")
    }
}
