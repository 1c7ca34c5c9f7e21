internal import Catalog
internal import JSON

/// Where a sign-in stands after a proof was accepted.
enum SignInStep: Sendable {
    /// Something more is asked for; the text is the session the client answers with.
    case challenge(IdentitySession.Step, session: String, user: IdentityUser)
    /// Done, in a browser: the text is its cookie's value.
    case signedInBrowser(IdentityUser, session: String)
    /// Done.
    case signedIn(IdentityUser, IdentityTokenFamily, IdentityClient, refreshToken: String)

    /// Who signs in.
    var user: IdentityUser {
        switch self {
        case .challenge(_, _, let user), .signedInBrowser(let user, _), .signedIn(let user, _, _, _): user
        }
    }
}

/// What a sign-in has proven so far.
struct SignInProof: OptionSet, Sendable {
    let rawValue: Int
    /// The password, or a passkey in its place.
    static let password = SignInProof(rawValue: 1)
    static let secondFactor = SignInProof(rawValue: 2)
    /// An outside provider's word. It stands for the password and for nothing else.
    static let outsideProvider = SignInProof(rawValue: 4)
}

extension IdentityService {
    /// Decides inside a transaction what comes after `proof`, and stores it; `advance` tells the audit log as well.
    func decide(
        _ user: IdentityUser, client clientId: String, proof: SignInProof, goal: IdentitySession.Goal, now: Int64,
        _ transaction: any IdentityTransaction
    ) throws -> Result<SignInStep, CognitoError> {
        guard user.isEnabled else { return .failure(.userDisabled) }
        switch user.status {
        case .unconfirmed: return .failure(.userNotConfirmed)
        case .resetRequired: return .failure(.passwordResetRequired)
        case .forceChangePassword:
            if let expiry = user.passwordExpiresAt, now >= expiry {
                return .failure(.temporaryPasswordExpired)
            }
            return .success(try open(.newPassword, user, clientId, goal, now, transaction))
        case .confirmed, .externalProvider: break
        }
        let secondFactor = secondFactor(of: try pool(in: transaction).options)
        if !proof.contains(.secondFactor), secondFactor != .off {
            if user.isSoftwareTokenEnabled {
                return .success(try open(.softwareToken, user, clientId, goal, now, transaction))
            }
            if secondFactor == .required {
                return .success(try open(.enrolment, user, clientId, goal, now, transaction))
            }
        }
        guard let client = try transaction.client(id: clientId) else { return .failure(.invalidSession) }
        if goal == .browser { return .success(try signIn(user, now, transaction)) }
        let refreshToken = RandomName.token()
        let family = IdentityTokenFamily(
            id: RandomName.uuid(), userId: user.id, clientId: clientId, refreshTokenHash: RandomName.hash(refreshToken),
            authenticatedAt: now, expiresAt: now + client.lifetimes(in: settings).refreshSeconds * 1000)
        try transaction.insert(family)
        return .success(.signedIn(user, family, client, refreshToken: refreshToken))
    }

    /// Opens a session for one step and returns its text, of which the store keeps only the hash.
    func open(
        _ step: IdentitySession.Step, _ user: IdentityUser, _ clientId: String, _ goal: IdentitySession.Goal,
        _ now: Int64,
        _ transaction: any IdentityTransaction
    ) throws -> SignInStep {
        let text = RandomName.token()
        try transaction.insert(
            IdentitySession(
                idHash: RandomName.hash(text), userId: user.id, clientId: clientId, step: step, goal: goal,
                expiresAt: now + settings.sessionSeconds * 1000))
        return .challenge(step, session: text, user: user)
    }

    /// The output of `InitiateAuth` and `RespondToAuthChallenge`.
    func output(of step: SignInStep) async throws -> JSONValue {
        switch step {
        // A program cannot hold a session that ends in one: `answer` refuses it.
        case .signedInBrowser: throw CognitoError.internalError
        case .signedIn(let user, let family, let client, let refreshToken):
            let result = try await issuer.result(
                for: user, family: family, client: client, refreshToken: refreshToken, now: clock())
            return ["AuthenticationResult": result, "ChallengeParameters": [:]]
        case .challenge(let step, let session, let user):
            var parameters: JSONObject = ["USER_ID_FOR_SRP": .string(user.usernameKey)]
            switch step {
            case .newPassword:
                let attributes = user.attributes.sorted { $0.key < $1.key }
                var object = JSONObject()
                for (name, value) in attributes { object[name] = .string(value) }
                parameters["requiredAttributes"] = "[]"
                parameters["userAttributes"] = .string(JSONValue.object(object).description)
            case .enrolment, .enrolmentStarted, .enrolmentVerified:
                parameters["MFAS_CAN_SETUP"] = #"["SOFTWARE_TOKEN_MFA"]"#
            case .softwareToken: break
            }
            return [
                "ChallengeName": .string(step.rawValue), "Session": .string(session),
                "ChallengeParameters": .object(parameters),
            ]
        }
    }
}
