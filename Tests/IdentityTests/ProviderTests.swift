import Bytes
import Catalog
import JSON
import SQLiteDatabase
import TestKit
import Testing

@testable import Identity

@Suite struct ProviderTests {
    private let outside = OutsideProvider()

    @Test func `a provider is made, described, listed, changed and deleted`() async throws {
        let pool = try await Pool(web: outside)
        let made = await pool.addProvider()
        let provider = try #require(made.body["IdentityProvider"])
        #expect(provider["ProviderName"] == "Outside" && provider["ProviderType"] == "OIDC")
        #expect(provider["ProviderDetails"]?["oidc_issuer"]?.string == OutsideProvider.issuer)
        #expect(
            provider["AttributeMapping"] == ["email": "email", "email_verified": "email_verified", "username": "sub"])
        #expect(await pool.addProvider().error == "DuplicateProviderException")
        #expect(await pool.onProviders("DescribeIdentityProvider").body == made.body)
        let listed = await pool.onProviders("ListIdentityProviders", ["ProviderName": nil])
        #expect(listed.body["Providers"]?.array?.map { $0["ProviderName"]?.string } == ["Outside"])
        let changed = await pool.onProviders(
            "UpdateIdentityProvider",
            [
                "ProviderDetails": ["client_id": "other", "authorize_scopes": "openid"],
                "AttributeMapping": ["name": "name"],
            ])
        let details = changed.body["IdentityProvider"]?["ProviderDetails"]
        #expect(details?["client_id"] == "other" && details?["client_secret"] == nil)
        #expect(changed.body["IdentityProvider"]?["AttributeMapping"] == ["name": "name", "username": "sub"])
        #expect(await pool.onProviders("DeleteIdentityProvider").status == 200)
        for operation in ["DescribeIdentityProvider", "UpdateIdentityProvider", "DeleteIdentityProvider"] {
            #expect(await pool.onProviders(operation).error == "ResourceNotFoundException")
        }
    }

    @Test func `the secret is sealed in the database and nobody else's`() async throws {
        let pool = try await Pool(web: outside)
        await pool.addProvider()
        let provider = try #require(
            try await pool.store.read { try $0.provider(poolId: Pool.id, name: "Outside") })
        let sealed = try #require(provider.sealedSecret)
        #expect(!String(decoding: sealed, as: UTF8.self).contains("a secret"))
        #expect(try pool.service.secret(of: provider) == "a secret at idp.test")
        #expect(throws: (any Error).self) {
            try pool.service.sealer.open(sealed, owner: "Other", field: .providerSecret)
        }
    }

    @Test func `a provider that cannot be used is said to be so at once`() async throws {
        let pool = try await Pool(web: outside)
        outside.set { $0.status = 503 }
        let refused = await pool.addProvider()
        #expect(refused.error == "InvalidParameterException")
        #expect(refused.body["message"]?.string?.contains("its discovery document is answered with 503") == true)
        outside.set { $0.status = 200 }
        #expect(await pool.addProvider().error != nil, "it is left alone for ten seconds")
        #expect(outside.asked.count == 1)
        pool.clock.advance(seconds: 10)
        #expect(await pool.addProvider().status == 200)
    }

    @Test func `what is wrong or not served is refused by its name`() async throws {
        let pool = try await Pool(web: outside)
        let details = { (name: String, value: JSONValue) -> JSONObject in
            var object = Pool.providerDetails.object ?? [:]
            object[name] = value.isNull ? .none : .some(value)
            return ["ProviderDetails": .object(object)]
        }
        for (name, input) in [
            ("ProviderType", ["ProviderType": "SAML"]), ("ProviderType", ["ProviderType": "Facebook"]),
            ("ProviderName", ["ProviderName": "a_b"]), ("ProviderName", ["ProviderName": "Cognito"]),
            ("ProviderName", ["ProviderName": "a b"]), ("ProviderName", ["ProviderName": "ab"]),
            ("IdpIdentifiers", ["IdpIdentifiers": ["x"]]),
            ("authorize_url", details("authorize_url", "https://evil.test")),
            ("client_id", details("client_id", nil)), ("client_secret", details("client_secret", "")),
            ("oidc_issuer", details("oidc_issuer", nil)), ("oidc_issuer", details("oidc_issuer", "http://idp.test")),
            ("authorize_scopes", details("authorize_scopes", "email")),
            ("attributes_request_method", details("attributes_request_method", "PUT")),
            ("username", ["AttributeMapping": ["username": "email"]]), ("sub", ["AttributeMapping": ["sub": "email"]]),
            ("cognito:groups", ["AttributeMapping": ["cognito:groups": "groups"]]),
        ] as [(String, JSONObject)] {
            let refused = await pool.addProvider(input)
            #expect(refused.error == "InvalidParameterException", "\(name)")
            #expect(refused.body["message"]?.string?.contains(name) == true, "\(name): \(refused.body)")
        }
        #expect(outside.asked.isEmpty)
        await pool.addProvider()
        let moved = await pool.onProviders("UpdateIdentityProvider", details("oidc_issuer", "https://other.test"))
        #expect(moved.error == "InvalidParameterException")
    }

    @Test func `administrators alone speak of providers`() async throws {
        let pool = try await Pool(web: outside)
        for operation in ["CreateIdentityProvider", "DescribeIdentityProvider", "AdminLinkProviderForUser"] {
            #expect(await pool.call(operation, [:]).error == "MissingAuthenticationTokenException")
        }
    }

    @Test func `a person of a provider is linked once, and let in no longer when that is ended`() async throws {
        let pool = try await Pool(web: outside)
        #expect(await pool.link("s1", to: Pool.administrator).error == "ResourceNotFoundException")
        await pool.addProvider()
        #expect(await pool.link("s1", to: "nobody").error == "UserNotFoundException")
        #expect(await pool.link("s1", to: Pool.administrator).status == 200)
        #expect(await pool.link("s1", to: Pool.administrator).error == "InvalidParameterException")
        try await pool.addPerson("ann")
        #expect(await pool.link("s1", to: "ann").error == "InvalidParameterException")

        let tokens = await pool.signIn()
        let said = try claims(tokens.tokens?["IdToken"]?.string ?? "")
        let identity = try #require(said["identities"]?[0])
        #expect(identity["userId"] == "s1" && identity["providerName"] == "Outside" && identity["primary"] == "false")
        let ended = { (subject: String) in
            await pool.signedCall(
                "AdminDisableProviderForUser", ["UserPoolId": .string(Pool.id), "User": Pool.outside(subject)])
        }
        #expect(await ended("s2").error == "UserNotFoundException")
        #expect(await ended("s1").status == 200)
        #expect(await pool.call("GetUser", ["AccessToken": .string(tokens.accessToken)]).error != nil)
        #expect(try claims(await pool.signIn().tokens?["IdToken"]?.string ?? "")["identities"] == nil)
        #expect(await pool.link("s1", to: "ann").status == 200, "an administrator may change their mind")
    }

    @Test func `links end with their account and with their provider`() async throws {
        let pool = try await Pool(web: outside)
        await pool.addProvider()
        try await pool.addPerson("ann")
        for (subject, name) in [("s1", "ann"), ("s2", Pool.administrator)] {
            #expect(await pool.link(subject, to: name).status == 200)
        }
        _ = await pool.signedCall("AdminDeleteUser", ["UserPoolId": .string(Pool.id), "Username": "ann"])
        let links = { (subject: String) in
            try await pool.store.read { try $0.link(poolId: Pool.id, provider: "Outside", subject: subject) }
        }
        #expect(try await links("s1") == nil)
        #expect(try await links("s2") != nil)
        #expect(await pool.onProviders("DeleteIdentityProvider").status == 200)
        #expect(try await links("s2") == nil)
    }

    @Test func `a client names providers that there are`() async throws {
        let pool = try await Pool(web: outside)
        let options: JSONObject = [
            "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid"],
            "CallbackURLs": ["https://app.test/"], "SupportedIdentityProviders": ["COGNITO", "Outside"],
            "ClientName": "app",
        ]
        #expect(await pool.onClients("CreateUserPoolClient", options).error == "InvalidParameterException")
        await pool.addProvider()
        let client = await pool.onClients("CreateUserPoolClient", options).body["UserPoolClient"]
        #expect(client?["SupportedIdentityProviders"] == ["COGNITO", "Outside"])
        let alone = await pool.onClients(
            "CreateUserPoolClient", ["ClientName": "app", "SupportedIdentityProviders": ["COGNITO", "Outside"]])
        #expect(alone.error == "InvalidParameterException")
    }
}
