public import HTTPWire

/// Where the answer to an authorization request goes: an address that is the client's, with the state that it wants back.
public struct AuthorizationReturn: Sendable, Equatable {
    /// One of the client's callback URLs.
    public let redirectURI: String
    /// The client's own, given back as it came.
    public let state: String?

    /// The address with an answer, the state, and who answers (`iss`, RFC 9207).
    public func location(_ answer: [Query.Item], issuer: String) -> String {
        let state = state.map { [Query.Item(name: "state", value: $0)] } ?? []
        return RedirectURI.adding(answer + state + [Query.Item(name: "iss", value: issuer)], to: redirectURI)
    }

    /// The address with a refusal.
    public func location(_ error: OAuthError, issuer: String) -> String {
        location(
            [
                Query.Item(name: "error", value: error.code.rawValue),
                Query.Item(name: "error_description", value: error.description),
            ], issuer: issuer)
    }
}

/// Why an authorization request was refused, and who is told.
public enum AuthorizationRefusal: Error, Sendable, Equatable {
    /// The person, on a page: nobody knows whether the address to go back to is the client's.
    case page(String)
    /// The client, at its own address.
    case returned(OAuthError, AuthorizationReturn)
}
