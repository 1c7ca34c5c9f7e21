internal import CSQLite

/// One SQLite connection inside a transaction; use it only in the closure it is given to, on that thread.
public final class Connection {
    let handle: OpaquePointer
    /// By their text, those that were run lately.
    private var statements: [String: Statement] = [:]
    private let statementLimit = 256
    /// `DatabaseOptions.observer`.
    var observer: (@Sendable (String) -> Void)?

    /// Opens `path` and creates the file where `writable`; blocks on the disk.
    init(path: String, writable: Bool, busyTimeoutMilliseconds: Int32) throws(DatabaseError) {
        var opened: OpaquePointer?
        // One thread at a time uses a connection, so SQLite's own mutex would be a second lock for nothing.
        let mode = writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
        let result = sqlite3_open_v2(path, &opened, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard result == SQLITE_OK, let opened else {
            let error = DatabaseError(handle: opened, result: result, sql: nil)
            sqlite3_close_v2(opened)
            throw DatabaseError(error.code, "\(path): \(error.message)")
        }
        handle = opened
        sqlite3_busy_timeout(handle, busyTimeoutMilliseconds)
        let hardened = weir_sqlite3_harden(handle)
        guard hardened == SQLITE_OK else { throw DatabaseError(handle: handle, result: hardened, sql: nil) }
    }

    deinit {
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// Runs one statement to its end and returns how many rows it inserted, changed or deleted.
    @discardableResult
    public func execute(_ sql: String, _ bindings: [(any SQLBindable)?] = []) throws(DatabaseError) -> Int {
        let statement = try checkOut(sql)
        defer { checkIn(statement) }
        try statement.bind(bindings)
        while try statement.step() {}
        return Int(sqlite3_changes64(handle))
    }

    /// Runs one query and maps each row, in order.
    public func query<T>(
        _ sql: String, _ bindings: [(any SQLBindable)?] = [], _ transform: (Row) throws -> T
    ) throws -> [T] {
        let statement = try checkOut(sql)
        defer { checkIn(statement) }
        try statement.bind(bindings)
        var rows: [T] = []
        while try statement.step() { rows.append(try transform(Row(statement: statement))) }
        return rows
    }

    /// Runs one query and maps its first row; nil when there is none.
    public func first<T>(
        _ sql: String, _ bindings: [(any SQLBindable)?] = [], _ transform: (Row) throws -> T
    ) throws -> T? {
        let statement = try checkOut(sql)
        defer { checkIn(statement) }
        try statement.bind(bindings)
        return try statement.step() ? try transform(Row(statement: statement)) : nil
    }

    /// The rowid of the last row this connection inserted.
    public var lastInsertedRowID: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Runs several statements without bindings: migrations and pragmas.
    func executeScript(_ sql: String) throws(DatabaseError) {
        let result = sqlite3_exec(handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw DatabaseError(handle: handle, result: result, sql: sql) }
    }

    /// Runs `body` between `begin` and COMMIT; any error rolls everything back.
    func transaction<R>(_ begin: String, _ body: (Connection) throws -> R) throws -> R {
        try execute(begin)
        do {
            let result = try body(self)
            try execute("COMMIT")
            return result
        } catch {
            // SQLite has already rolled back after some failures; then there is nothing left to undo.
            if sqlite3_get_autocommit(handle) == 0 { _ = try? execute("ROLLBACK") }
            throw error
        }
    }

    // A statement is out of the cache while it runs, so the same SQL may be nested inside itself.
    private func checkOut(_ sql: String) throws(DatabaseError) -> Statement {
        observer?(sql)
        if let cached = statements.removeValue(forKey: sql) { return cached }
        return try Statement(sql, on: handle)
    }

    private func checkIn(_ statement: Statement) {
        statement.reset()
        if statements.count >= statementLimit { statements.removeAll() }
        statements[statement.sql] = statement
    }
}
