internal import JSON

/// Writes entries: adds to an act where it came from, its number and the hash.
///
/// Made where a transaction begins, in the caller's task, since it asks `AuditContext`.
public struct AuditPen: Sendable {
    /// The first keys what is written.
    public let keys: AuditKeys
    private let provenance: AuditContext.Provenance

    /// A pen for the acts of this task.
    public init(keys: AuditKeys) {
        self.keys = keys
        provenance = AuditContext.provenance
    }

    /// The entry behind `head`, and the head that then takes its place.
    ///
    /// A head that is not genuine is not refused, since nobody could sign in any more; the entry says so for good.
    public func write(_ act: AuditAct, at epochMilliseconds: Int64, after head: AuditHead) -> (AuditLine, AuditHead) {
        let key = keys.writing
        let sequence = head.mark.sequence + 1
        var entry: JSONObject = [
            "sequence": .integer(sequence), "at": .integer(epochMilliseconds),
            "actor": .string((act.actor ?? provenance.actor).text), "action": .string(act.action.rawValue),
            "outcome": .string(act.outcome),
        ]
        if let subject = act.subject { entry["subject"] = .string(subject.text) }
        if let client = provenance.client { entry["client"] = .string(client) }
        if let forwardedFor = provenance.forwardedFor { entry["forwardedFor"] = .string(forwardedFor) }
        if let requestId = provenance.requestId { entry["requestId"] = .string(requestId) }
        if !act.details.isEmpty { entry["details"] = .object(act.details) }
        if !head.isGenuine(under: keys) { entry[AuditVerification.forgedEndName] = true }
        entry["key"] = .string(key.id)
        let text = JSONValue.object(entry).description
        let line = AuditLine(sequence: sequence, text: text, hash: key.hash(of: text, after: head.mark.hash))
        return (line, AuditHead(AuditMark(sequence: sequence, hash: line.hash), under: key))
    }
}
