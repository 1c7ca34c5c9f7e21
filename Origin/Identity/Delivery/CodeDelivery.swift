/// A code, a temporary password or a notice on its way to a person.
public struct CodeMessage: Sendable, Equatable {
    /// What the code is for; the raw value names the files of its template.
    public enum Purpose: String, Sendable, CaseIterable {
        /// Confirms a sign-up.
        case signUp = "sign-up"
        /// Tells a temporary password to someone an administrator has invited.
        case invitation
        /// Allows a new password to be set.
        case passwordReset = "password-reset"
        /// Confirms the address that an account was given.
        case attributeVerification = "attribute-verification"
        /// Allows a new password to be set, since an administrator has taken the old one away.
        case passwordTaken = "password-taken"
        /// Tells the owner of an account that somebody tried to sign up with its name. Has no code.
        case nameTaken = "name-taken"
        /// Tells that new recovery codes were made.
        case recoveryCodesMade = "recovery-codes-made"
        /// Tells that a recovery code was used.
        case recoveryCodeUsed = "recovery-code-used"
        /// Tells that an outside provider signs the person in from now on.
        case providerLinked = "provider-linked"
        /// Says that somebody who has the password guesses at the second factor.
        case secondFactorGuessed = "second-factor-guessed"

        /// Whether the message brings a code or password; the others are notices.
        public var hasCode: Bool {
            switch self {
            case .signUp, .invitation, .passwordReset, .attributeVerification, .passwordTaken: true
            case .nameTaken, .recoveryCodesMade, .recoveryCodeUsed, .providerLinked, .secondFactorGuessed: false
            }
        }
    }

    /// What it is for.
    public let purpose: Purpose
    /// The account's name.
    public let username: String
    /// Where it goes: an e-mail address, or the user name where there is none.
    public let destination: String
    /// The code or password; empty in a notice.
    public let code: String
    /// Epoch milliseconds.
    public let sentAt: Int64
}

/// Brings codes to people.
public protocol CodeDelivery: Sendable {
    /// Returns once the message is in safe hands; throws when it could not be delivered, and the operation then fails.
    func deliver(_ message: CodeMessage) async throws
}
