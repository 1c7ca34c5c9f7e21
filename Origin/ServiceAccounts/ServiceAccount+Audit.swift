internal import Audit
internal import Catalog
internal import JSON

extension ServiceAccount {
    /// What the audit log tells of a change of this account, or of a key of it.
    func act(_ action: AuditAct.Action, of subject: AuditParty? = nil) -> AuditAct {
        AuditAct(action, of: subject ?? .service(name), ["account": .string(name), "role": .string(role)])
    }
}
