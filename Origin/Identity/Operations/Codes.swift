internal import Audit
internal import Bytes
internal import Catalog
internal import Crypto
internal import JSON
internal import Telemetry

/// What a transaction has decided to send once it is done.
struct Letter: Sendable {
    /// Empty for a notice.
    let code: String
    let purpose: CodeMessage.Purpose
    let user: IdentityUser
}

/// Codes of six digits: made, brought to people, and taken back once.
///
/// Guesses are counted for the code, and for the name over all of its codes, whether anybody has that name or not.
extension IdentityService {
    /// Wrong answers that a code takes before another must be asked for.
    private static let codeTries = 5
    /// No code has a hash of one byte.
    private static let hashOfNoCode: [UInt8] = [0]

    /// Makes a code that replaces the one before; its text is for the message alone.
    func issueCode(
        _ purpose: IdentityCode.Purpose, to user: IdentityUser, now: Int64, _ transaction: any IdentityTransaction
    ) throws -> String {
        let text = SecureRandom.digits(6)
        let seconds = purpose == .passwordReset ? settings.resetCodeSeconds : settings.confirmationCodeSeconds
        try transaction.save(
            IdentityCode(
                userId: user.id, purpose: purpose, codeHash: codeHash(text, purpose, of: user),
                expiresAt: now + seconds * 1000))
        return text
    }

    /// Takes back the code that was sent for `purpose`; nil means it was right.
    ///
    /// Nobody, who may have no such code, nobody's code and a used code all look like a wrong one.
    func redeemCode(
        _ text: String, _ purpose: IdentityCode.Purpose, of user: IdentityUser?, usernameKey: String, now: Int64,
        _ transaction: any IdentityTransaction
    ) throws -> CognitoError? {
        let subject = sealer.subject("code", usernameKey)
        let attempts = try transaction.attempts(subject: subject)
        guard !Lockout.isLocked(attempts, now: now) else { return .tooManyFailedAttempts }
        let owner = user.map { AuditParty.user($0.id) } ?? .name(hashed: subject)
        // Whoever may have no code is looked up, compared and written like whoever has one.
        let holder = user.flatMap { $0.mayHave(purpose) ? $0 : nil } ?? .decoy
        var code =
            try transaction.code(userId: holder.id, purpose: purpose)
            ?? IdentityCode(userId: holder.id, purpose: purpose, codeHash: Self.hashOfNoCode, expiresAt: 0)
        let isRight = constantTimeEqual(code.codeHash, codeHash(text, purpose, of: holder))
        guard isRight, holder.id != IdentityUser.decoy.id else {
            code.failures += 1
            try transaction.save(code)
            try transaction.countFailure(attempts, of: owner, purpose.action, outcome: "wrong_code", now: now)
            return .wrongConfirmationCode
        }
        guard now < code.expiresAt, code.failures < Self.codeTries else { return .expiredConfirmationCode }
        try transaction.deleteCode(userId: holder.id, purpose: purpose)
        try transaction.save(IdentityAttempts(subject: subject))
        return nil
    }

    /// A code is worth nothing once the address that it went to is another, nor once the password that it replaces is.
    private func codeHash(_ text: String, _ purpose: IdentityCode.Purpose, of user: IdentityUser) -> [UInt8] {
        let replaced = purpose == .passwordReset ? user.passwordHash : nil
        return sealer.codeHash(
            text, boundTo: [purpose.rawValue, user.id, destination(of: user), replaced ?? ""])
    }

    /// Counts that a code is wanted for a name; a refusal when too many were lately.
    func countSending(
        to usernameKey: String, now: Int64, _ transaction: any IdentityTransaction
    ) throws -> CognitoError? {
        let subject = sealer.subject("send", usernameKey)
        let attempts = try transaction.attempts(subject: subject)
        guard !Lockout.isLocked(attempts, now: now) else { return .limitExceeded }
        try transaction.save(Lockout.afterFailure(attempts, now: now))
        return nil
    }

    /// Where codes for an account go.
    func destination(of user: IdentityUser) -> String { user.attributes["email"] ?? user.username }

    /// Returns once the message is in safe hands.
    func send(_ code: String, for purpose: CodeMessage.Purpose, to user: IdentityUser) async throws {
        let message = CodeMessage(
            purpose: purpose, username: user.username, destination: destination(of: user), code: code, sentAt: clock())
        do {
            try await delivery.deliver(message)
        } catch {
            logger.error("a code could not be delivered", ["error": .string("\(error)")])
            throw CognitoError("CodeDeliveryFailureException", "The code could not be delivered.")
        }
    }

    /// Sends a message while the answer is on its way already, so that its time does not tell whether there is an account.
    func sendBesides(_ letter: Letter) {
        Task { try? await send(letter.code, for: letter.purpose, to: letter.user) }
    }

    /// Tells whoever has an address of something that was done to the account, besides the answer.
    func sendNotice(_ purpose: CodeMessage.Purpose, to user: IdentityUser) {
        guard user.attributes["email"] != nil else { return }
        sendBesides(Letter(code: "", purpose: purpose, user: user))
    }

    /// What is said of a code that was wanted for `username`, which need not be anybody's.
    func deliveryDetails(for username: String, _ user: IdentityUser?) -> JSONValue {
        let letters = sealer.subject("destination", Self.usernameKey(username)).utf8.prefix(2).map { byte in
            String(decoding: [UInt8(ascii: "a") + byte % 26], as: UTF8.self)
        }
        let nobodys = username.contains("@") ? username : letters.joined(separator: "@")
        return Self.deliveryDetails(user.map { destination(of: $0) } ?? nobodys)
    }

    /// `a***@e***` for `ann@example.com`.
    static func deliveryDetails(_ destination: String) -> JSONValue {
        let masked = destination.split(separator: "@", maxSplits: 1).map { "\($0.prefix(1))***" }.joined(separator: "@")
        return ["Destination": .string(masked), "DeliveryMedium": "EMAIL", "AttributeName": "email"]
    }
}

extension IdentityUser {
    /// Whether a code for this may be sent to the account, and taken back from it.
    func mayHave(_ purpose: IdentityCode.Purpose) -> Bool {
        switch purpose {
        case .signUp: status == .unconfirmed
        case .passwordReset:
            isEnabled && (status == .confirmed || status == .resetRequired) && attributes["email_verified"] == "true"
        case .email: attributes["email"] != nil
        }
    }
}

extension IdentityCode.Purpose {
    /// What the message says that brings such a code.
    var message: CodeMessage.Purpose {
        switch self {
        case .signUp: .signUp
        case .passwordReset: .passwordReset
        case .email: .attributeVerification
        }
    }

    /// What is tried with such a code.
    fileprivate var action: AuditAct.Action {
        switch self {
        case .signUp: .confirmSignUp
        case .passwordReset: .passwordSet
        case .email: .emailVerified
        }
    }
}
