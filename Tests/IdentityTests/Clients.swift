import Bytes
import Crypto
import JSON
import Testing

@testable import Identity

/// What an administrator has made, and what it sends.
struct TestClient: Sendable {
    let id: String
    let secret: String?

    /// What proves that it has its secret, over a name.
    func hash(over username: String) -> String? {
        secret.map { Base64.encode(HMAC.sha256(key: Array($0.utf8), message: Array((username + id).utf8))) }
    }
}

extension Pool {
    /// An operation on clients, signed by an administrator.
    func onClients(_ operation: String, _ more: JSONObject = [:]) async -> Answer {
        var input: JSONObject = ["UserPoolId": .string(Self.id)]
        for (name, value) in more.members { input[name] = value }
        return await signedCall(operation, .object(input))
    }

    func makeClient(_ more: JSONObject = [:]) async throws -> TestClient {
        var input: JSONObject = ["ClientName": "test"]
        for (name, value) in more.members { input[name] = value }
        let made = await onClients("CreateUserPoolClient", input).body["UserPoolClient"]
        return TestClient(
            id: try #require(made?["ClientId"]?.string), secret: made?["ClientSecret"]?.string)
    }

    /// A call with the client's id and, where it has a secret, `SecretHash` over `Username`.
    func call(_ operation: String, _ client: TestClient, username: String, _ more: JSONObject = [:]) async -> Answer {
        var input = more
        input["ClientId"] = .string(client.id)
        input["Username"] = .string(username)
        if input["SecretHash"] == nil, let hash = client.hash(over: username) { input["SecretHash"] = .string(hash) }
        return await call(operation, .object(input))
    }

    func signIn(_ client: TestClient, _ username: String = Pool.administrator, hash: String? = nil) async -> Answer {
        var parameters: JSONObject = ["USERNAME": .string(username), "PASSWORD": .string(Self.password)]
        if let hash = hash ?? client.hash(over: username) { parameters["SECRET_HASH"] = .string(hash) }
        return await call(
            "InitiateAuth",
            [
                "ClientId": .string(client.id), "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": .object(parameters),
            ])
    }

    /// `REFRESH_TOKEN_AUTH`.
    func refresh(_ client: TestClient, _ token: String, hash: String? = nil) async -> Answer {
        var parameters: JSONObject = ["REFRESH_TOKEN": .string(token)]
        if let hash { parameters["SECRET_HASH"] = .string(hash) }
        return await call(
            "InitiateAuth",
            [
                "ClientId": .string(client.id), "AuthFlow": "REFRESH_TOKEN_AUTH",
                "AuthParameters": .object(parameters),
            ])
    }

    /// `GetTokensFromRefreshToken`.
    func renew(_ client: TestClient, _ token: String, secret: String? = nil) async -> Answer {
        var input: JSONObject = ["ClientId": .string(client.id), "RefreshToken": .string(token)]
        if let secret = secret ?? client.secret { input["ClientSecret"] = .string(secret) }
        return await call("GetTokensFromRefreshToken", .object(input))
    }
}

extension Answer {
    var refreshToken: String? { tokens?["RefreshToken"]?.string }
    var message: String? { body["message"]?.string }
}
