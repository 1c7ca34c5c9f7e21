public import OAuth

/// An application that may sign users in.
public struct IdentityClient: Sendable, Equatable {
    /// A length of time as it was asked for.
    public struct Validity: Sendable, Equatable {
        /// What it is counted in.
        public enum Unit: String, Sendable, CaseIterable {
            /// One second.
            case seconds
            /// 60 seconds.
            case minutes
            /// 3,600 seconds.
            case hours
            /// 86,400 seconds.
            case days

            /// How long it is.
            public var seconds: Int64 {
                switch self {
                case .seconds: 1
                case .minutes: 60
                case .hours: 3600
                case .days: 86_400
                }
            }
        }

        /// How many of the unit.
        public let value: Int64
        /// The unit.
        public let unit: Unit
        /// How long that is.
        public var seconds: Int64 { value * unit.seconds }

        /// So many of a unit.
        public init(_ value: Int64, _ unit: Unit) {
            self.value = value
            self.unit = unit
        }
    }

    /// The flow that needs a verifier of every password to be kept.
    public static let srpFlow = "ALLOW_USER_SRP_AUTH"

    /// The client id, public.
    public let id: String
    /// The pool it belongs to.
    public let poolId: String
    /// A name for people.
    public let name: String
    /// The flows it may use, in Cognito's words, such as `ALLOW_USER_PASSWORD_AUTH`.
    public var flows: Set<String>
    /// The sealed secret with which it proves who it is; nil for a public client, which has none.
    public var sealedSecret: [UInt8]?
    /// How long its access tokens are good; nil for as long as is usual in the pool.
    public var accessToken: Validity?
    /// How long its ID tokens are good; nil for as long as is usual in the pool.
    public var idToken: Validity?
    /// How long a sign-in can be renewed; nil for as long as is usual in the pool.
    public var refreshToken: Validity?
    /// Refresh tokens are replaced when they are used, and then still good for so many seconds; nil if they stay.
    public var rotationGraceSeconds: Int64?
    /// Whether a name that nobody has gets the answers of one that somebody has.
    public var concealsUsers = true
    /// Whether it may revoke its refresh tokens.
    public var canRevoke = true
    /// What it may do with OAuth; nil if it may not.
    public var oauth: OAuthOptions?
    /// The outside providers that may sign people in to it, by name, beside the pool itself.
    public var providers: [String] = []
    /// Epoch milliseconds.
    public let createdAt: Int64
    /// Epoch milliseconds.
    public var updatedAt: Int64

    /// A public client of which nothing but the flows was asked for.
    public init(id: String, poolId: String, name: String, flows: Set<String>, createdAt: Int64 = 0) {
        self.id = id
        self.poolId = poolId
        self.name = name
        self.flows = flows
        self.createdAt = createdAt
        updatedAt = createdAt
    }
}
