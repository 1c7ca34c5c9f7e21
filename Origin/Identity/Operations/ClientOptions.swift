internal import Catalog
internal import JSON
internal import OAuth

/// How long the tokens of a client are good.
struct TokenLifetimes: Equatable {
    let accessSeconds: Int64
    let idSeconds: Int64
    let refreshSeconds: Int64
}

extension IdentityClient {
    /// What a client may do of which nobody has said anything: SRP only where somebody asks for it, since a stored verifier
    /// is easier to guess from than a hash.
    static let usualFlows: Set<String> = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    /// The longest that an access or ID token may be good, as in Cognito.
    static let longestTokenSeconds: Int64 = 86_400

    private static let knownFlows: Set<String> = [
        "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH",
    ]

    /// How long its tokens are good: as it was asked for, or as is usual in the pool.
    func lifetimes(in settings: IdentitySettings) -> TokenLifetimes {
        TokenLifetimes(
            accessSeconds: accessToken?.seconds ?? settings.tokenSeconds,
            idSeconds: idToken?.seconds ?? settings.tokenSeconds,
            refreshSeconds: refreshToken?.seconds ?? settings.refreshTokenSeconds)
    }

    /// Takes over what `CreateUserPoolClient` and `UpdateUserPoolClient` have in common, for a client of which nothing was
    /// asked yet: what is left out is as usual.
    mutating func apply(_ input: CognitoInput, _ settings: IdentitySettings) throws(CognitoError) {
        try Self.refuseUnsupported(input)
        let units = try input.section("TokenValidityUnits")
        accessToken = try input.validity("Access", units, usual: .hours, in: 300...Self.longestTokenSeconds)
        idToken = try input.validity("Id", units, usual: .hours, in: 300...Self.longestTokenSeconds)
        if try input.optionalInteger("RefreshTokenValidity", in: 0...315_360_000) != 0 {
            refreshToken = try input.validity("Refresh", units, usual: .days, in: 3600...315_360_000)
        }
        let lifetimes = lifetimes(in: settings)
        guard max(lifetimes.accessSeconds, lifetimes.idSeconds) <= lifetimes.refreshSeconds else {
            throw .invalidParameter(
                "RefreshTokenValidity must not be shorter than AccessTokenValidity and IdTokenValidity")
        }
        try applyFlows(input)
        if let choice = try input.choice("PreventUserExistenceErrors", of: ["ENABLED", "LEGACY"]) {
            concealsUsers = choice == "ENABLED"
        }
        canRevoke = try input.optionalFlag("EnableTokenRevocation") ?? true
        oauth = try OAuthOptions(input)
        providers = try input.supportedProviders(isOAuth: oauth != nil)
    }

    private mutating func applyFlows(_ input: CognitoInput) throws(CognitoError) {
        let asked = try input.texts("ExplicitAuthFlows", limit: 16)
        if let unknown = asked?.first(where: { !Self.knownFlows.contains($0) }) {
            throw .invalidParameter("Value '\(unknown)' at 'ExplicitAuthFlows' is not supported; those with ALLOW_ are")
        }
        flows = asked.map { Set($0) } ?? Self.usualFlows
        guard let rotation = try input.section("RefreshTokenRotation") else { return }
        guard let feature = try rotation.choice("Feature", of: ["ENABLED", "DISABLED"]) else {
            throw .invalidParameter("Missing required parameter RefreshTokenRotation.Feature")
        }
        let grace = try rotation.optionalInteger("RetryGracePeriodSeconds", in: 0...60)
        guard feature == "ENABLED" else { return }
        guard asked?.contains("ALLOW_REFRESH_TOKEN_AUTH") != true else {
            throw .invalidParameter(
                "ALLOW_REFRESH_TOKEN_AUTH at 'ExplicitAuthFlows' cannot go with RefreshTokenRotation; "
                    + "GetTokensFromRefreshToken takes its place")
        }
        flows.remove("ALLOW_REFRESH_TOKEN_AUTH")
        rotationGraceSeconds = grace ?? 0
    }

    /// Refuses what is asked for and would not be done.
    private static func refuseUnsupported(_ input: CognitoInput) throws(CognitoError) {
        for name in ["ReadAttributes", "WriteAttributes"] {
            guard try input.texts(name, limit: 100)?.isEmpty ?? true else {
                throw .invalidParameter("\(name) is not supported")
            }
        }
        guard try !input.flag("EnablePropagateAdditionalUserContextData") else {
            throw .invalidParameter("EnablePropagateAdditionalUserContextData is not supported")
        }
        guard try input.section("AnalyticsConfiguration") == nil else {
            throw .invalidParameter("AnalyticsConfiguration is not supported")
        }
        guard try input.optionalInteger("AuthSessionValidity", in: 3...15) ?? 3 == 3 else {
            throw .invalidParameter("AuthSessionValidity other than 3 is not supported")
        }
    }
}

extension CognitoInput {
    /// `<kind>TokenValidity` in the unit that `TokenValidityUnits` names for it, within so many seconds.
    fileprivate func validity(
        _ kind: String, _ units: CognitoInput?, usual: IdentityClient.Validity.Unit, in seconds: ClosedRange<Int64>
    ) throws(CognitoError) -> IdentityClient.Validity? {
        let known = IdentityClient.Validity.Unit.allCases.map(\.rawValue)
        let unit =
            try units?.choice("\(kind)Token", of: known).flatMap { IdentityClient.Validity.Unit(rawValue: $0) } ?? usual
        let name = "\(kind)TokenValidity"
        guard let value = try optionalInteger(name, in: 0...315_360_000) else { return nil }
        let validity = IdentityClient.Validity(value, unit)
        guard seconds.contains(validity.seconds) else {
            throw .invalidParameter(
                "Value at '\(name)' must come to \(seconds.lowerBound) to \(seconds.upperBound) seconds")
        }
        return validity
    }
}
