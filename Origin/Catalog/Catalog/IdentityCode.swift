/// A short code that was sent to a person, of which there is one for each purpose.
public struct IdentityCode: Sendable, Equatable {
    /// What the code proves.
    public enum Purpose: String, Sendable {
        /// The address given at sign-up is theirs.
        case signUp = "sign_up"
        /// They may choose a new password.
        case passwordReset = "password_reset"
        /// The e-mail address they changed to is theirs.
        case email
    }

    /// The account.
    public let userId: String
    /// What the code proves.
    public let purpose: Purpose
    /// A keyed hash of the code.
    public let codeHash: [UInt8]
    /// Epoch milliseconds.
    public let expiresAt: Int64
    /// Wrong answers so far.
    public var failures: Int

    /// A code, by default one that was just sent.
    public init(userId: String, purpose: Purpose, codeHash: [UInt8], expiresAt: Int64, failures: Int = 0) {
        self.userId = userId
        self.purpose = purpose
        self.codeHash = codeHash
        self.expiresAt = expiresAt
        self.failures = failures
    }
}
