import JSON
import Testing

@testable import Identity

@Suite struct AdminSignInTests {
    private static let name = "ann@x.test"
    private static let flows: JSONObject = [
        "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    ]

    private func initiate(
        _ pool: Pool, _ client: String, _ flow: String, _ parameters: JSONObject, poolId: String = Pool.id
    ) async -> Answer {
        await pool.signedCall("AdminInitiateAuth", Self.input(client, flow, parameters, poolId: poolId))
    }

    private static func input(
        _ client: String, _ flow: String, _ parameters: JSONObject, poolId: String = Pool.id
    ) -> JSONValue {
        [
            "UserPoolId": .string(poolId), "ClientId": .string(client), "AuthFlow": .string(flow),
            "AuthParameters": .object(parameters),
        ]
    }

    private static func password(_ password: String = Pool.password) -> JSONObject {
        ["USERNAME": .string(Self.name), "PASSWORD": .string(password)]
    }

    private func answer(
        _ pool: Pool, _ client: TestClient, _ challenge: String, session: String, _ more: JSONObject
    ) async -> Answer {
        var responses: JSONObject = ["USERNAME": .string(Self.name)]
        for (name, value) in more.members { responses[name] = value }
        return await pool.signedCall(
            "AdminRespondToAuthChallenge",
            [
                "UserPoolId": .string(Pool.id), "ClientId": .string(client.id), "ChallengeName": .string(challenge),
                "Session": .string(session), "ChallengeResponses": .object(responses),
            ])
    }

    @Test(arguments: ["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"])
    func `a server signs a person in, asks for the second factor and renews`(flow: String) async throws {
        let pool = try await Pool()
        try await pool.addPerson(Self.name)
        let client = try await pool.makeClient(Self.flows)
        #expect(await initiate(pool, client.id, flow, Self.password()).tokens != nil)
        let secret = try await pool.enrol(Self.name)
        let asked = await initiate(pool, client.id, flow, Self.password())
        #expect(asked.challenge == "SOFTWARE_TOKEN_MFA" && asked.tokens == nil)
        let code: JSONObject = ["SOFTWARE_TOKEN_MFA_CODE": .string(pool.code(secret))]
        let tokens = await answer(pool, client, "SOFTWARE_TOKEN_MFA", session: asked.session, code)
        let refreshToken = try #require(tokens.refreshToken)
        let renewed = await initiate(
            pool, client.id, "REFRESH_TOKEN_AUTH", ["REFRESH_TOKEN": .string(refreshToken)])
        #expect(renewed.tokens != nil)
        #expect(try claims(renewed.accessToken)["client_id"]?.string == client.id)
    }

    @Test func `it takes the client's permission, this pool and an administrator's signature`() async throws {
        let pool = try await Pool()
        try await pool.addPerson(Self.name)
        let client = try await pool.makeClient(Self.flows)
        let flow = "ADMIN_USER_PASSWORD_AUTH"
        let refused = await initiate(pool, Pool.clientId, flow, Self.password())
        #expect(refused.message == "\(flow) flow not enabled for this client")
        #expect(
            await initiate(pool, client.id, flow, Self.password(), poolId: "eu-central-1_Other").error
                == "ResourceNotFoundException")
        let input = Self.input(client.id, flow, Self.password())
        for operation in ["AdminInitiateAuth", "AdminRespondToAuthChallenge"] {
            #expect(await pool.call(operation, input).error == "MissingAuthenticationTokenException")
            #expect(
                await pool.signedCall(operation, input, key: "AKIAEDGE").error == "UnrecognizedClientException")
        }
        // What a server may do, an application on its own may not, and the other way round.
        #expect(await pool.call("InitiateAuth", input).error == "InvalidParameterException")
        #expect(
            await initiate(pool, Pool.clientId, "USER_PASSWORD_AUTH", Self.password()).error
                == "InvalidParameterException")
    }

    @Test func `guesses through a server count with all others`() async throws {
        let pool = try await Pool()
        try await pool.addPerson(Self.name)
        let client = try await pool.makeClient(Self.flows)
        for _ in 0..<5 {
            let wrong = await initiate(pool, client.id, "ADMIN_USER_PASSWORD_AUTH", Self.password("wrong password"))
            #expect(wrong.error == "NotAuthorizedException")
        }
        #expect(await pool.signIn(Self.name).message == "Password attempts exceeded")
    }

    @Test func `a client's secret is asked for`() async throws {
        let pool = try await Pool()
        try await pool.addPerson(Self.name)
        var options = Self.flows
        options["GenerateSecret"] = true
        let client = try await pool.makeClient(options)
        var parameters = Self.password()
        #expect(
            await initiate(pool, client.id, "ADMIN_USER_PASSWORD_AUTH", parameters).error == "NotAuthorizedException")
        parameters["SECRET_HASH"] = client.hash(over: Self.name).map { .string($0) }
        #expect(await initiate(pool, client.id, "ADMIN_USER_PASSWORD_AUTH", parameters).tokens != nil)
    }
}
