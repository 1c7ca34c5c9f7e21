public import Audit
public import SQLiteDatabase

/// The embedded catalog: one SQLite file.
public final class SQLiteCatalog: CatalogStore {
    let database: Database
    let auditKeys: AuditKeys

    /// Opens or creates the file and brings its schema up to date; blocks on the disk.
    ///
    /// - Parameter auditKeys: key the audit log. Under the default, which everybody knows, the log shows accidents and no
    ///   forgery: for tests.
    public init(
        path: String, auditKeys: AuditKeys = AuditKeys(sealingKeys: [[]]), options: DatabaseOptions = DatabaseOptions()
    ) throws {
        database = try Database(path: path, migrations: CatalogSchema.migrations, options: options)
        self.auditKeys = auditKeys
    }

    /// Runs `body` on one snapshot.
    public func read<R: Sendable>(_ body: @escaping @Sendable (any CatalogReader) throws -> R) async throws -> R {
        let pen = AuditPen(keys: auditKeys)
        return try await database.read { try body(SQLiteTransaction(connection: $0, pen: pen)) }
    }

    /// Runs `body` alone; durable when it returns.
    public func write<R: Sendable>(_ body: @escaping @Sendable (any CatalogTransaction) throws -> R) async throws -> R {
        let pen = AuditPen(keys: auditKeys)
        return try await database.write { try body(SQLiteTransaction(connection: $0, pen: pen)) }
    }
}

/// A catalog transaction on a SQLite connection; the tables are its extensions.
struct SQLiteTransaction: CatalogTransaction, SQLiteAuditing {
    let connection: Connection
    let pen: AuditPen
}
