import Glibc
import SQLiteDatabase
import TestKit
import Testing

@Suite struct DatabaseTests {
    private let notes = Migration(
        number: 1, name: "notes", sql: "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT UNIQUE NOT NULL) STRICT")

    @Test func `what was written is read back`() async throws {
        try await withDatabase([notes]) { database, _ in
            let id = try await database.write { connection in
                try connection.execute("INSERT INTO notes (text) VALUES (?)", ["hello"])
                return connection.lastInsertedRowID
            }
            let text = try await database.read { connection in
                try connection.first("SELECT text FROM notes WHERE id = ?", [id]) { try $0.text(0) }
            }
            #expect(text == "hello")
        }
    }

    @Test func `an error in a write rolls everything back`() async throws {
        struct Stop: Error {}
        try await withDatabase([notes]) { database, _ in
            await #expect(throws: Stop.self) {
                try await database.write { connection in
                    try connection.execute("INSERT INTO notes (text) VALUES ('lost')")
                    throw Stop()
                }
            }
            #expect(try await count(database) == 0)
            try await database.write { _ = try $0.execute("INSERT INTO notes (text) VALUES ('kept')") }
            #expect(try await count(database) == 1)
        }
    }

    @Test func `a unique violation is told apart and names no data`() async throws {
        try await withDatabase([notes]) { database, _ in
            let insert: @Sendable (Connection) throws -> Void = {
                try $0.execute("INSERT INTO notes (text) VALUES (?)", ["private words"])
            }
            try await database.write(insert)
            let error = await #expect(throws: DatabaseError.self) { try await database.write(insert) }
            #expect(error?.code == .uniqueViolation)
            #expect(error?.description.contains("private") == false)
            #expect(error?.description.contains("VALUES (?)") == true)
        }
    }

    @Test func `a hundred concurrent writers lose nothing`() async throws {
        try await withDatabase([notes]) { database, _ in
            try await withThrowingTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        try await database.write {
                            _ = try $0.execute("INSERT INTO notes (text) VALUES (?)", ["\(number)"])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await count(database) == 100)
        }
    }

    @Test func `a reader cannot write`() async throws {
        try await withDatabase([notes]) { database, _ in
            await #expect(throws: DatabaseError.self) {
                try await database.read { _ = try $0.execute("INSERT INTO notes (text) VALUES ('x')") }
            }
        }
    }

    @Test func `foreign keys are enforced`() async throws {
        let tables = """
            CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT;
            CREATE TABLE children (parent INTEGER NOT NULL REFERENCES parents(id)) STRICT
            """
        try await withDatabase([Migration(number: 1, name: "family", sql: tables)]) { database, _ in
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { _ = try $0.execute("INSERT INTO children VALUES (7)") }
            }
            #expect(error?.code == .foreignKeyViolation)
        }
    }

    @Test func `every type survives, and NULL or another type is refused by name`() async throws {
        let table = "CREATE TABLE all_types (i INTEGER, r REAL, t TEXT, b BLOB, n TEXT) STRICT"
        try await withDatabase([Migration(number: 1, name: "types", sql: table)]) { database, _ in
            try await database.write { connection in
                let empty: [UInt8] = []
                _ = try connection.execute(
                    "INSERT INTO all_types VALUES (?, ?, ?, ?, ?), (?, ?, ?, ?, ?)",
                    [Int64.min, 0.5, "é\u{0}x", [0, 255] as [UInt8], nil, true, 2.0, "", empty, nil])
            }
            try await database.read { connection in
                let rows = try connection.query("SELECT i, r, t, b, n FROM all_types ORDER BY i") { row in
                    let error = #expect(throws: DatabaseError.self) { try row.text(4) }
                    #expect(error?.message.contains("column n is NULL") == true)
                    #expect(throws: DatabaseError.self) { try row.integer(2) }
                    return (
                        try row.integer(0), try row.real(1), try row.text(2), try row.bytes(3), try row.optionalText(4)
                    )
                }
                #expect(rows[0] == (Int64.min, 0.5, "é\u{0}x", [0, 255], nil))
                #expect(rows[1] == (1, 2.0, "", [], nil))
            }
        }
    }

    @Test func `the same statement may run inside itself`() async throws {
        try await withDatabase([notes]) { database, _ in
            try await database.write { _ = try $0.execute("INSERT INTO notes (text) VALUES ('a'), ('b')") }
            let pairs = try await database.read { connection in
                let sql = "SELECT text FROM notes ORDER BY id"
                return try connection.query(sql) { outer in
                    let first = try outer.text(0)
                    return try connection.query(sql) { first + (try $0.text(0)) }
                }
            }
            #expect(pairs == [["aa", "ab"], ["ba", "bb"]])
        }
    }

    private func count(_ database: Database) async throws -> Int {
        try await database.read { try $0.first("SELECT count(*) FROM notes") { try $0.int(0) } ?? -1 }
    }
}

/// Opens a database in a folder of its own and removes it afterwards.
func withDatabase(
    _ migrations: [Migration], _ body: (Database, _ path: String) async throws -> Void
) async throws {
    let folder = TemporaryDirectory()
    let path = folder.file("test.sqlite")
    try await body(try Database(path: path, migrations: migrations), path)
    withExtendedLifetime(folder) {}
}
