public import WebAuthn

/// What one user pool makes of passkeys.
public struct PasskeySettings: Sendable {
    /// Whether people may register passkeys and sign in with them; true by default.
    public var isEnabled = true
    /// For whom passkeys are made. Nil by default, and where the site has no name that browsers would make them for: then people
    /// are told so when they ask for one.
    public var relyingParty: RelyingParty?
    /// Whether a passkey whose authenticator made sure whom it served is password and second factor in one; true by default.
    ///
    /// Cognito's `FactorConfiguration`: `MULTI_FACTOR_WITH_USER_VERIFICATION` where true, otherwise `SINGLE_FACTOR`.
    public var verifiedIsBothFactors = true

    /// As described.
    public init() {}

    /// How many passkeys one account may have, as in Cognito.
    static let perAccount = 20

    /// Whether whoever signs in with a verified passkey is asked for nothing else.
    var areBothFactors: Bool { usable != nil && verifiedIsBothFactors }

    /// Whose passkeys sign in; nil where none do.
    var usable: RelyingParty? { isEnabled ? relyingParty : nil }
}
