internal import CSQLite

/// One row of a running query, typed on the way out; valid only inside the closure it is given to.
///
/// Columns are counted from 0. A getter throws `unexpectedType` where the column is NULL or of another type, so a
/// schema mistake is an error with the column's name and never a silent zero.
public struct Row {
    let statement: Statement

    /// Whether the column is NULL.
    public func isNull(_ column: Int) -> Bool {
        sqlite3_column_type(statement.handle, Int32(column)) == SQLITE_NULL
    }

    /// An INTEGER column.
    public func integer(_ column: Int) throws(DatabaseError) -> Int64 {
        try require(SQLITE_INTEGER, column)
        return sqlite3_column_int64(statement.handle, Int32(column))
    }

    /// An INTEGER column or NULL.
    public func optionalInteger(_ column: Int) throws(DatabaseError) -> Int64? {
        isNull(column) ? nil : try integer(column)
    }

    /// An INTEGER column as `Int`.
    public func int(_ column: Int) throws(DatabaseError) -> Int { Int(try integer(column)) }

    /// An INTEGER column as `Int`, or NULL.
    public func optionalInt(_ column: Int) throws(DatabaseError) -> Int? {
        isNull(column) ? nil : try int(column)
    }

    /// An INTEGER column as a truth value: anything but 0 is true.
    public func bool(_ column: Int) throws(DatabaseError) -> Bool { try integer(column) != 0 }

    /// A REAL column; an INTEGER is converted.
    public func real(_ column: Int) throws(DatabaseError) -> Double {
        let type = sqlite3_column_type(statement.handle, Int32(column))
        if type != SQLITE_INTEGER { try require(SQLITE_FLOAT, column) }
        return sqlite3_column_double(statement.handle, Int32(column))
    }

    /// A REAL column or NULL.
    public func optionalReal(_ column: Int) throws(DatabaseError) -> Double? {
        isNull(column) ? nil : try real(column)
    }

    /// A TEXT column.
    public func text(_ column: Int) throws(DatabaseError) -> String {
        try require(SQLITE_TEXT, column)
        let index = Int32(column)
        guard let bytes = sqlite3_column_text(statement.handle, index) else { return "" }
        let count = Int(sqlite3_column_bytes(statement.handle, index))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// A TEXT column or NULL.
    public func optionalText(_ column: Int) throws(DatabaseError) -> String? {
        isNull(column) ? nil : try text(column)
    }

    /// A BLOB column.
    public func bytes(_ column: Int) throws(DatabaseError) -> [UInt8] {
        try require(SQLITE_BLOB, column)
        let index = Int32(column)
        guard let start = sqlite3_column_blob(statement.handle, index) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement.handle, index))))
    }

    /// A BLOB column or NULL.
    public func optionalBytes(_ column: Int) throws(DatabaseError) -> [UInt8]? {
        isNull(column) ? nil : try bytes(column)
    }

    private func require(_ type: Int32, _ column: Int) throws(DatabaseError) {
        let found = sqlite3_column_type(statement.handle, Int32(column))
        guard found != type else { return }
        let name = sqlite3_column_name(statement.handle, Int32(column)).map { String(cString: $0) } ?? "\(column)"
        let names = [SQLITE_INTEGER: "INTEGER", SQLITE_FLOAT: "REAL", SQLITE_TEXT: "TEXT", SQLITE_BLOB: "BLOB"]
        throw DatabaseError(
            .unexpectedType,
            "column \(name) is \(names[found] ?? "NULL"), \(names[type] ?? "?") was asked for",
            sql: statement.sql)
    }
}
