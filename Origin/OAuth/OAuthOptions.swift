/// What an administrator allows an application that signs people in with the authorization code flow.
public struct OAuthOptions: Sendable, Equatable {
    /// The scopes that it may ask for, and gets where it asks for none.
    public let scopes: [OAuthScope]
    /// Where people may be sent back to after a sign-in.
    public let callbackURLs: [String]
    /// The callback URL of requests that name none.
    public let defaultRedirectURI: String?
    /// Where people may be sent to after signing out.
    public let logoutURLs: [String]

    /// Takes the parts as they are.
    public init(
        scopes: [OAuthScope], callbackURLs: [String], defaultRedirectURI: String? = nil, logoutURLs: [String] = []
    ) {
        self.scopes = scopes
        self.callbackURLs = callbackURLs
        self.defaultRedirectURI = defaultRedirectURI
        self.logoutURLs = logoutURLs
    }

    /// The callback URL that a request means: the one that is the same byte for byte, or the default where it names none.
    public func callbackURL(for asked: String?) -> String? {
        asked.map { RedirectURI.find($0, in: callbackURLs) } ?? defaultRedirectURI
    }

    /// The logout URL that is the same byte for byte.
    public func logoutURL(for asked: String) -> String? {
        RedirectURI.find(asked, in: logoutURLs)
    }
}
