internal import Audit
internal import SQLiteDatabase

/// A transaction on a SQLite connection that can read and write the audit log.
protocol SQLiteAuditing: AuditReader, AuditWriter {
    var connection: Connection { get }
    var pen: AuditPen { get }
}

extension SQLiteAuditing {
    func auditLines(after sequence: Int64, limit: Int) throws -> [AuditLine] {
        try connection.query(
            "SELECT sequence, entry, hash FROM audit_log WHERE sequence > ? ORDER BY sequence LIMIT ?",
            [sequence, limit]
        ) { row in
            AuditLine(sequence: try row.integer(0), text: try row.text(1), hash: try row.bytes(2))
        }
    }

    func auditHead() throws -> AuditHead {
        let head = try connection.first("SELECT sequence, hash, seal FROM audit_head") { row in
            AuditHead(
                mark: AuditMark(sequence: try row.integer(0), hash: try row.bytes(1)), seal: try row.bytes(2))
        }
        guard let head else { throw DatabaseError(.unexpectedType, "audit_head has lost its row") }
        return head
    }

    func verifyAudit(after mark: AuditMark, limit: Int) throws -> AuditReport {
        var verification = AuditVerification(keys: pen.keys, after: mark)
        let lines = try auditLines(after: mark.sequence, limit: limit)
        for line in lines {
            if let fault = verification.check(line) {
                return AuditReport(verification, isComplete: false, fault: fault)
            }
        }
        guard lines.count < limit else { return AuditReport(verification, isComplete: false) }
        return AuditReport(verification, isComplete: true, fault: verification.check(try auditHead()))
    }

    func record(_ act: AuditAct, at epochMilliseconds: Int64) throws {
        let (line, head) = pen.write(act, at: epochMilliseconds, after: try auditHead())
        try connection.execute("INSERT INTO audit_log VALUES (?, ?, ?)", [line.sequence, line.text, line.hash])
        try connection.execute(
            "UPDATE audit_head SET sequence = ?, hash = ?, seal = ?", [head.mark.sequence, head.mark.hash, head.seal])
    }
}
