import Catalog
import HTTPServer
import HTTPWire
import JSON
import Testing

@testable import Identity

/// A pool that an administrator has made, with a client and one person, who has the usual password.
struct OtherPool: Sendable {
    static let name = "ann@x.test"

    let id: String
    let client: TestClient
}

extension Pool {
    func create(_ more: JSONObject = [:]) async -> Answer {
        var input: JSONObject = ["PoolName": "other"]
        for (name, value) in more.members { input[name] = value }
        return await signedCall("CreateUserPool", .object(input))
    }

    func makePool(_ more: JSONObject = [:]) async throws -> OtherPool {
        let id = try #require(await create(more).body["UserPool"]?["Id"]?.string)
        let made = await signedCall(
            "CreateUserPoolClient", ["UserPoolId": .string(id), "ClientName": "test", "GenerateSecret": false])
        let client = TestClient(
            id: try #require(made.body["UserPoolClient"]?["ClientId"]?.string), secret: nil)
        let person = await onPool(id, "AdminCreateUser", ["Username": .string(OtherPool.name)])
        #expect(person.status == 200)
        let password: JSONObject = [
            "Username": .string(OtherPool.name), "Password": .string(Self.password), "Permanent": true,
        ]
        #expect(await onPool(id, "AdminSetUserPassword", password).status == 200)
        return OtherPool(id: id, client: client)
    }

    func onPool(_ id: String, _ operation: String, _ more: JSONObject = [:]) async -> Answer {
        var input: JSONObject = ["UserPoolId": .string(id)]
        for (name, value) in more.members { input[name] = value }
        return await signedCall(operation, .object(input))
    }

    func listPools() async -> [String] {
        await signedCall("ListUserPools", ["MaxResults": 60]).body["UserPools"]?.array?
            .compactMap { $0["Id"]?.string } ?? []
    }
}

@Suite struct UserPoolTests {
    @Test func `an administrator makes, describes, changes, lists and deletes pools`() async throws {
        let pool = try await Pool()
        let made = try #require(await pool.create(["DeletionProtection": "ACTIVE"]).body["UserPool"])
        let id = try #require(made["Id"]?.string)
        #expect(id.wholeMatch(of: /[\w-]+_[0-9a-zA-Z]+/) != nil && id.hasPrefix("eu-central-1_"))
        #expect(await pool.onPool(id, "DescribeUserPool").body["UserPool"] == made)
        #expect(made["MfaConfiguration"] == "OFF")
        #expect(await pool.listPools() == [id, Pool.id].sorted())
        #expect(await pool.onPool(id, "UpdateUserPool", ["PoolName": "renamed"]) == Answer(status: 200, body: [:]))
        let changed = await pool.onPool(id, "DescribeUserPool").body["UserPool"]
        #expect(changed?["Name"] == "renamed" && changed?["DeletionProtection"] == "ACTIVE")
        #expect(await pool.onPool(id, "DeleteUserPool").error == "InvalidParameterException")
        #expect(await pool.onPool(id, "UpdateUserPool", ["DeletionProtection": "INACTIVE"]).status == 200)
        #expect(await pool.onPool(id, "DeleteUserPool") == Answer(status: 200, body: [:]))
        #expect(await pool.onPool(id, "DescribeUserPool").error == "ResourceNotFoundException")
        #expect(await pool.listPools() == [Pool.id])
    }

    @Test func `this installation's own pool stays`() async throws {
        let pool = try await Pool()
        #expect(await pool.onPool(Pool.id, "DeleteUserPool").error == "InvalidParameterException")
        #expect(
            await pool.onPool(Pool.id, "UpdateUserPool", ["DeletionProtection": "INACTIVE"]).error
                == "InvalidParameterException")
        #expect(await pool.signIn().tokens != nil)
    }

    @Test(
        arguments: [
            ["Policies": ["PasswordPolicy": ["RequireUppercase": true]]],
            ["Policies": ["PasswordPolicy": ["MinimumLength": 7]]],
            ["Policies": ["PasswordPolicy": ["PasswordHistorySize": 3]]], ["Policies": ["SignInPolicy": [:]]],
            ["LambdaConfig": ["PreSignUp": "arn:aws:x"]], ["UsernameAttributes": ["email"]],
            ["AutoVerifiedAttributes": ["phone_number"]], ["UsernameConfiguration": ["CaseSensitive": true]],
            ["MfaConfiguration": "SOMETIMES"], ["AdminCreateUserConfig": ["UnusedAccountValidityDays": 3]],
            ["UserPoolTags": ["a": "b"]], ["PoolName": "<b>"],
        ] as [JSONObject])
    func `what would not be done is refused by name`(more: JSONObject) async throws {
        let pool = try await Pool()
        let refused = await pool.create(more)
        #expect(refused.error == "InvalidParameterException")
        let name = try #require(more.members.first).key
        #expect(refused.message?.contains(name) == true || name == "Policies" || name == "AdminCreateUserConfig")
        #expect(await pool.listPools() == [Pool.id])
    }

    @Test func `only an administrator's signature makes or changes pools`() async throws {
        let pool = try await Pool()
        for operation in CognitoOperation.allCases where operation.rawValue.contains("UserPool") {
            let input: JSONValue = ["UserPoolId": .string(Pool.id), "PoolName": "x", "MaxResults": 1]
            #expect(await pool.call(operation.rawValue, input).error == "MissingAuthenticationTokenException")
        }
    }

    @Test func `each pool has people, tokens, keys and discovery of its own`() async throws {
        let pool = try await Pool()
        let other = try await pool.makePool()
        try await pool.addPerson(OtherPool.name)
        let (mine, theirs) = (await pool.signIn(OtherPool.name), await pool.signIn(other.client, OtherPool.name))
        let (first, second) = (try claims(mine.accessToken), try claims(theirs.accessToken))
        #expect(first["iss"]?.string == Pool.issuer && first["sub"] != second["sub"])
        #expect(second["iss"]?.string == "http://127.0.0.1:9000/\(other.id)")
        #expect(await pool.call("GetUser", ["AccessToken": .string(theirs.accessToken)]).status == 200)
        let refreshed = await pool.refresh(other.client, theirs.refreshToken ?? "")
        #expect(try claims(refreshed.accessToken)["iss"] == second["iss"])

        func document(_ path: String) async -> Answer {
            var request = pool.request("", [], path: path)
            request.method = .get
            return await pool.answer(request)
        }
        let keys = await document("/\(other.id)/.well-known/jwks.json")
        let own = await document("/\(Pool.id)/.well-known/jwks.json")
        #expect(keys.body["keys"]?.array?.count == 1 && keys != own)
        let discovery = await document("/\(other.id)/.well-known/openid-configuration")
        #expect(discovery.body["issuer"] == second["iss"])
        #expect(await document("/eu-central-1_Nobody/.well-known/jwks.json").status == 404)
    }

    @Test func `a second factor is asked for as the pool says, from the next sign-in on`() async throws {
        let pool = try await Pool()
        let other = try await pool.makePool()
        func set(_ more: JSONObject) async -> Answer { await pool.onPool(other.id, "SetUserPoolMfaConfig", more) }
        #expect(await pool.signIn(other.client, OtherPool.name).tokens != nil)
        let required = await set(["MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": ["Enabled": true]])
        #expect(required.body["MfaConfiguration"] == "ON")
        #expect(await pool.onPool(other.id, "GetUserPoolMfaConfig") == required)
        #expect(await pool.signIn(other.client, OtherPool.name).challenge == "MFA_SETUP")
        #expect(await pool.signIn().tokens != nil)
        // A new name leaves it as it is.
        #expect(await pool.onPool(other.id, "UpdateUserPool", ["PoolName": "renamed"]).status == 200)
        #expect(await pool.signIn(other.client, OtherPool.name).challenge == "MFA_SETUP")
        for refused: JSONObject in [
            ["MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": ["Enabled": false]],
            ["SmsMfaConfiguration": [:]], ["EmailMfaConfiguration": [:]], ["WebAuthnConfiguration": [:]],
        ] {
            #expect(await set(refused).error == "InvalidParameterException")
        }
        #expect(await set(["MfaConfiguration": "OFF"]).status == 200)
        #expect(await pool.signIn(other.client, OtherPool.name).tokens != nil)

        _ = try await pool.enrol()
        #expect(await pool.signIn().challenge == "SOFTWARE_TOKEN_MFA")
        #expect(await pool.onPool(Pool.id, "SetUserPoolMfaConfig", ["MfaConfiguration": "OFF"]).status == 200)
        #expect(await pool.signIn().tokens != nil)
    }

    @Test func `passwords are as long and temporary as the pool says, and sign-up may be closed`() async throws {
        let pool = try await Pool()
        let other = try await pool.makePool([
            "Policies": ["PasswordPolicy": ["MinimumLength": 20, "TemporaryPasswordValidityDays": 1]],
            "AdminCreateUserConfig": ["AllowAdminCreateUserOnly": true],
        ])
        let (short, long) = (String(repeating: "s", count: 19), String(repeating: "l", count: 20))
        func set(_ password: String) async -> String? {
            await pool.onPool(
                other.id, "AdminSetUserPassword",
                ["Username": .string(OtherPool.name), "Password": .string(password)]
            ).error
        }
        #expect(await set(short) == "InvalidPasswordException")
        #expect(await set(long) == nil)
        pool.clock.advance(seconds: 86_400)
        let late = await pool.call(
            "InitiateAuth",
            [
                "ClientId": .string(other.client.id), "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": ["USERNAME": .string(OtherPool.name), "PASSWORD": .string(long)],
            ])
        #expect(late.message == "Temporary password has expired and must be reset by an administrator.")
        let signedUp = await pool.call(
            "SignUp",
            ["ClientId": .string(other.client.id), "Username": "new@x.test", "Password": .string(long)])
        #expect(signedUp.error == "NotAuthorizedException")
        try await pool.addPerson("new@x.test")
    }

    @Test func `the keys of a pool that was made later take turns too`() async throws {
        let pool = try await Pool()
        let other = try await pool.makePool()
        func keys() async throws -> Int {
            try await pool.store.read { try $0.signingKeys(poolId: other.id).count }
        }
        try await pool.pools.keepUp()
        #expect(try await keys() == 1)
        pool.clock.advance(seconds: 90 * 86_400)
        try await pool.pools.keepUp()
        #expect(try await keys() == 2)
    }
}
