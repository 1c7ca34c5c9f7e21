public import OAuth

/// A key that signs tokens; the private half is sealed under a key that is not in the database.
public struct IdentitySigningKey: Sendable, Equatable {
    /// The key id that tokens carry.
    public let id: String
    /// The pool whose tokens it signs.
    public let poolId: String
    /// The sealed private key.
    public let sealedPrivateKey: [UInt8]
    /// Epoch milliseconds.
    public let createdAt: Int64
    /// When it begins to sign, and the one before it ceases, in epoch milliseconds; all keys verify.
    public let signsFrom: Int64

    /// A key.
    public init(id: String, poolId: String, sealedPrivateKey: [UInt8], createdAt: Int64, signsFrom: Int64) {
        self.id = id
        self.poolId = poolId
        self.sealedPrivateKey = sealedPrivateKey
        self.createdAt = createdAt
        self.signsFrom = signsFrom
    }
}

/// A person's account.
public struct IdentityUser: Sendable, Equatable {
    /// How far the account has come.
    public enum Status: String, Sendable {
        /// Signed up; the code has not been confirmed.
        case unconfirmed = "UNCONFIRMED"
        /// Usable.
        case confirmed = "CONFIRMED"
        /// Made by an administrator; the first sign-in must set a password.
        case forceChangePassword = "FORCE_CHANGE_PASSWORD"
        /// An administrator has taken the password away; a code that was sent sets another.
        case resetRequired = "RESET_REQUIRED"
        /// Made when somebody came from an outside provider; it has no password.
        case externalProvider = "EXTERNAL_PROVIDER"
    }

    /// The authenticator application's secret and how far it has been used.
    public struct SoftwareToken: Sendable, Equatable {
        /// The sealed secret.
        public var sealedSecret: [UInt8]
        /// The time step of the last code that was accepted; only later ones will be.
        public var lastAcceptedStep: Int64

        /// A token.
        public init(sealedSecret: [UInt8], lastAcceptedStep: Int64) {
            self.sealedSecret = sealedSecret
            self.lastAcceptedStep = lastAcceptedStep
        }
    }

    /// Who the person is to an outside provider that may sign them in.
    public struct OutsideIdentity: Sendable, Equatable {
        /// The provider's name.
        public let provider: String
        /// What kind of provider it is.
        public let kind: IdentityProvider.Kind
        /// The `sub` of the provider's tokens.
        public let subject: String
        /// When it was linked, in epoch milliseconds.
        public let createdAt: Int64

        /// An identity.
        public init(provider: String, kind: IdentityProvider.Kind, subject: String, createdAt: Int64) {
            self.provider = provider
            self.kind = kind
            self.subject = subject
            self.createdAt = createdAt
        }
    }

    /// The immutable id, a UUID.
    public let id: String
    /// The pool.
    public let poolId: String
    /// The name as it was given at sign-up.
    public let username: String
    /// The name under which it is found: lower case, unique within the pool.
    public let usernameKey: String
    /// Attributes by name, `email` among them.
    public var attributes: [String: String]
    /// The names of its groups, such as `admin`, in their order; written by what adds and removes members alone.
    public let groups: [String]
    /// Who it is to outside providers, the first link first; written by what adds and removes links alone.
    public let identities: [OutsideIdentity]
    /// The Argon2id hash in PHC form; nil for an account without a password. Setting it forgets `sealedVerifier`.
    public var passwordHash: String? {
        didSet { sealedVerifier = nil }
    }
    /// What SRP checks the password with, sealed; nil where none is kept.
    public var sealedVerifier: [UInt8]?
    /// When a temporary password ends, in epoch milliseconds; nil for a permanent one.
    public var passwordExpiresAt: Int64?
    /// How far the account has come.
    public var status: Status
    /// Whether it may sign in.
    public var isEnabled = true
    /// The verified authenticator.
    public var softwareToken: SoftwareToken?
    /// A sealed secret that was handed out and not yet verified.
    public var pendingSoftwareTokenSecret: [UInt8]?
    /// Whether sign-in asks for the authenticator's code.
    public var isSoftwareTokenEnabled = false
    /// Whether the authenticator is the preferred second factor.
    public var isSoftwareTokenPreferred = false
    /// Epoch milliseconds.
    public let createdAt: Int64
    /// Epoch milliseconds.
    public var updatedAt: Int64

    /// A new account.
    public init(
        id: String, poolId: String, username: String, usernameKey: String, attributes: [String: String],
        groups: [String] = [], identities: [OutsideIdentity] = [], passwordHash: String?, status: Status,
        createdAt: Int64
    ) {
        self.id = id
        self.poolId = poolId
        self.username = username
        self.usernameKey = usernameKey
        self.attributes = attributes
        self.groups = groups
        self.identities = identities
        self.passwordHash = passwordHash
        self.status = status
        self.createdAt = createdAt
        updatedAt = createdAt
    }
}

/// How often a secret was got wrong lately; kept for names nobody has as well, so that they look the same.
public struct IdentityAttempts: Sendable, Equatable {
    /// What is being guessed: an opaque key for account and kind of secret.
    public let subject: String
    /// Failures in a row.
    public var failures: Int
    /// Epoch milliseconds; 0 before the first.
    public var lastFailureAt: Int64
    /// No attempt is looked at before this time, in epoch milliseconds.
    public var lockedUntil: Int64

    /// A record, by default without failures.
    public init(subject: String, failures: Int = 0, lastFailureAt: Int64 = 0, lockedUntil: Int64 = 0) {
        self.subject = subject
        self.failures = failures
        self.lastFailureAt = lastFailureAt
        self.lockedUntil = lockedUntil
    }
}

/// A sign-in that has begun and waits for the answer to a challenge.
public struct IdentitySession: Sendable, Equatable {
    /// What the client may answer with this session.
    public enum Step: String, Sendable {
        /// The authenticator's code is awaited.
        case softwareToken = "SOFTWARE_TOKEN_MFA"
        /// A new password is awaited.
        case newPassword = "NEW_PASSWORD_REQUIRED"
        /// An authenticator must be enrolled; nothing has been done yet.
        case enrolment = "MFA_SETUP"
        /// The secret has been handed out.
        case enrolmentStarted = "MFA_SETUP_STARTED"
        /// The first code was right; the sign-in can be finished.
        case enrolmentVerified = "MFA_SETUP_VERIFIED"
    }

    /// What the last answer gives.
    public enum Goal: String, Sendable {
        /// Tokens, to a program that called the API.
        case tokens
        /// A browser session, to a person on the pages.
        case browser
    }

    /// The hash of the session text that the client holds.
    public let idHash: [UInt8]
    /// The account.
    public let userId: String
    /// The client that began.
    public let clientId: String
    /// What may come next.
    public let step: Step
    /// What comes of it in the end.
    public let goal: Goal
    /// Epoch milliseconds.
    public let expiresAt: Int64
    /// Answers that were refused.
    public var failures: Int

    /// A session.
    public init(
        idHash: [UInt8], userId: String, clientId: String, step: Step, goal: Goal = .tokens, expiresAt: Int64,
        failures: Int = 0
    ) {
        self.idHash = idHash
        self.userId = userId
        self.clientId = clientId
        self.step = step
        self.goal = goal
        self.expiresAt = expiresAt
        self.failures = failures
    }
}

/// Everything that descends from one sign-in: its refresh token and all tokens made with it.
public struct IdentityTokenFamily: Sendable, Equatable {
    /// When and from where tokens of a sign-in were last made.
    public struct Use: Sendable, Equatable {
        /// Epoch milliseconds.
        public let at: Int64
        /// The client's address; nil where there was none.
        public let address: String?

        /// A use.
        public init(at: Int64, address: String?) {
            self.at = at
            self.address = address
        }
    }

    /// The `origin_jti` that all of its tokens carry.
    public let id: String
    /// The account.
    public let userId: String
    /// The client.
    public let clientId: String
    /// The hash of the refresh token that the sign-in gave.
    public let refreshTokenHash: [UInt8]
    /// When the person proved who they are, in epoch milliseconds.
    public let authenticatedAt: Int64
    /// When the refresh token ends, and each that replaces it, in epoch milliseconds.
    public let expiresAt: Int64
    /// How many times the refresh token has been replaced; the token of this number is the one that is good.
    public var rotation: Int64 = 0
    /// When it was last replaced, in epoch milliseconds; nil if it never was.
    public var rotatedAt: Int64?
    /// What its tokens are good for; nil where the person signed in with the application itself, for everything.
    public var scopes: [OAuthScope]?
    /// The hash of the code that it came of, if it did.
    public var codeHash: [UInt8]?
    /// The last use, give or take some minutes; nil before the first that was noted.
    public internal(set) var lastUse: Use?

    /// A family.
    public init(
        id: String, userId: String, clientId: String, refreshTokenHash: [UInt8], authenticatedAt: Int64,
        expiresAt: Int64
    ) {
        self.id = id
        self.userId = userId
        self.clientId = clientId
        self.refreshTokenHash = refreshTokenHash
        self.authenticatedAt = authenticatedAt
        self.expiresAt = expiresAt
    }
}
