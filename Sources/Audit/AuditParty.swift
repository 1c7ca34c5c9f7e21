/// Who did something, or what it was done to: `kind:id` in an entry.
///
/// Ids are those that never change and tell nothing of a person; names that people type are not among them, because one may
/// be a password in the wrong field.
public struct AuditParty: Sendable, Equatable {
    /// As entries say it.
    public let text: String

    private init(_ text: String) {
        self.text = text
    }

    /// The origin itself, without anybody's asking.
    public static let system = AuditParty("system")
    /// Somebody who has not proven who they are.
    public static let anonymous = AuditParty("anonymous")
    /// An account, by its immutable id.
    public static func user(_ id: String) -> AuditParty { AuditParty("user:\(id)") }
    /// A name that no account has: an opaque keyed hash of it, the same each time.
    public static func name(hashed subject: String) -> AuditParty { AuditParty("name:\(subject)") }
    /// An access key, by its public id.
    public static func accessKey(_ id: String) -> AuditParty { AuditParty("access-key:\(id)") }
    /// A service account, by its name, which an administrator has given.
    public static func service(_ name: String) -> AuditParty { AuditParty("service:\(name)") }
    /// Whoever signed with a key: the service account it belongs to, or the key itself.
    public static func holder(ofKey id: String, account: String?) -> AuditParty {
        account.map { .service($0) } ?? .accessKey(id)
    }
    /// One sign-in with everything that descends from it, by the `origin_jti` of its tokens.
    public static func signIn(_ id: String) -> AuditParty { AuditParty("sign-in:\(id)") }
    /// An application that signs people in.
    public static func client(_ id: String) -> AuditParty { AuditParty("client:\(id)") }
    /// An outside provider, by its name, which an administrator has given.
    public static func provider(_ name: String) -> AuditParty { AuditParty("provider:\(name)") }
    /// A user pool.
    public static func pool(_ id: String) -> AuditParty { AuditParty("pool:\(id)") }
    /// A group of accounts, by its name, which an administrator has given.
    public static func group(_ name: String) -> AuditParty { AuditParty("group:\(name)") }
    /// A key that signs tokens.
    public static func tokenKey(_ id: String) -> AuditParty { AuditParty("token-key:\(id)") }
    /// A key that signs access to media.
    public static func signingKey(_ id: String) -> AuditParty { AuditParty("signing-key:\(id)") }
    /// A video.
    public static func video(_ id: String) -> AuditParty { AuditParty("video:\(id)") }
    /// A comment on a video.
    public static func comment(_ id: String) -> AuditParty { AuditParty("comment:\(id)") }
    /// A job.
    public static func job(_ id: String) -> AuditParty { AuditParty("job:\(id)") }
    /// A webhook.
    public static func webhook(_ id: String) -> AuditParty { AuditParty("webhook:\(id)") }
    /// A queue, by its name.
    public static func queue(_ name: String) -> AuditParty { AuditParty("queue:\(name)") }
    /// A batch of paths that edges were told to forget.
    public static func invalidation(_ id: String) -> AuditParty { AuditParty("invalidation:\(id)") }
}
