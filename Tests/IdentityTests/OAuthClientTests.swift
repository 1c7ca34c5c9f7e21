import Catalog
import JSON
import OAuth
import Testing

@testable import Identity

@Suite struct OAuthClientTests {
    private static let options: JSONObject = [
        "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email", "openid"],
        "CallbackURLs": ["https://app.example.com/callback", "myapp://done"], "DefaultRedirectURI": "myapp://done",
        "LogoutURLs": ["https://app.example.com/"], "SupportedIdentityProviders": ["COGNITO"],
    ]

    private static func changed(_ name: String, _ value: JSONValue) -> JSONObject {
        var input = options
        input[name] = value
        return input
    }

    @Test func `a client is described as it was made, and an update that says nothing of OAuth ends it`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient(Self.options)
        let id: JSONObject = ["ClientId": .string(client.id)]
        let described = try #require(await pool.onClients("DescribeUserPoolClient", id).body["UserPoolClient"])
        for (name, value) in Self.options.members where name != "AllowedOAuthScopes" {
            #expect(described[name] == value, "\(name)")
        }
        #expect(described["AllowedOAuthScopes"] == ["openid", "email"])
        let updated = try #require(await pool.onClients("UpdateUserPoolClient", id).body["UserPoolClient"])
        #expect(updated["AllowedOAuthFlowsUserPoolClient"] == false && updated["CallbackURLs"] == nil)
        #expect(try await pool.store.read { try $0.client(id: client.id)?.oauth } == nil)
    }

    @Test func `what is wrong or not served is refused by its name`() async throws {
        let pool = try await Pool()
        for (name, value) in [
            ("CallbackURLs", ["http://app.example.com/"]), ("CallbackURLs", ["https://app.example.com/#a"]),
            ("CallbackURLs", ["javascript:alert(1)"]), ("CallbackURLs", ["/callback"]), ("CallbackURLs", []),
            ("CallbackURLs", .array(Array(repeating: "https://a.test/", count: 101))), ("CallbackURLs", [1]),
            ("LogoutURLs", ["https://a.test/ b"]), ("DefaultRedirectURI", "https://other.example.com/"),
            ("AllowedOAuthFlows", []), ("AllowedOAuthScopes", []), ("AllowedOAuthFlowsUserPoolClient", false),
            ("AllowedOAuthFlowsUserPoolClient", "yes"), ("SupportedIdentityProviders", ["Google"]),
        ] as [(String, JSONValue)] {
            let refused = await pool.onClients("CreateUserPoolClient", Self.named(Self.changed(name, value)))
            #expect(refused.error == "InvalidParameterException", "\(name) = \(value)")
            #expect(refused.message?.contains(name) == true, "\(name): \(refused.message ?? "")")
        }
        for flow in ["implicit", "client_credentials", "Code"] {
            let input = Self.named(Self.changed("AllowedOAuthFlows", ["code", .string(flow)]))
            let refused = await pool.onClients("CreateUserPoolClient", input)
            #expect(refused.error == "InvalidOAuthFlowException" && refused.message?.contains("'\(flow)'") == true)
        }
        let refused = await pool.onClients(
            "CreateUserPoolClient", Self.named(Self.changed("AllowedOAuthScopes", ["openid", "admin"])))
        #expect(refused.error == "ScopeDoesNotExistException" && refused.message?.contains("'admin'") == true)
    }

    @Test func `the client of an installation may sign people in on its own pages alone`() async throws {
        let pool = try await Pool()
        let client = try await pool.store.read { try $0.client(id: Pool.clientId) }
        #expect(client?.oauth?.callbackURLs == ["http://127.0.0.1:9000/"])
        let elsewhere = try await Pool { $0.publicURL = "http://weir.example.com" }
        #expect(try await elsewhere.store.read { try $0.client(id: Pool.clientId)?.oauth } == nil)
    }

    private static func named(_ input: JSONObject) -> JSONObject {
        var input = input
        input["ClientName"] = "test"
        return input
    }
}
