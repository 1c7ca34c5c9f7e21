internal import CSQLite

extension DatabaseError {
    init(handle: OpaquePointer?, result: Int32, sql: String?) {
        let extended = handle.map { sqlite3_extended_errcode($0) } ?? result
        let text = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(result)
        self.init(Code(extended: extended), text.map { String(cString: $0) } ?? "result \(result)", sql: sql)
    }
}

extension DatabaseError.Code {
    init(extended: Int32) {
        switch extended {
        // SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY and _ROWID, _FOREIGNKEY: macros with arguments are not imported.
        case 19 | (8 << 8), 19 | (6 << 8), 19 | (10 << 8): self = .uniqueViolation
        case 19 | (3 << 8): self = .foreignKeyViolation
        default:
            switch extended & 0xff {
            case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
            case SQLITE_CONSTRAINT: self = .constraintViolation
            case SQLITE_FULL: self = .diskFull
            case SQLITE_IOERR: self = .inputOutput
            case SQLITE_CORRUPT, SQLITE_NOTADB: self = .corrupt
            case SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: self = .cannotOpen
            default: self = .other
            }
        }
    }
}
