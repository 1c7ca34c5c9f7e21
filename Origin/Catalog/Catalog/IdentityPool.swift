/// A user pool: accounts, groups and applications of their own, with tokens that are good nowhere else.
public struct IdentityPool: Sendable, Equatable {
    /// Whether sign-in asks for an authenticator's code; the raw values are Cognito's.
    public enum SecondFactor: String, Sendable, CaseIterable {
        /// Nobody is asked.
        case off = "OFF"
        /// Whoever has enrolled is asked.
        case optional = "OPTIONAL"
        /// Whoever has not enrolled must do so at the next sign-in.
        case required = "ON"
    }

    /// What an administrator may say of a pool.
    public struct Options: Sendable, Equatable {
        /// A name for people.
        public var name: String
        /// Nil for what the origin's configuration says.
        public var secondFactor: SecondFactor?
        /// In characters; nil for what is the least everywhere.
        public var minimumPasswordLength: Int?
        /// How long a temporary password is good, in days; nil for as long as is usual.
        public var temporaryPasswordDays: Int?
        /// Whether only administrators make accounts.
        public var isSignUpClosed = false
        /// Whether it cannot be deleted.
        public var isProtected = false

        /// A pool of which nothing but its name was said.
        public init(name: String) {
            self.name = name
        }
    }

    /// The id, `[\w-]+_[0-9a-zA-Z]+`.
    public let id: String
    /// What an administrator has said of it.
    public var options: Options
    /// Whether it is being removed: nothing finds it any more.
    public var isDeleted = false
    /// Epoch milliseconds.
    public let createdAt: Int64
    /// Epoch milliseconds.
    public var updatedAt: Int64

    /// A new pool.
    public init(id: String, options: Options, createdAt: Int64) {
        self.id = id
        self.options = options
        self.createdAt = createdAt
        updatedAt = createdAt
    }
}
