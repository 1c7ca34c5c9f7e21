/// One numbered step of the schema; once released it is never edited, only followed by another.
public struct Migration: Sendable {
    /// Position in the list, from 1 without gaps.
    public let number: Int
    /// A short name for people.
    public let name: String
    /// One or more statements, run in one transaction.
    public let sql: String

    /// Makes a migration.
    public init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }

    /// FNV-1a of the text: notices an edit of an applied step; it is no defence against an attacker.
    var checksum: Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in sql.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return Int64(bitPattern: hash)
    }
}

extension Connection {
    /// Brings the schema up to the last of `migrations`, or refuses and changes nothing.
    func migrate(_ migrations: [Migration]) throws {
        for (index, migration) in migrations.enumerated() where migration.number != index + 1 {
            throw DatabaseError(
                .migrationMismatch, "migration \(migration.number) stands at place \(index + 1) of the list")
        }
        try transaction("BEGIN IMMEDIATE") { connection in
            try connection.execute(
                """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum INTEGER NOT NULL,
                    applied_at INTEGER NOT NULL DEFAULT (unixepoch())) STRICT
                """)
            let applied = try connection.query("SELECT number, name, checksum FROM schema_migrations ORDER BY number") {
                (number: try $0.int(0), name: try $0.text(1), checksum: try $0.integer(2))
            }
            for step in applied {
                guard step.number <= migrations.count else {
                    throw DatabaseError(
                        .newerDatabase,
                        "the database is at schema \(applied.last?.number ?? 0) (\(applied.last?.name ?? "")), this program "
                            + "knows \(migrations.count): start the newer program, or restore a backup made before the upgrade"
                    )
                }
                guard migrations[step.number - 1].checksum == step.checksum else {
                    throw DatabaseError(
                        .migrationMismatch,
                        "migration \(step.number) (\(step.name)) was applied with another text than this program has")
                }
            }
            for migration in migrations.dropFirst(applied.count) {
                try connection.executeScript(migration.sql)
                try connection.execute(
                    "INSERT INTO schema_migrations (number, name, checksum) VALUES (?, ?, ?)",
                    [migration.number, migration.name, migration.checksum])
            }
        }
    }
}
