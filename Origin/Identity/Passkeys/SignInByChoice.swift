internal import Catalog
internal import Crypto
internal import JSON
internal import WebAuthn

/// What a sign-in can begin with, in Cognito's words.
enum FirstFactor: String, Sendable {
    case password = "PASSWORD"
    case passwordWithSRP = "PASSWORD_SRP"
    case passkey = "WEB_AUTHN"
}

/// `USER_AUTH`: the person chooses what to begin with.
///
/// What is offered depends on pool and client alone. The options for a passkey name no passkeys: the browser finds those of the site
/// itself, so that nobody learns from them who has one, or an account.
extension IdentityService {
    static let choiceFlow = "USER_AUTH"
    static let choiceChallenge = "SELECT_CHALLENGE"
    private static let choicePermission = "ALLOW_USER_AUTH"

    /// Whether a challenge is one of this flow, before anything is proven.
    static func isOfChoice(_ challenge: String) -> Bool {
        challenge == choiceChallenge || FirstFactor(rawValue: challenge) != nil
    }

    /// Offers what can be begun with, or begins with `PREFERRED_CHALLENGE` where that is among it.
    func beginChoice(_ client: IdentityClient, _ parameters: CognitoInput) async throws -> JSONValue {
        try checkChoice(client)
        let key = Self.usernameKey(try parameters.username("USERNAME"))
        let preferred = try parameters.optionalText("PREFERRED_CHALLENGE", limit: 64)
        let factors = firstFactors(of: client)
        guard let factor = preferred.flatMap({ FirstFactor(rawValue: $0) }), factors.contains(factor) else {
            return try challenge(Self.choiceChallenge, client, key, factors)
        }
        switch factor {
        case .password where try parameters.optionalText("PASSWORD", limit: 2048) != nil:
            return try await signInWithPassword(client, parameters)
        case .passwordWithSRP where try parameters.optionalText("SRP_A") != nil:
            return try await beginSRP(client, parameters)
        default:
            return try challenge(factor.rawValue, client, key, factors)
        }
    }

    /// Goes on with what was chosen, or with what there was no choice about.
    ///
    /// The session proves nothing but the client and the name it is for, and a passkey's challenge in it is good once.
    func answerChoice(
        _ name: String, _ client: IdentityClient, _ responses: CognitoInput, session: String
    ) async throws -> JSONValue {
        try checkChoice(client)
        let key = Self.usernameKey(try responses.username("USERNAME"))
        guard let opened = sealer.openedSignIn(session, client: client.id, usernameKey: key),
            clock() < opened.expiresAt
        else { throw CognitoError.invalidSession }
        let factors = firstFactors(of: client)
        let chosen = name == Self.choiceChallenge ? try responses.text("ANSWER", limit: 64) : name
        guard let factor = FirstFactor(rawValue: chosen), factors.contains(factor) else {
            throw CognitoError.invalidParameter(
                "Value at 'ANSWER' must be one of \(factors.map(\.rawValue).joined(separator: ", "))")
        }
        switch factor {
        case .password: return try await signInWithPassword(client, responses)
        case .passwordWithSRP: return try await beginSRP(client, responses)
        case .passkey:
            let isAnswered = try name == factor.rawValue || responses.optionalText("CREDENTIAL", limit: 65_536) != nil
            guard isAnswered else { return try challenge(factor.rawValue, client, key, factors) }
            return try await output(of: finishPasskey(client, key, opened, responses))
        }
    }

    private func challenge(
        _ name: String, _ client: IdentityClient, _ key: String, _ factors: [FirstFactor]
    ) throws -> JSONValue {
        let lifetime = settings.sessionSeconds * 1000
        let opened = OpenedSignIn(expiresAt: clock() + lifetime)
        var parameters: JSONObject = ["USERNAME": .string(key)]
        if name == Self.choiceChallenge || name == FirstFactor.passkey.rawValue,
            let relyingParty = settings.passkeys.usable
        {
            let options = CeremonyOptions(
                relyingParty: relyingParty, challenge: opened.challenge, timeoutMilliseconds: lifetime)
            parameters["CREDENTIAL_REQUEST_OPTIONS"] = .string(options.request.description)
        }
        return [
            "ChallengeName": .string(name), "ChallengeParameters": .object(parameters),
            "Session": .string(try sealer.seal(opened, client: client.id, usernameKey: key)),
            "AvailableChallenges": .array(factors.map { .string($0.rawValue) }),
        ]
    }

    private func firstFactors(of client: IdentityClient) -> [FirstFactor] {
        var factors = [FirstFactor.password]
        if client.flows.contains(IdentityClient.srpFlow) { factors.append(.passwordWithSRP) }
        if settings.passkeys.usable != nil { factors.append(.passkey) }
        return factors
    }

    private func checkChoice(_ client: IdentityClient) throws(CognitoError) {
        guard client.flows.contains(Self.choicePermission) else { throw .flowNotEnabled(Self.choiceFlow) }
    }
}
