public import HTTPWire
internal import JSON

/// What a provider says of itself (OpenID Connect Discovery 1.0 §3, RFC 8414), as far as it is used and has been checked.
public struct ProviderMetadata: Sendable, Equatable {
    /// How a client proves who it is at the token endpoint (OpenID Connect Core 1.0 §9).
    public enum ClientAuthentication: Sendable, Equatable {
        /// With HTTP Basic.
        case basic
        /// In the form.
        case post
    }

    /// The `iss` of its tokens, byte for byte what the administrator has said.
    public let issuer: String
    /// Where people are sent to.
    public let authorizationEndpoint: HTTPURL
    /// Where codes are exchanged.
    public let tokenEndpoint: HTTPURL
    /// Where its keys are.
    public let keysAddress: HTTPURL
    /// Where more is said of a person; nil if it has none.
    public let userInfoEndpoint: HTTPURL?
    /// How a client with a secret proves who it is.
    public let authentication: ClientAuthentication
    /// Whether its answers name it (RFC 9207), so that one without a name is another's.
    public let namesItself: Bool

    /// Where the document of an issuer is; throws for an issuer that is not asked over TLS, unless it is on this machine, and for
    /// one with a query or a fragment.
    public static func address(ofIssuer issuer: String) throws(ProviderRefused) -> HTTPURL {
        guard issuer.utf8.count <= 512, !issuer.contains(where: { "?#".contains($0) }),
            HTTPURL(issuer)?.isProtected == true,
            let address = HTTPURL(
                (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration")
        else {
            throw ProviderRefused("the issuer is not https:// (http:// on this machine) with a host and perhaps a path")
        }
        return address
    }

    /// Reads the document that the issuer's address answered with.
    ///
    /// Throws when it is another issuer's, when something that is needed is missing or not offered, and for an address that is neither
    /// HTTPS nor, for an issuer on this machine's loopback, on it too.
    public init(_ document: [UInt8], issuer: String) throws(ProviderRefused) {
        guard let object = try? JSONValue.parse(document).object else {
            throw ProviderRefused("its discovery document is no JSON object")
        }
        guard let named = object["issuer"]?.string, named.utf8.elementsEqual(issuer.utf8) else {
            throw ProviderRefused("its discovery document is another issuer's")
        }
        self.issuer = issuer
        let isLocal = HTTPURL(issuer)?.isLoopback == true
        authorizationEndpoint = try Self.endpoint(object, "authorization_endpoint", isLocal)
        tokenEndpoint = try Self.endpoint(object, "token_endpoint", isLocal)
        keysAddress = try Self.endpoint(object, "jwks_uri", isLocal)
        userInfoEndpoint =
            object["userinfo_endpoint"] == nil ? nil : try Self.endpoint(object, "userinfo_endpoint", isLocal)
        namesItself = object["authorization_response_iss_parameter_supported"]?.bool ?? false
        authentication = try Self.authentication(object)
        try Self.requireSupport(object)
    }

    private static func endpoint(
        _ object: JSONObject, _ name: String, _ isLocal: Bool
    ) throws(ProviderRefused) -> HTTPURL {
        guard let text = object[name]?.string, text.utf8.count <= 2048, let url = HTTPURL(text), url.isProtected,
            isLocal || !url.isLoopback
        else { throw ProviderRefused("its \(name) is missing, not HTTPS, or on this machine") }
        return url
    }

    private static func authentication(_ object: JSONObject) throws(ProviderRefused) -> ClientAuthentication {
        // Basic unless it says otherwise (Discovery §3).
        guard let methods = object["token_endpoint_auth_methods_supported"] else { return .basic }
        let names = methods.array?.compactMap(\.string) ?? []
        if names.contains("client_secret_basic") { return .basic }
        if names.contains("client_secret_post") || names.contains("none") { return .post }
        throw ProviderRefused("its token endpoint takes neither client_secret_basic nor client_secret_post")
    }

    private static func requireSupport(_ object: JSONObject) throws(ProviderRefused) {
        let types = object["response_types_supported"]?.array?.compactMap(\.string)
        guard types?.contains("code") ?? true else { throw ProviderRefused("it has no authorization code flow") }
        let algorithms = object["id_token_signing_alg_values_supported"]?.array?.compactMap(\.string)
        guard algorithms?.contains(where: { SignatureAlgorithm(rawValue: $0) != nil }) ?? true else {
            throw ProviderRefused("it signs with neither RS256 nor ES256")
        }
    }
}

/// Why a provider cannot be used: a reason for the log and for administrators, without anything that the provider has written.
public struct ProviderRefused: Error, Sendable, Equatable, CustomStringConvertible {
    /// One line.
    public let description: String

    /// A reason, one line.
    public init(_ description: String) {
        self.description = description
    }
}
