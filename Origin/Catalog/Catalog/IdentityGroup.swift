/// A group of accounts, whose name the tokens of its members carry.
public struct IdentityGroup: Sendable, Equatable {
    /// The pool.
    public let poolId: String
    /// The name, unique within the pool; case counts.
    public let name: String
    /// For people.
    public var description: String?
    /// Which of several groups comes first in a list: the one with the lowest number; groups without one come last.
    public var precedence: Int64?
    /// Epoch milliseconds.
    public let createdAt: Int64
    /// Epoch milliseconds.
    public var updatedAt: Int64

    /// A group, by default a new one.
    public init(
        poolId: String, name: String, description: String? = nil, precedence: Int64? = nil, createdAt: Int64,
        updatedAt: Int64? = nil
    ) {
        self.poolId = poolId
        self.name = name
        self.description = description
        self.precedence = precedence
        self.createdAt = createdAt
        self.updatedAt = updatedAt ?? createdAt
    }
}

/// Which accounts of a pool a list is about.
public enum IdentityUserFilter: Sendable, Equatable {
    /// What is compared.
    public enum Field: Sendable, Equatable {
        /// The immutable id.
        case id
        /// The name under which the account is found, in lower case.
        case usernameKey
        /// `IdentityUser.Status`.
        case status
        /// Whether the account may sign in: `1` or `0`.
        case isEnabled
        /// An attribute by its name.
        case attribute(String)
    }

    /// Everybody.
    case everybody
    /// Whose field is this.
    case equal(Field, String)
    /// Whose field begins with this.
    case prefix(Field, String)
    /// The members of a group.
    case members(of: String)
}
