internal import Bytes

/// How a client says who it is at the endpoints that it calls itself (RFC 6749 §2.3.1): HTTP Basic, or parameters, and not both.
public struct ClientCredentials: Sendable, Equatable {
    /// The client.
    public let clientId: String
    /// Its secret; nil where it says none, as clients without one do.
    public let secret: String?

    /// Reads the `Authorization` fields and the form of one request.
    ///
    /// In Basic both parts are percent-encoded by the books; many clients leave that out, which is the same for what ids and
    /// secrets are made of.
    public init(authorization: [String], _ form: OAuthParameters) throws(OAuthError) {
        guard let field = authorization.first else {
            guard let id = form["client_id"] else { throw OAuthError(.invalidClient, "client_id is missing") }
            clientId = id
            secret = form["client_secret"]
            return
        }
        guard authorization.count == 1, form["client_secret"] == nil else {
            throw OAuthError(.invalidRequest, "The client says who it is in two ways")
        }
        guard let (id, secret) = Self.basic(field) else {
            throw OAuthError(.invalidClient, "Authorization must be Basic, with a client and its secret")
        }
        guard form["client_id"].map({ $0 == id }) ?? true else {
            throw OAuthError(.invalidRequest, "client_id is not who Authorization says")
        }
        clientId = id
        self.secret = secret.isEmpty ? nil : secret
    }

    private static func basic(_ field: String) -> (String, String)? {
        let parts = field.utf8.split(separator: UInt8(ascii: " "), maxSplits: 1)
        guard parts.count == 2, ASCII.equalsIgnoringCase(String(parts[0]) ?? "", "basic"),
            let bytes = Base64.decode(parts[1]),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let id = text(bytes[..<colon]), let secret = text(bytes[(colon + 1)...]), !id.isEmpty
        else { return nil }
        return (id, secret)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        PercentEncoding.decode(bytes).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
