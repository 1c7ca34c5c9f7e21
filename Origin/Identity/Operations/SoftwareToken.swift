internal import Audit
internal import Bytes
internal import Catalog
internal import Crypto
internal import JSON

extension IdentityService {
    /// What wrong codes of an account are counted under, those of its authenticator and recovery codes alike.
    static let secondFactorLock = "totp"

    /// Checks a code against the verified authenticator and stores its step in `user`; nil means accepted.
    ///
    /// The caller saves the account in the same transaction. Failures count per account, whatever the session.
    func checkSoftwareToken(
        _ code: String, _ user: inout IdentityUser, _ now: Int64, _ transaction: any IdentityTransaction
    ) throws -> CognitoError? {
        guard let token = user.softwareToken else {
            return CognitoError("SoftwareTokenMFANotFoundException", "Software token MFA is not set up for the user.")
        }
        let outcome = try check(
            code, sealed: token.sealedSecret, lastAcceptedStep: token.lastAcceptedStep, user.id, now, transaction)
        switch outcome {
        case .success(let step):
            user.softwareToken?.lastAcceptedStep = step
            return nil
        case .failure(let refusal): return refusal
        }
    }

    /// The step of a right code, or the refusal; counts wrong codes and honours the lock.
    private func check(
        _ code: String, sealed: [UInt8], lastAcceptedStep: Int64, _ userId: String, _ now: Int64,
        _ transaction: any IdentityTransaction
    ) throws -> Result<Int64, CognitoError> {
        let subject = sealer.subject(Self.secondFactorLock, userId)
        let attempts = try transaction.attempts(subject: subject)
        guard !Lockout.isLocked(attempts, now: now) else { return .failure(.attemptsExceeded) }
        let secret = try sealer.open(sealed, owner: userId, field: .softwareToken)
        let outcome = TimeBasedCode.check(
            code, secret: secret, nowSeconds: now / 1000, lastAcceptedStep: lastAcceptedStep)
        switch outcome {
        case .accepted(let step):
            try transaction.save(IdentityAttempts(subject: subject))
            return .success(step)
        case .replayed:
            try transaction.record(AuditAct(.secondFactor, of: .user(userId), outcome: "replayed"), at: now)
            return .failure(.usedSoftwareTokenCode)
        case .wrong:
            try transaction.countFailure(attempts, of: .user(userId), .secondFactor, outcome: "wrong_code", now: now)
            return .failure(.wrongSoftwareTokenCode)
        }
    }

    /// Hands out a secret to enrol; the one in use stays in use until the new one is verified.
    func associateSoftwareToken(_ input: CognitoInput) async throws -> JSONValue {
        let secret = SecureRandom.bytes(TimeBasedCode.secretBytes)
        let sealer = sealer
        var output: JSONObject = ["SecretCode": .string(Base32.encode(secret))]
        if let session = try input.optionalText("Session") {
            let step = try await withSession(session, .enrolment, clientId: nil) {
                (session, user, now, transaction) -> Result<SignInStep, CognitoError> in
                guard !user.isSoftwareTokenEnabled else { return .failure(.invalidSession) }
                user.pendingSoftwareTokenSecret = try sealer.seal(secret, owner: user.id, field: .softwareToken)
                return .success(
                    try self.open(.enrolmentStarted, user, session.clientId, session.goal, now, transaction))
            }
            if case .challenge(_, let next, _) = step { output["Session"] = .string(next) }
        } else {
            try await update(principal(input)) { (user, _) -> Result<Void, CognitoError> in
                user.pendingSoftwareTokenSecret = try sealer.seal(secret, owner: user.id, field: .softwareToken)
                return .success(())
            }
        }
        return .object(output)
    }

    func verifySoftwareToken(_ input: CognitoInput) async throws -> JSONValue {
        let code = try input.text("UserCode", limit: 64)
        if let session = try input.optionalText("Session") {
            let step = try await withSession(session, .enrolmentStarted, clientId: nil) {
                (session, user, now, transaction) -> Result<SignInStep, CognitoError> in
                if let refusal = try self.enrolPending(code, &user, now, transaction) { return .failure(refusal) }
                user.asksForSoftwareToken()
                return .success(
                    try self.open(.enrolmentVerified, user, session.clientId, session.goal, now, transaction))
            }
            guard case .challenge(_, let next, _) = step else { throw CognitoError.internalError }
            return ["Status": "SUCCESS", "Session": .string(next)]
        }
        let now = clock()
        try await update(principal(input)) { (user, transaction) -> Result<Void, CognitoError> in
            if let refusal = try self.enrolPending(code, &user, now, transaction) { return .failure(refusal) }
            return .success(())
        }
        return ["Status": "SUCCESS"]
    }

    /// Makes the pending secret the one in use if `code` proves that the application has it, and tells the audit log that its
    /// owner did so; nil means done.
    private func enrolPending(
        _ code: String, _ user: inout IdentityUser, _ now: Int64, _ transaction: any IdentityTransaction
    ) throws -> CognitoError? {
        if let refusal = try activatePending(code, &user, now, transaction) { return refusal }
        try transaction.record(AuditAct(.authenticatorEnrolled, of: .user(user.id), by: .user(user.id)), at: now)
        return nil
    }

    /// Makes the pending secret the one in use if `code` proves that the application has it; nil means done.
    func activatePending(
        _ code: String, _ user: inout IdentityUser, _ now: Int64, _ transaction: any IdentityTransaction
    ) throws -> CognitoError? {
        guard let pending = user.pendingSoftwareTokenSecret else {
            return CognitoError(
                "SoftwareTokenMFANotFoundException",
                "AssociateSoftwareToken must be called before the code is verified.")
        }
        switch try check(code, sealed: pending, lastAcceptedStep: -1, user.id, now, transaction) {
        case .success(let step):
            user.softwareToken = IdentityUser.SoftwareToken(sealedSecret: pending, lastAcceptedStep: step)
            user.pendingSoftwareTokenSecret = nil
            return nil
        case .failure(let refusal): return refusal
        }
    }

    func setUserMFAPreference(_ input: CognitoInput) async throws -> JSONValue {
        let preference = try MFAPreference(input, settings.passkeys)
        let now = clock()
        try await update(principal(input)) { (user, transaction) -> Result<Void, CognitoError> in
            let result = preference.apply(to: &user)
            if case .success = result {
                try transaction.forgetRecoveryCodes(unlessNeededBy: user)
                try transaction.record(AuditAct(.secondFactorChanged, of: .user(user.id), preference.details), at: now)
            }
            return result
        }
        return [:]
    }

    func adminSetUserMFAPreference(_ input: CognitoInput) async throws -> JSONValue {
        let preference = try MFAPreference(input, settings.passkeys)
        try await administer(input, .secondFactorChanged, preference.details) {
            (user, _, transaction) -> Result<Void, CognitoError> in
            let result = preference.apply(to: &user)
            if case .success = result { try transaction.forgetRecoveryCodes(unlessNeededBy: user) }
            return result
        }
        return [:]
    }
}

/// Which second factors `SetUserMFAPreference` wants asked for.
private struct MFAPreference: Sendable {
    /// Whether the authenticator is asked for, and preferred; nil where nothing is said of it.
    private let softwareToken: (isEnabled: Bool, isPreferred: Bool)?

    init(_ input: CognitoInput, _ passkeys: PasskeySettings) throws(CognitoError) {
        // Of passkeys the pool decides for everybody; asking for what is so anyway is no error.
        if try input.section("WebAuthnMfaSettings")?.flag("Enabled") == true, !passkeys.areBothFactors {
            throw .invalidParameter("WebAuthnMfaSettings cannot be enabled; passkeys are a single factor in this pool")
        }
        for unsupported in ["SMSMfaSettings", "EmailMfaSettings"] {
            if try input.section(unsupported)?.flag("Enabled") == true {
                throw .invalidParameter("\(unsupported) cannot be enabled; only software tokens are supported")
            }
        }
        let settings = try input.section("SoftwareTokenMfaSettings")
        softwareToken = try settings.map { settings throws(CognitoError) in
            (try settings.flag("Enabled"), try settings.flag("PreferredMfa"))
        }
    }

    /// For the audit log.
    var details: JSONObject { softwareToken.map { ["softwareToken": .bool($0.isEnabled)] } ?? [:] }

    func apply(to user: inout IdentityUser) -> Result<Void, CognitoError> {
        guard let softwareToken else { return .success(()) }
        guard !softwareToken.isEnabled || user.softwareToken != nil else {
            return .failure(.invalidParameter("User has not verified software token mfa"))
        }
        user.isSoftwareTokenEnabled = softwareToken.isEnabled
        user.isSoftwareTokenPreferred = softwareToken.isEnabled && softwareToken.isPreferred
        return .success(())
    }
}
