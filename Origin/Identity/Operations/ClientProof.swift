internal import Bytes
internal import Catalog
internal import Crypto

/// How an operation knows its client: by an id that anybody may know, and where the client has a secret, by that.
extension IdentityService {
    /// The client of an operation about an account that exists: `ClientId`, with `SecretHash` over `Username`.
    ///
    /// Whoever asked for it is told here that a name is nobody's.
    func client(_ input: CognitoInput) async throws -> IdentityClient {
        let client = try await provenClient(input)
        try await discloseUnknown(try input.username(), to: client)
        return client
    }

    /// The client of an operation about a name that may be nobody's yet.
    func provenClient(_ input: CognitoInput) async throws -> IdentityClient {
        let client = try await namedClient(input)
        try prove(client, by: try input.optionalText("SecretHash"), over: [try input.username()])
        return client
    }

    /// The client of a sign-in: `SECRET_HASH` over `USERNAME`, both among the parameters.
    func client(_ input: CognitoInput, signingInWith parameters: CognitoInput?) async throws -> IdentityClient {
        guard let parameters else {
            let client = try await namedClient(input)
            try prove(client, by: nil, over: [])
            return client
        }
        let client = try await client(input, answeringWith: parameters)
        try await discloseUnknown(try parameters.username("USERNAME"), to: client)
        return client
    }

    /// The client of an answer to a challenge: `SECRET_HASH` over `USERNAME`, both among the responses.
    func client(_ input: CognitoInput, answeringWith responses: CognitoInput) async throws -> IdentityClient {
        let client = try await namedClient(input)
        try prove(client, by: try responses.optionalText("SECRET_HASH"), over: [try responses.username("USERNAME")])
        return client
    }

    /// The client named by `ClientId`, which has proven nothing.
    func namedClient(_ input: CognitoInput) async throws -> IdentityClient {
        let id = try Self.clientId(input)
        return try await store.read { try self.client(named: id, in: $0) }
    }

    /// The client of that id in this pool, which has proven nothing.
    func client(named id: String, in reader: any IdentityReader) throws -> IdentityClient {
        guard let client = try reader.client(id: id), client.poolId == settings.userPoolId else {
            throw CognitoError.unknownClient(id)
        }
        return client
    }

    static func clientId(_ input: CognitoInput) throws(CognitoError) -> String {
        try input.text("ClientId", limit: 128)
    }

    /// Refuses a client with a secret unless `ClientSecret` is it; one without passes.
    ///
    /// - Parameter refusal: what the operation answers to a client that is not who it says.
    func prove(
        _ client: IdentityClient, bySecretIn input: CognitoInput,
        refusal: (String) -> CognitoError = CognitoError.notAuthorized
    ) throws {
        guard let secret = try secret(of: client) else { return }
        guard let given = try input.optionalText("ClientSecret") else {
            throw refusal("Client \(client.id) is configured with secret but ClientSecret was not received")
        }
        guard constantTimeEqual(secret, Array(given.utf8)) else {
            throw refusal("ClientSecret does not match for the client: \(client.id)")
        }
    }

    /// Refuses a client with a secret unless `hash` is made with it over one of `usernames`; one without passes.
    ///
    /// A hash that is missing is said before anything is known of the account.
    func prove(_ client: IdentityClient, by hash: String?, over usernames: [String]) throws {
        guard let secret = try secret(of: client) else { return }
        guard let hash else {
            throw CognitoError.notAuthorized(
                "Client \(client.id) is configured with secret but SECRET_HASH was not received")
        }
        // All are compared, so that the time does not tell which one was meant.
        let matches = usernames.map { constantTimeEqual(Self.secretHash(secret, username: $0, client.id), hash) }
        guard matches.contains(true) else {
            throw CognitoError.notAuthorized("SecretHash does not match for the client: \(client.id)")
        }
    }

    /// What a client sends to show that it has the secret.
    static func secretHash(_ secret: [UInt8], username: String, _ clientId: String) -> String {
        Base64.encode(HMAC.sha256(key: secret, message: Array((username + clientId).utf8)))
    }

    /// What a client sends with `username` that has a secret; nil for a public client.
    func secretHash(of client: IdentityClient, over username: String) throws -> String? {
        try secret(of: client).map { Self.secretHash($0, username: username, client.id) }
    }

    /// The client's secret; nil for a public client.
    func secret(of client: IdentityClient) throws -> [UInt8]? {
        try client.sealedSecret.map { try sealer.open($0, owner: client.id, field: .clientSecret) }
    }

    private func discloseUnknown(_ username: String, to client: IdentityClient) async throws {
        guard !client.concealsUsers else { return }
        let (poolId, key) = (settings.userPoolId, Self.usernameKey(username))
        guard try await store.read({ try $0.user(poolId: poolId, usernameKey: key) }) != nil else {
            throw CognitoError.userNotFound
        }
    }
}
