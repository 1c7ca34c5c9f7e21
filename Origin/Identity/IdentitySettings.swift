public import AccessSigning
public import Crypto

/// What one user pool needs to know about itself.
public struct IdentitySettings: Sendable {
    /// Whether sign-in asks for an authenticator's code.
    public enum SecondFactor: String, Sendable, CaseIterable {
        /// Whoever has enrolled is asked.
        case optional
        /// Whoever has not enrolled must do so at the next sign-in.
        case required
    }

    /// The region administrators sign their requests for, such as `eu-central-1`.
    public var region: String
    /// The pool's id, `[\w-]+_[0-9a-zA-Z]+`.
    public var userPoolId: String
    /// The `iss` of every token: the origin's base URL, a slash and the pool's id, byte for byte what clients expect.
    public var issuer: String
    /// The address that people reach, without a slash at the end: what they are sent to, and the endpoints of OAuth, are under
    /// it. Where the issuer is, unless said otherwise.
    public var publicURL: String
    /// What authenticator secrets and token keys are sealed under, 32 bytes each: the first seals, all open; kept outside the
    /// database.
    public var sealingKeys: [[UInt8]]
    /// Who may sign the operations of administrators: keys of role `admin`.
    public var accessKeys: AccessKeyRing
    /// What authenticator applications show beside the account's name.
    public var authenticatorIssuer = "Weir"
    /// Whether, and for which site, people have passkeys.
    public var passkeys = PasskeySettings()
    /// What may be done by whoever is in none of the groups that are roles: by people who signed up themselves.
    public var defaultRole = Role.creator
    /// Optional by default.
    public var secondFactor = SecondFactor.optional
    /// How long access and ID tokens are good where the client says nothing else, in seconds.
    public var tokenSeconds: Int64 = 3600
    /// How long a refresh token is good where the client says nothing else, in seconds.
    public var refreshTokenSeconds: Int64 = 30 * 86400
    /// How long a key signs tokens before another does, in seconds; 0 for ever.
    public var tokenKeySeconds: Int64 = 90 * 86400
    /// How long a challenge may be answered, in seconds.
    public var sessionSeconds: Int64 = 180
    /// How long the challenge of a sign-in with SRP may be answered, in seconds; programs answer it, not people.
    public var passwordClaimSeconds: Int64 = 30
    /// How long a browser stays signed in, in seconds.
    public var browserSessionSeconds: Int64 = 12 * 3600
    /// How long a browser stays signed in that nobody uses, in seconds.
    public var browserIdleSeconds: Int64 = 3600
    /// How long a confirmation code is good, in seconds.
    public var confirmationCodeSeconds: Int64 = 86400
    /// How long a code for a new password is good, in seconds.
    public var resetCodeSeconds: Int64 = 3600
    /// How long a temporary password is good, in seconds.
    public var temporaryPasswordSeconds: Int64 = 7 * 86400
    /// A PEM file of certificates that outside providers are trusted by, instead of the system's.
    public var providerAuthorities: String?
    /// What a password hash costs.
    public var passwordHash = Argon2id.Parameters()
    /// How many hashes are computed at a time; each takes `passwordHash.memoryKiB` and a core.
    public var hashThreads = 2
    /// How many sign-ins may wait for a hash before others are turned away.
    public var hashQueueLimit = 64

    /// What each client address may do.
    public var addressLimits = AddressLimits()

    /// How many threads sign tokens.
    public var signingThreads = 2
    /// How many answers may wait for their tokens to be signed before others are turned away.
    public var signingQueueLimit = 1024

    /// What the `iss` of every pool begins with: that of this one without its id.
    var issuerBase: String {
        let ending = "/\(userPoolId)"
        return issuer.hasSuffix(ending) ? String(issuer.dropLast(ending.count)) : issuer
    }

    /// The same for another pool of the origin.
    func ofPool(_ id: String) -> IdentitySettings {
        var settings = self
        settings.userPoolId = id
        settings.issuer = "\(issuerBase)/\(id)"
        return settings
    }

    /// Settings with defaults for everything that has one.
    public init(
        region: String, userPoolId: String, issuer: String, sealingKey: [UInt8],
        accessKeys: AccessKeyRing = AccessKeyRing()
    ) {
        self.region = region
        self.userPoolId = userPoolId
        self.issuer = issuer
        publicURL = issuer.hasSuffix("/\(userPoolId)") ? String(issuer.dropLast(userPoolId.count + 1)) : issuer
        sealingKeys = [sealingKey]
        self.accessKeys = accessKeys
    }
}

/// The time in epoch milliseconds; passed in so that tests can turn the clock.
public typealias IdentityClock = @Sendable () -> Int64
