public import Audit

/// Reads the audit log.
public protocol AuditReader {
    /// Entries behind `sequence`, oldest first.
    func auditLines(after sequence: Int64, limit: Int) throws -> [AuditLine]
    /// Where the log ends.
    func auditHead() throws -> AuditHead
    /// Checks up to `limit` entries behind `mark`, which is taken as right, and behind the last one that the log ends there.
    func verifyAudit(after mark: AuditMark, limit: Int) throws -> AuditReport
}

/// Writes the audit log, to which entries can only be added.
public protocol AuditWriter {
    /// Adds an entry in the transaction of the act it tells of, so that there is neither without the other.
    func record(_ act: AuditAct, at epochMilliseconds: Int64) throws
}
