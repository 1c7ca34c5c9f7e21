/// What an application may be let do in somebody's name; the words of Cognito.
public enum OAuthScope: String, Sendable, CaseIterable {
    /// An ID token, and who the person is: `sub`.
    case openid
    /// The person's e-mail address and whether it is proven.
    case email
    /// The person's telephone number and whether it is proven.
    case phone
    /// All other attributes, the user name and the groups.
    case profile
    /// What people do with their own account, and Weir's own API.
    case selfService = "aws.cognito.signin.user.admin"

    /// The scopes of a list, once each and in its order; nil if it names one that is unknown, or none.
    public static func list(_ text: String) -> [OAuthScope]? {
        var scopes: [OAuthScope] = []
        for word in text.split(separator: " ") {
            guard let scope = OAuthScope(rawValue: String(word)) else { return nil }
            if !scopes.contains(scope) { scopes.append(scope) }
        }
        return scopes.isEmpty ? nil : scopes
    }
}

extension Sequence<OAuthScope> {
    /// The list as `scope` carries it.
    public var scopeText: String { map(\.rawValue).joined(separator: " ") }
}
