internal import CSQLite

/// One prepared statement; finalized when the last reference goes.
final class Statement {
    let handle: OpaquePointer
    let sql: String

    init(_ sql: String, on database: OpaquePointer) throws(DatabaseError) {
        var prepared: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let result = sqlite3_prepare_v3(database, sql, Int32(sql.utf8.count), flags, &prepared, nil)
        guard result == SQLITE_OK else { throw DatabaseError(handle: database, result: result, sql: sql) }
        guard let prepared else { throw DatabaseError(.other, "the statement is empty", sql: sql) }
        handle = prepared
        self.sql = sql
    }

    deinit { sqlite3_finalize(handle) }

    func bind(_ values: [(any SQLBindable)?]) throws(DatabaseError) {
        let expected = Int(sqlite3_bind_parameter_count(handle))
        precondition(values.count == expected, "\(values.count) values for \(expected) marks in: \(sql)")
        for (offset, value) in values.enumerated() {
            let result = bind(value?.sqlValue ?? .null, at: Int32(offset + 1))
            guard result == SQLITE_OK else {
                throw DatabaseError(handle: sqlite3_db_handle(handle), result: result, sql: sql)
            }
        }
    }

    /// True when a row stands ready, false when the statement has run to its end.
    func step() throws(DatabaseError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let result: throw DatabaseError(handle: sqlite3_db_handle(handle), result: result, sql: sql)
        }
    }

    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, index)
        case .integer(let number): return sqlite3_bind_int64(handle, index, number)
        case .real(let number): return sqlite3_bind_double(handle, index, number)
        case .text(var text):
            return text.withUTF8 { utf8 in
                // An empty buffer may have no base address, and SQLite reads that as NULL.
                guard let start = utf8.baseAddress else { return weir_sqlite3_bind_text(handle, index, "", 0) }
                return start.withMemoryRebound(to: CChar.self, capacity: utf8.count) {
                    weir_sqlite3_bind_text(handle, index, $0, Int32(utf8.count))
                }
            }
        case .blob(let bytes):
            return bytes.withUnsafeBytes { weir_sqlite3_bind_blob(handle, index, $0.baseAddress, Int32($0.count)) }
        }
    }
}
