import Bytes
import Catalog
import Crypto
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Testing

@testable import Identity

/// A browser on its way through a pool and the provider `Outside`.
struct Traveller {
    let pool: Pool
    let clientId: String
    var cookies: [String: String] = [:]

    /// A browser, and an application whose people may come from `Outside`, which is added unless it is there.
    init(_ pool: Pool) async throws {
        self.pool = pool
        await pool.addProvider()
        let client = await pool.onClients(
            "CreateUserPoolClient",
            [
                "ClientName": "app", "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["code"],
                "AllowedOAuthScopes": ["openid", "email"], "CallbackURLs": ["https://app.test/back"],
                "SupportedIdentityProviders": ["COGNITO", "Outside"],
            ])
        clientId = try #require(client.body["UserPoolClient"]?["ClientId"]?.string)
    }

    /// The authorization request of the application.
    var query: String {
        let challenge = Base64.encode(Digest.sha256(Array("verifier".utf8)), alphabet: .url)
        return "client_id=\(clientId)&redirect_uri=https%3A%2F%2Fapp.test%2Fback&response_type=code&state=app"
            + "&code_challenge=\(challenge)&code_challenge_method=S256&scope=openid&identity_provider=Outside"
    }

    /// Asks for a page and keeps the cookies that are set.
    mutating func get(_ target: String) async -> Response {
        var headers: Headers = ["Host": "127.0.0.1:9000"]
        let pairs = cookies.map { "\($0.key)=\($0.value)" }.sorted()
        if !pairs.isEmpty { headers.set("Cookie", pairs.joined(separator: "; ")) }
        let response = await pool.respond(
            to: Request(method: .get, target: target, headers: headers, peer: .loopback(port: 1), requestID: "r1"))
        for field in response.headers.values("set-cookie") {
            guard let pair = field.split(separator: ";").first?.split(separator: "=", maxSplits: 1) else { continue }
            cookies[String(pair[0])] = pair.count > 1 ? String(pair[1]) : nil
        }
        return response
    }

    /// Signs out of the pool, and goes where the provider is asked, and with what.
    mutating func depart() async throws -> Query {
        cookies[pool.service.browserCookie.name] = nil
        let response = await get("/oauth2/authorize?\(query)")
        let location = try #require(response.headers.first("location"))
        #expect(location.hasPrefix("https://idp.test:443/authorize?"))
        return try #require(location.split(separator: "?").last.flatMap { Query(String($0)) })
    }

    /// Comes back with a code for the nonce that the provider was told.
    mutating func comeBack(_ asked: Query, iss: String? = OutsideProvider.issuer, nonce: String? = nil) async
        -> Response
    {
        let state = asked.first("state") ?? ""
        let code = "code-\(nonce ?? asked.first("nonce") ?? "")"
        return await get(
            "/oauth2/idpresponse?state=\(state)&code=\(code)" + (iss.map { "&iss=\(PercentEncoding.encode($0))" } ?? "")
        )
    }

    /// There and back; the address of the next page, nil for an error.
    mutating func travel() async throws -> String? {
        let asked = try await depart()
        return await comeBack(asked).headers.first("location")
    }

    /// Who is signed in with this browser.
    func user() async throws -> String? {
        let request = pool.browserRequest(cookies)
        return try await pool.service.browserSession(of: request)?.user.username
    }
}
