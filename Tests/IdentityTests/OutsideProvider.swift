import Bytes
import Crypto
import HTTPWire
import JSON
import Synchronization
import WebFetch

/// An OpenID provider that answers without a network, and says of people what a test wants.
final class OutsideProvider: WebFetching {
    static let issuer = "https://idp.test"
    private static let key = Result { try PrivateKey.generateRSA() }
    private static let otherKey = Result { try PrivateKey.generateRSA() }

    struct State: Sendable {
        var requests: [WebRequest] = []
        /// What is said of the person who has signed in; nil makes the token endpoint refuse.
        var claims: JSONObject? = ["sub": "1"]
        /// What the user info endpoint says; nil for no more than who it is.
        var userInfo: JSONObject?
        var document: JSONObject = OutsideProvider.document
        /// The key ids that it publishes; tokens are signed by the last.
        var keyIds = ["k1"]
        var status = 200
        var now: Int64 = 1_800_000_000
    }

    private static let document: JSONObject = [
        "issuer": .string(issuer), "authorization_endpoint": "https://idp.test/authorize",
        "token_endpoint": "https://idp.test/token", "jwks_uri": "https://idp.test/jwks",
        "userinfo_endpoint": "https://idp.test/userinfo", "authorization_response_iss_parameter_supported": true,
    ]

    let state = Mutex(State())

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    /// The paths asked so far.
    var asked: [String] { state.withLock { $0.requests.map(\.address.target) } }

    /// A code is `code-` and the nonce of the request that it answers.
    func fetch(_ request: WebRequest) async throws -> WebAnswer {
        let state = state.withLock { state in
            state.requests.append(request)
            return state
        }
        guard state.status == 200 else { return WebAnswer(status: state.status, body: []) }
        switch request.address.target {
        case "/.well-known/openid-configuration": return answer(state.document)
        case "/jwks":
            let keys = try state.keyIds.map { JSONValue.object(try Self.jwk($0)) }
            return answer(["keys": .array(keys)])
        case "/token":
            guard let claims = state.claims, let code = request.form?.first("code"), code.hasPrefix("code-") else {
                return WebAnswer(status: 400, body: Array(#"{"error":"invalid_grant"}"#.utf8))
            }
            let token = try Self.token(claims, nonce: String(code.dropFirst(5)), state)
            return answer(["id_token": .string(token), "access_token": "access", "token_type": "Bearer"])
        case "/userinfo":
            return answer(state.userInfo ?? ["sub": state.claims?["sub"] ?? .null])
        default: return WebAnswer(status: 404, body: [])
        }
    }

    private func answer(_ object: JSONObject) -> WebAnswer {
        WebAnswer(status: 200, body: JSONValue.object(object).serialized())
    }

    private static func privateKey(_ id: String) throws -> PrivateKey { try (id == "k1" ? key : otherKey).get() }

    private static func jwk(_ id: String) throws -> JSONObject {
        let parameters = try privateKey(id).publicKey.rsaParameters
        return [
            "kty": "RSA", "kid": .string(id), "use": "sig", "alg": "RS256",
            "n": .string(Base64.encode(parameters?.modulus ?? [], alphabet: .url)),
            "e": .string(Base64.encode(parameters?.exponent ?? [], alphabet: .url)),
        ]
    }

    private static func token(_ claims: JSONObject, nonce: String, _ state: State) throws -> String {
        var all: JSONObject = [
            "iss": .string(issuer), "aud": "weir", "nonce": .string(nonce), "iat": .integer(state.now),
            "exp": .integer(state.now + 300),
        ]
        for (name, value) in claims.members { all[name] = value }
        let id = state.keyIds.last ?? ""
        let parts = [JSONValue.object(["alg": "RS256", "kid": .string(id)]), .object(all)].map {
            Base64.encode($0.serialized(), alphabet: .url)
        }
        let input = parts.joined(separator: ".")
        let signature = try privateKey(id).sign(Array(input.utf8), .sha256)
        return input + "." + Base64.encode(signature, alphabet: .url)
    }
}

extension Pool {
    static let providerDetails: JSONValue = [
        "client_id": "weir", "client_secret": "a secret at idp.test", "oidc_issuer": .string(OutsideProvider.issuer),
        "authorize_scopes": "openid email profile", "attributes_request_method": "GET",
    ]

    /// Signed, about the provider `Outside`.
    func onProviders(_ operation: String, _ more: JSONObject = [:]) async -> Answer {
        var input: JSONObject = ["UserPoolId": .string(Pool.id), "ProviderName": "Outside"]
        for (name, value) in more.members { input[name] = value.isNull ? JSONValue?.none : value }
        return await signedCall(operation, .object(input))
    }

    /// Adds the provider `Outside`.
    @discardableResult
    func addProvider(_ more: JSONObject = [:]) async -> Answer {
        var input: JSONObject = ["ProviderType": "OIDC", "ProviderDetails": Self.providerDetails]
        for (name, value) in more.members { input[name] = value.isNull ? JSONValue?.none : value }
        return await onProviders("CreateIdentityProvider", input)
    }

    /// Lets a person of the provider `Outside` into an account.
    func link(_ subject: String, to username: String) async -> Answer {
        await signedCall(
            "AdminLinkProviderForUser",
            [
                "UserPoolId": .string(Pool.id),
                "DestinationUser": ["ProviderName": "Cognito", "ProviderAttributeValue": .string(username)],
                "SourceUser": Self.outside(subject),
            ])
    }

    static func outside(_ subject: String) -> JSONValue {
        [
            "ProviderName": "Outside", "ProviderAttributeName": "Cognito_Subject",
            "ProviderAttributeValue": .string(subject),
        ]
    }
}
