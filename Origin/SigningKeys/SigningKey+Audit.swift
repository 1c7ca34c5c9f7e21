internal import Audit
internal import Catalog
internal import JSON

extension SigningKey {
    /// What the audit log tells of a change of this key.
    func act(_ action: AuditAct.Action) -> AuditAct {
        AuditAct(
            action, of: .signingKey(id),
            [
                "group": .string(groupId), "algorithm": .string(algorithm), "state": .string(state.rawValue),
                "signsWhenTrusted": .bool(signsWhenTrusted),
            ])
    }
}
