/// Why something is not done to a service account, with the way out.
public struct ServiceAccountRefusal: Error, Sendable, Equatable {
    /// The reasons as programs compare them.
    public enum Code: String, Sendable {
        /// There is no account of that name.
        case notFound = "service_account_not_found"
        /// The account has no key with that id.
        case keyNotFound = "access_key_not_found"
        /// The name is taken.
        case exists = "service_account_exists"
        /// The installation has as many accounts as it may.
        case tooMany = "too_many_service_accounts"
        /// The account has as many keys as it may.
        case tooManyKeys = "too_many_access_keys"
    }

    /// The reason.
    public let code: Code
    /// A sentence for people.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
