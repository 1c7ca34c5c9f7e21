public import JSON

/// Something that the log is to tell of.
public struct AuditAct: Sendable, Equatable {
    /// What was done or tried; the raw values are what entries say, and stay.
    public enum Action: String, Sendable, CaseIterable {
        /// The origin began to work on this log.
        case originStarted = "origin_started"
        /// A password was tried, or a sign-in went on. Outcomes: `success` when tokens were given, `challenge`,
        /// `wrong_password`, `wrong_session`, `refused`.
        case signIn = "sign_in"
        /// An authenticator's code was tried and not accepted: `wrong_code` or `replayed`.
        case secondFactor = "second_factor"
        /// Second factors of an account were guessed at so often that its sign-ins ended; always `ended`.
        case secondFactorStopped = "second_factor_stopped"
        /// A client address has done too much of something (`limit`) and is turned away; told once an hour.
        case addressLimited = "address_limited"
        /// Somebody made an account for themselves; or `name_taken`.
        case signUp = "sign_up"
        /// A sign-up was confirmed, by its code or by an administrator; or `wrong_code`.
        case confirmSignUp = "confirm_sign_up"
        /// An administrator, or the first start, made an account.
        case userCreated = "user_created"
        /// An account was removed.
        case userDeleted = "user_deleted"
        /// An account was kept out from now on.
        case userDisabled = "user_disabled"
        /// An account may be used again.
        case userEnabled = "user_enabled"
        /// Attributes of an account were set or removed.
        case attributesChanged = "attributes_changed"
        /// An address was proven; or `wrong_code`.
        case emailVerified = "email_verified"
        /// A group was made.
        case groupCreated = "group_created"
        /// What is said of a group was changed.
        case groupChanged = "group_changed"
        /// A group was removed.
        case groupDeleted = "group_deleted"
        /// An account was put into a group.
        case groupAdded = "group_added"
        /// An account was taken out of a group.
        case groupRemoved = "group_removed"
        /// A passkey was registered.
        case passkeyRegistered = "passkey_registered"
        /// A passkey was removed.
        case passkeyRemoved = "passkey_removed"
        /// A password was set, and other sessions of the account ended; or `wrong_code` where a code stands for the old one.
        case passwordSet = "password_set"
        /// An administrator had a secret made for somebody's authenticator; nobody is asked for its codes before it is enrolled.
        case authenticatorPrepared = "authenticator_prepared"
        /// An administrator took a password away, and all sessions of the account ended; a code sets another.
        case passwordTaken = "password_taken"
        /// An authenticator was enrolled in place of the one before, if there was one.
        case authenticatorEnrolled = "authenticator_enrolled"
        /// Recovery codes were made, and those of before ended.
        case recoveryCodesMade = "recovery_codes_made"
        /// A recovery code was taken in place of an authenticator's.
        case recoveryCodeUsed = "recovery_code_used"
        /// An administrator took an authenticator away.
        case authenticatorRemoved = "authenticator_removed"
        /// Whether sign-in asks for the authenticator's code was changed.
        case secondFactorChanged = "second_factor_changed"
        /// A person signed out of a browser.
        case signedOut = "signed_out"
        /// All sessions of an account were ended.
        case signedOutEverywhere = "signed_out_everywhere"
        /// A refresh token, and what descends from it, was ended.
        case tokenRevoked = "token_revoked"
        /// A refresh token came that had been replaced; its sign-in was ended.
        case refreshTokenReused = "refresh_token_reused"
        /// An authorization code came that had been redeemed; the sign-in that it gave was ended.
        case authorizationCodeReused = "authorization_code_reused"
        /// An application that may sign people in was added.
        case clientCreated = "client_created"
        /// What such an application may do was changed.
        case clientChanged = "client_changed"
        /// Such an application was removed, and its sign-ins ended.
        case clientDeleted = "client_deleted"
        /// An outside provider that may say who somebody is was added.
        case providerCreated = "provider_created"
        /// What is said of such a provider was changed.
        case providerChanged = "provider_changed"
        /// Such a provider was removed, and all links to it.
        case providerDeleted = "provider_deleted"
        /// A provider's person was given an account, new or not: from now on the provider signs its owner in.
        case providerLinked = "provider_linked"
        /// An administrator let a provider's person in no longer.
        case providerDisabled = "provider_disabled"
        /// A user pool was made.
        case poolCreated = "pool_created"
        /// What is said of a user pool, such as whether it asks for a second factor, was changed.
        case poolChanged = "pool_changed"
        /// A user pool was removed, with everything that belongs to it.
        case poolDeleted = "pool_deleted"
        /// A key that signs tokens, now or from `signsFrom` on, was made.
        case tokenKeyCreated = "token_key_created"
        /// A key that signed tokens was removed: no token of it is good any more.
        case tokenKeyRemoved = "token_key_removed"
        /// Secrets that had been sealed under another key were sealed under the one that seals now.
        case secretsRewrapped = "secrets_rewrapped"
        /// A machine may call the origin from now on, when it has a key.
        case serviceAccountCreated = "service_account_created"
        /// The keys of a service account are good no longer.
        case serviceAccountDisabled = "service_account_disabled"
        /// The keys of a service account are good again.
        case serviceAccountEnabled = "service_account_enabled"
        /// A service account was removed with its keys.
        case serviceAccountDeleted = "service_account_deleted"
        /// A service account was given an access key.
        case accessKeyCreated = "access_key_created"
        /// An access key of a service account was removed.
        case accessKeyDeleted = "access_key_deleted"
        /// Edges trust a new key for access to media.
        case signingKeyCreated = "signing_key_created"
        /// A key is to sign as soon as edges are ready.
        case rotationBegun = "rotation_begun"
        /// A key began to sign.
        case signingKeySigns = "signing_key_signs"
        /// Nobody trusts a key any more.
        case signingKeyRetired = "signing_key_retired"
        /// An administrator had a policy signed.
        case policySigned = "policy_signed"
        /// Edges were told to forget paths.
        case invalidationCreated = "invalidation_created"
        /// A video was put into the trash.
        case videoTrashed = "video_trashed"
        /// A video was brought back from the trash.
        case videoRestored = "video_restored"
        /// A video was removed for good.
        case videoDeleted = "video_deleted"
        /// The uploaded file of a video went to the archive, and is not read from there.
        case sourceArchived = "source_archived"
        /// Somebody, or a job, asked for an uploaded file that is in the archive.
        case sourceRestoreAsked = "source_restore_asked"
        /// An administrator changed somebody else's video.
        case videoEdited = "video_edited"
        /// A comment was approved or hidden by somebody else than its author.
        case commentModerated = "comment_moderated"
        /// A comment was removed by somebody else than its author.
        case commentDeleted = "comment_deleted"
        /// How much an account may upload was set.
        case quotaSet = "quota_set"
        /// A job that was given up was started again.
        case jobRetried = "job_retried"
        /// Dead letters of a queue may be received again.
        case deadLettersRedriven = "dead_letters_redriven"
        /// A dead letter was removed, and what it asked for is not done.
        case deadLetterDeleted = "dead_letter_deleted"
        /// Somebody is told of videos from now on.
        case webhookCreated = "webhook_created"
        /// Where, of what or whether somebody is told of videos was changed.
        case webhookChanged = "webhook_changed"
        /// A webhook was given a new secret; the one before signs as well for a day.
        case webhookSecretRotated = "webhook_secret_rotated"
        /// A webhook was removed, with what waited for it.
        case webhookDeleted = "webhook_deleted"
    }

    /// The outcome of what was done as asked.
    public static let success = "success"

    /// What was done.
    public let action: Action
    /// To whom or what.
    public let subject: AuditParty?
    /// Who did it; nil for whoever `AuditContext` names.
    public let actor: AuditParty?
    /// How it ended, in one word.
    public let outcome: String
    /// What else matters, a few short members. Never a password, a code, a token, or a name that somebody typed.
    public let details: JSONObject

    /// An act.
    public init(
        _ action: Action, of subject: AuditParty? = nil, by actor: AuditParty? = nil,
        outcome: String = AuditAct.success, _ details: JSONObject = [:]
    ) {
        self.action = action
        self.subject = subject
        self.actor = actor
        self.outcome = outcome
        self.details = details
    }
}
