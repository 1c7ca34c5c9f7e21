import SQLiteDatabase
import TestKit
import Testing

@testable import Catalog

@Suite struct IdentityMigrationTests {
    @Test func `groups of accounts from before they had a table are kept, and codes are asked for again`() async throws
    {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.file("catalog.sqlite")
        let old = try Database(path: path, migrations: Array(CatalogSchema.migrations.prefix(10)))
        try await old.write { connection in
            for (id, groups, status) in [
                ("ann", #"["admin","crew"]"#, "CONFIRMED"), ("bob", "[]", "UNCONFIRMED"),
                ("cid", #"["crew"]"#, "CONFIRMED"),
            ] {
                let hash: [UInt8]? = id == "bob" ? [1, 2] : nil
                try connection.execute(
                    """
                    INSERT INTO identity_users VALUES (?, 'p_1', ?, ?, '{"email":"e"}', ?, 'h', NULL, ?, 1, ?, ?, ?, NULL,
                        NULL, NULL, 0, 0, 3, 4)
                    """, [id, id, id, groups, status, hash, hash == nil ? nil : 9, hash == nil ? nil : 2])
            }
            try connection.execute("INSERT INTO identity_token_families VALUES ('f', 'ann', 'c', x'01', 1, 99)")
        }
        let store = SQLiteIdentityStore(try SQLiteCatalog(path: path))
        for (id, groups) in [("ann", ["admin", "crew"]), ("bob", []), ("cid", ["crew"])] {
            let user = try #require(try await store.read { try $0.user(id: id) })
            #expect(user.groups == groups)
            #expect((user.passwordHash, user.attributes["email"], user.updatedAt) == ("h", "e", 4))
        }
        #expect(try await store.read { try $0.code(userId: "bob", purpose: .signUp) } == nil)
        let groups = try await store.read { try $0.groups(poolId: "p_1", of: nil, after: "", limit: 9) }
        #expect(groups.map(\.name) == ["admin", "crew"])
        #expect(try await store.read { try $0.tokenFamily(id: "f")?.userId } == "ann")
    }

    @Test func `accounts keep what belongs to them when they can be in more states`() async throws {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.file("catalog.sqlite")
        let before = CatalogSchema.migrations.prefix { $0.name != "passwords that must be reset" }
        let old = try Database(path: path, migrations: Array(before))
        let states = ["CONFIRMED", "UNCONFIRMED", "FORCE_CHANGE_PASSWORD"]
        try await old.write { connection in
            for status in states {
                try connection.execute(
                    """
                    INSERT INTO identity_users (id, pool_id, username, username_key, attributes, status, is_enabled,
                        totp_enabled, totp_preferred, created_at, updated_at)
                    VALUES (?, 'p_1', ?, ?, '{}', ?, 1, 0, 0, 3, 4)
                    """, [status, status, status, status])
                try connection.execute(
                    "INSERT INTO identity_token_families VALUES (?, ?, 'c', ?, 1, 99, 0, NULL)",
                    [status, status, Array(status.utf8)])
            }
        }
        let store = SQLiteIdentityStore(try SQLiteCatalog(path: path))
        for status in states {
            var user = try #require(try await store.read { try $0.user(id: status) })
            #expect(user.status.rawValue == status)
            #expect(try await store.read { try $0.tokenFamily(id: status)?.userId } == status)
            user.status = .resetRequired
            try await store.write { [user] in try $0.save(user) }
            #expect(try await store.read { try $0.user(id: status)?.status } == .resetRequired)
        }
    }

    @Test func `the pool of an installation from before there were several is known, and cannot be deleted`()
        async throws
    {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.file("catalog.sqlite")
        let before = CatalogSchema.migrations.prefix { $0.name != "user pools" }
        let old = try Database(path: path, migrations: Array(before))
        try await old.write { connection in
            for (id, createdAt) in [("k1", 5), ("k2", 7)] {
                try connection.execute(
                    "INSERT INTO identity_signing_keys VALUES (?, 'p_1', x'01', ?, ?)", [id, createdAt, createdAt])
            }
        }
        let store = SQLiteIdentityStore(try SQLiteCatalog(path: path))
        let pools = try await store.read { try $0.pools(after: "", limit: 9) }
        #expect(pools.map(\.id) == ["p_1"] && pools.first?.createdAt == 5 && pools.first?.options.isProtected == true)
        #expect(pools.first?.options.secondFactor == nil)
    }
}
