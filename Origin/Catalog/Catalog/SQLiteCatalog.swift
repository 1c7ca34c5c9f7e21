public import SQLiteDatabase

/// The embedded catalog: one SQLite file.
public final class SQLiteCatalog: CatalogStore {
    /// The file, for the parts of the origin that keep tables of their own in it.
    public let database: Database

    /// Opens or creates the file and brings its schema up to date; blocks on the disk.
    public init(path: String, options: DatabaseOptions = DatabaseOptions()) throws {
        database = try Database(path: path, migrations: CatalogSchema.migrations, options: options)
    }

    /// Runs `body` on one snapshot.
    public func read<R: Sendable>(_ body: @escaping @Sendable (any CatalogReader) throws -> R) async throws -> R {
        try await database.read { try body(SQLiteTransaction(connection: $0)) }
    }

    /// Runs `body` alone; durable when it returns.
    public func write<R: Sendable>(_ body: @escaping @Sendable (any CatalogTransaction) throws -> R) async throws -> R {
        try await database.write { try body(SQLiteTransaction(connection: $0)) }
    }
}

/// A catalog transaction on a SQLite connection; the tables are its extensions.
struct SQLiteTransaction: CatalogTransaction {
    let connection: Connection
}
