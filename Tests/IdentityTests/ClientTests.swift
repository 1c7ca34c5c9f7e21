import Catalog
import JSON
import Testing

@testable import Identity

@Suite struct ClientTests {
    @Test func `a client is made with what Cognito says of one, and described the same`() async throws {
        let pool = try await Pool()
        let made = await pool.onClients("CreateUserPoolClient", ["ClientName": "Web shop 1.0"])
        let client = try #require(made.body["UserPoolClient"])
        let id = try #require(client["ClientId"]?.string)
        #expect(id.utf8.count == 26 && client["ClientName"] == "Web shop 1.0")
        #expect(client["UserPoolId"] == .string(Pool.id) && client["ClientSecret"] == nil)
        #expect(client["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"])
        #expect(client["RefreshTokenValidity"] == 30 && client["TokenValidityUnits"] == [:])
        #expect(client["PreventUserExistenceErrors"] == "ENABLED" && client["EnableTokenRevocation"] == true)
        #expect(client["AuthSessionValidity"] == 3 && client["RefreshTokenRotation"] == nil)
        #expect(client["CreationDate"]?.number == Double(pool.clock.seconds))
        #expect(client["LastModifiedDate"] == client["CreationDate"])
        let described = await pool.onClients("DescribeUserPoolClient", ["ClientId": .string(id)])
        #expect(described.body == made.body)
    }

    @Test func `a secret is made or given, and is in no row of the database`() async throws {
        let pool = try await Pool()
        let made = try await pool.makeClient(["GenerateSecret": true])
        let secret = try #require(made.secret)
        #expect((24...64).contains(secret.utf8.count))
        let described = await pool.onClients("DescribeUserPoolClient", ["ClientId": .string(made.id)])
        #expect(described.body["UserPoolClient"]?["ClientSecret"] == .string(secret))
        let sealed = try #require(try await pool.store.read { try $0.client(id: made.id)?.sealedSecret })
        #expect(!String(decoding: sealed, as: UTF8.self).contains(secret))

        let given = "an_own_secret_of_24+chars"
        #expect(try await pool.makeClient(["ClientSecret": .string(given)]).secret == given)
        for (name, value) in [
            ("ClientSecret", "too short"), ("ClientSecret", "has-a-dash-and-is-24-long"),
            ("ClientSecret", .string(String(repeating: "a", count: 65))), ("GenerateSecret", "yes"),
        ] as [(String, JSONValue)] {
            let refused = await pool.onClients("CreateUserPoolClient", ["ClientName": "a", name: value])
            #expect(refused.error == "InvalidParameterException" && refused.message?.contains(name) == true)
        }
        let both = await pool.onClients(
            "CreateUserPoolClient", ["ClientName": "a", "GenerateSecret": true, "ClientSecret": .string(given)])
        #expect(both.error == "InvalidParameterException")
    }

    @Test func `an update replaces every option and keeps name and secret`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient([
            "GenerateSecret": true, "AccessTokenValidity": 10, "IdTokenValidity": 2, "RefreshTokenValidity": 7,
            "TokenValidityUnits": ["AccessToken": "minutes"],
            "PreventUserExistenceErrors": "LEGACY", "EnableTokenRevocation": false,
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
            "RefreshTokenRotation": ["Feature": "ENABLED", "RetryGracePeriodSeconds": 30],
        ])
        let before = await pool.onClients("DescribeUserPoolClient", ["ClientId": .string(client.id)])
        let old = try #require(before.body["UserPoolClient"])
        #expect(old["AccessTokenValidity"] == 10 && old["IdTokenValidity"] == 2 && old["RefreshTokenValidity"] == 7)
        #expect(old["TokenValidityUnits"] == ["AccessToken": "minutes", "IdToken": "hours", "RefreshToken": "days"])
        #expect(old["PreventUserExistenceErrors"] == "LEGACY" && old["EnableTokenRevocation"] == false)
        #expect(old["RefreshTokenRotation"] == ["Feature": "ENABLED", "RetryGracePeriodSeconds": 30])
        pool.clock.advance(seconds: 5)
        let changed = await pool.onClients("UpdateUserPoolClient", ["ClientId": .string(client.id)])
        let new = try #require(changed.body["UserPoolClient"])
        #expect(new["ClientName"] == "test" && new["ClientSecret"]?.string == client.secret)
        #expect(new["AccessTokenValidity"] == nil && new["RefreshTokenRotation"] == nil)
        #expect(new["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"])
        #expect(new["CreationDate"] == old["CreationDate"])
        #expect(new["LastModifiedDate"]?.number == Double(pool.clock.seconds))
        let renamed = await pool.onClients(
            "UpdateUserPoolClient", ["ClientId": .string(client.id), "ClientName": "shop"])
        #expect(renamed.body["UserPoolClient"]?["ClientName"] == "shop")
    }

    @Test func `what is wrong or not served is refused by its name`() async throws {
        let pool = try await Pool()
        let rotation: JSONValue = ["Feature": "ENABLED", "RetryGracePeriodSeconds": 61]
        for (name, value) in [
            ("ClientName", ""), ("ClientName", "a/b"), ("ClientName", .string(String(repeating: "a", count: 129))),
            ("AccessTokenValidity", 0), ("AccessTokenValidity", 25), ("AccessTokenValidity", 1.5),
            ("IdTokenValidity", "1"), ("IdTokenValidity", 86_401), ("RefreshTokenValidity", 3651),
            ("RefreshTokenValidity", -1), ("ExplicitAuthFlows", ["USER_PASSWORD_AUTH"]), ("ExplicitAuthFlows", "x"),
            ("ExplicitAuthFlows", [1]), ("PreventUserExistenceErrors", "MAYBE"), ("EnableTokenRevocation", 1),
            ("RetryGracePeriodSeconds", rotation), ("Feature", ["RetryGracePeriodSeconds": 1]),
            ("Feature", ["Feature": "ON"]), ("CallbackURLs", ["https://a.test"]),
            ("AllowedOAuthFlowsUserPoolClient", true), ("ReadAttributes", ["email"]), ("AuthSessionValidity", 5),
            ("SupportedIdentityProviders", ["Google"]),
        ] as [(String, JSONValue)] {
            var input: JSONObject = ["ClientName": "a"]
            let isRotation = ["Feature", "RetryGracePeriodSeconds"].contains(name)
            input[isRotation ? "RefreshTokenRotation" : name] = value
            let refused = await pool.onClients("CreateUserPoolClient", input)
            #expect(refused.error == "InvalidParameterException", "\(name) = \(value)")
            #expect(refused.message?.contains(name) == true, "\(name): \(refused.message ?? "")")
        }
        for input in [
            ["TokenValidityUnits": ["AccessToken": "weeks"]],
            ["AccessTokenValidity": 299, "TokenValidityUnits": ["AccessToken": "seconds"]],
            [
                "AccessTokenValidity": 2, "RefreshTokenValidity": 3600,
                "TokenValidityUnits": ["RefreshToken": "seconds"],
            ],
            [
                "RefreshTokenRotation": ["Feature": "ENABLED"], "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
            ],
        ] as [JSONObject] {
            var input = input
            input["ClientName"] = "a"
            #expect(await pool.onClients("CreateUserPoolClient", input).error == "InvalidParameterException")
        }
        #expect(await pool.onClients("CreateUserPoolClient").message == "Missing required parameter ClientName")
    }

    @Test func `nothing is done to a client of another pool or to none`() async throws {
        let pool = try await Pool()
        for operation in ["DescribeUserPoolClient", "UpdateUserPoolClient", "DeleteUserPoolClient"] {
            #expect(await pool.onClients(operation, ["ClientId": "none"]).error == "ResourceNotFoundException")
            #expect(await pool.onClients(operation).error == "InvalidParameterException")
            let other: JSONValue = ["UserPoolId": "eu-central-1_Other", "ClientId": .string(Pool.clientId)]
            #expect(await pool.signedCall(operation, other).error == "ResourceNotFoundException")
        }
    }

    @Test func `clients are listed in pages`() async throws {
        let pool = try await Pool()
        var made: Set = [Pool.clientId]
        for _ in 0..<4 { made.insert(try await pool.makeClient().id) }
        var seen: [String] = []
        var token: JSONValue?
        repeat {
            var input: JSONObject = ["MaxResults": 2]
            input["NextToken"] = token
            let page = await pool.onClients("ListUserPoolClients", input).body
            let clients = page["UserPoolClients"]?.array ?? []
            #expect((1...2).contains(clients.count))
            #expect(clients.allSatisfy { $0["ClientName"]?.string != nil && $0["UserPoolId"] == .string(Pool.id) })
            #expect(clients.allSatisfy { $0["ClientSecret"] == nil })
            seen += clients.compactMap { $0["ClientId"]?.string }
            token = page["NextToken"]
        } while token != nil
        #expect(Set(seen) == made && seen.count == 5)
        for limit in [-1, 61] as [JSONValue] {
            let refused = await pool.onClients("ListUserPoolClients", ["MaxResults": limit])
            #expect(refused.error == "InvalidParameterException")
        }
    }

    @Test func `deleting a client ends its sign-ins and no other's`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient()
        let mine = await pool.signIn(client)
        let other = await pool.signIn().accessToken
        #expect(
            await pool.onClients("DeleteUserPoolClient", ["ClientId": .string(client.id)])
                == Answer(status: 200, body: [:]))
        #expect(await pool.call("GetUser", ["AccessToken": .string(mine.accessToken)]).error != nil)
        #expect(await pool.call("GetUser", ["AccessToken": .string(other)]).error == nil)
        #expect(await pool.refresh(client, mine.refreshToken ?? "").error == "ResourceNotFoundException")
        #expect(await pool.signIn(client).error == "ResourceNotFoundException")
    }

    @Test func `tokens last as long as their client says`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient([
            "AccessTokenValidity": 5, "IdTokenValidity": 2, "RefreshTokenValidity": 7200,
            "TokenValidityUnits": ["AccessToken": "minutes", "RefreshToken": "seconds"],
        ])
        let signedIn = await pool.signIn(client)
        #expect(signedIn.tokens?["ExpiresIn"] == 300)
        let access = try claims(signedIn.accessToken)
        let identity = try claims(try #require(signedIn.tokens?["IdToken"]?.string))
        #expect(access["exp"] == .integer(pool.clock.seconds + 300))
        #expect(identity["exp"] == .integer(pool.clock.seconds + 7200))
        let token = try #require(signedIn.refreshToken)
        pool.clock.advance(seconds: 7199)
        let renewed = await pool.refresh(client, token)
        #expect(try claims(renewed.accessToken)["exp"] == .integer(pool.clock.seconds + 300))
        pool.clock.advance(seconds: 1)
        #expect(await pool.refresh(client, token).message == "Refresh Token has expired")
    }

    @Test func `only a client that wants to know is told that a name is nobody's`() async throws {
        let pool = try await Pool()
        let legacy = try await pool.makeClient(["PreventUserExistenceErrors": "LEGACY"])
        let usual = try await pool.makeClient()
        let code: JSONObject = ["ConfirmationCode": "123456"]
        #expect(await pool.signIn(legacy, "nobody").error == "UserNotFoundException")
        #expect(await pool.signIn(usual, "nobody").error == "NotAuthorizedException")
        #expect(
            await pool.call("ResendConfirmationCode", legacy, username: "nobody").error == "UserNotFoundException")
        #expect(await pool.call("ResendConfirmationCode", usual, username: "nobody").error == nil)
        #expect(await pool.call("ConfirmSignUp", legacy, username: "nobody", code).error == "UserNotFoundException")
        #expect(await pool.call("ConfirmSignUp", usual, username: "nobody", code).error == "CodeMismatchException")
        let password: JSONObject = ["Password": .string(Pool.password)]
        #expect(await pool.call("SignUp", legacy, username: "nobody", password).error == nil)
    }

    @Test func `a client that may not revoke is told so`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(["EnableTokenRevocation": false])
        let token = try #require(await pool.signIn(client).refreshToken)
        let refused = await pool.call("RevokeToken", ["Token": .string(token), "ClientId": .string(client.id)])
        #expect(refused.error == "UnsupportedOperationException")
        #expect(await pool.refresh(client, token).tokens != nil)
    }
}
