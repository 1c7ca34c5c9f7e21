import Glibc
import SQLiteDatabase
import TestKit
import Testing

@Suite struct MigrationTests {
    private let first = Migration(number: 1, name: "a", sql: "CREATE TABLE a (x INTEGER) STRICT")
    private let second = Migration(
        number: 2, name: "b", sql: "CREATE TABLE b (y INTEGER) STRICT; INSERT INTO a VALUES (1)")

    @Test func `only missing steps are applied`() async throws {
        try await withDatabase([first]) { _, path in
            _ = try Database(path: path, migrations: [first, second])
            let again = try Database(path: path, migrations: [first, second])
            let rows = try await again.read { try $0.query("SELECT x FROM a") { try $0.int(0) } }
            #expect(rows == [1])
        }
    }

    @Test func `a database from the future is refused with a way out`() async throws {
        try await withDatabase([first, second]) { _, path in
            let error = #expect(throws: DatabaseError.self) { try Database(path: path, migrations: [first]) }
            #expect(error?.code == .newerDatabase)
            #expect(error?.message.contains("start the newer program") == true)
        }
    }

    @Test func `an edited step is refused`() async throws {
        try await withDatabase([first]) { _, path in
            let edited = Migration(number: 1, name: "a", sql: first.sql + " -- edited")
            let error = #expect(throws: DatabaseError.self) { try Database(path: path, migrations: [edited]) }
            #expect(error?.code == .migrationMismatch)
        }
    }

    @Test func `a list with a gap is refused`() async throws {
        try await withDatabase([first]) { _, path in
            let gap = Migration(number: 3, name: "c", sql: second.sql)
            let error = #expect(throws: DatabaseError.self) { try Database(path: path, migrations: [first, gap]) }
            #expect(error?.code == .migrationMismatch)
        }
    }

    @Test func `a failing step leaves the schema as it was`() async throws {
        try await withDatabase([first]) { _, path in
            let broken = Migration(
                number: 2, name: "broken", sql: "CREATE TABLE c (z INTEGER) STRICT; INSERT INTO nowhere VALUES (1)")
            #expect(throws: DatabaseError.self) { try Database(path: path, migrations: [first, broken]) }
            let database = try Database(path: path, migrations: [first, second])
            let tables = try await database.read {
                try $0.query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") { try $0.text(0) }
            }
            #expect(tables == ["a", "b", "schema_migrations"])
        }
    }

    @Test func `a file that is no database is refused`() async throws {
        #expect(throws: DatabaseError.self) { try Database(path: "/proc/version", migrations: [first]) }
        let error = #expect(throws: DatabaseError.self) { try Database(path: "/nowhere/x.sqlite", migrations: [first]) }
        #expect(error?.code == .cannotOpen)
        #expect(error?.message.contains("/nowhere/x.sqlite") == true)
    }

    @Test func `a damaged file is named, with the way out`() async throws {
        let folder = TemporaryDirectory()
        let path = folder.file("damaged.sqlite")
        let file = try #require(fopen(path, "w"))
        fputs(String(repeating: "no database at all\n", count: 100), file)
        fclose(file)
        let error = #expect(throws: DatabaseError.self) { try Database(path: path, migrations: [first]) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains(path) == true && error?.message.contains("backup") == true)
    }
}
