import Bytes
import Crypto
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import OAuth
import SQLiteDatabase
import Testing

@testable import Catalog
@testable import Identity

/// What a browser or an application was answered.
struct Reply: Sendable {
    let status: Int
    let headers: Headers
    let text: String

    init(_ response: Response) {
        status = response.status.code
        headers = response.headers
        if case .bytes(let bytes) = response.body { text = String(decoding: bytes, as: UTF8.self) } else { text = "" }
    }

    var json: JSONValue? { try? JSONValue.parse(Array(text.utf8)) }
    var error: String? { json?["error"]?.string }
    var location: String? { headers.first("Location") }

    /// A parameter of the address that the browser is sent to.
    subscript(_ name: String) -> String? {
        let parts = (location ?? "").split(separator: "?", maxSplits: 1)
        return parts.count == 2 ? Query(String(parts[1]))?.first(name) : nil
    }

    subscript(token name: String) -> String { json?[name]?.string ?? "" }
}

typealias Form = [(String, String)]

extension Pool {
    static let callback = "https://app.example.com/callback"
    static let verifier = "a-verifier-of-43-characters-and-more-letters"
    static let challenge = Base64.encode(Digest.sha256(Array(verifier.utf8)), alphabet: .url)

    /// A client that may do all that OAuth allows.
    func makeApplication(_ more: JSONObject = [:]) async throws -> TestClient {
        var input: JSONObject = [
            "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["code"],
            "AllowedOAuthScopes": .array(OAuthScope.allCases.map { .string($0.rawValue) }),
            "CallbackURLs": [.string(Self.callback)], "LogoutURLs": ["https://app.example.com/bye"],
        ]
        for (name, value) in more.members { input[name] = value }
        return try await makeClient(input)
    }

    /// The cookie of a browser in which somebody has just signed in.
    func browserCookie(_ username: String = Pool.administrator) async throws -> String {
        "\(service.browserCookie.name)=\(try await signInBrowser(username))"
    }

    func open(_ target: String, cookie: String? = nil, _ fields: Form = []) async -> Reply {
        var headers: Headers = ["Host": "127.0.0.1:9000"]
        if let cookie { headers.add("Cookie", cookie) }
        for (name, value) in fields { headers.add(name, value) }
        return Reply(
            await respond(
                to: Request(
                    method: .get, target: target, headers: headers, peer: .loopback(port: 1), requestID: "r1")))
    }

    func post(
        _ path: String, _ body: [UInt8], type: String = "application/x-www-form-urlencoded", _ fields: Form = []
    ) async -> Reply {
        var headers: Headers = ["Host": "127.0.0.1:9000", "Content-Type": type]
        for (name, value) in fields { headers.add(name, value) }
        return Reply(
            await respond(
                to: Request(
                    method: .post, target: path, headers: headers, body: body, peer: .loopback(port: 1),
                    requestID: "r1")))
    }

    func post(_ path: String, form: Form, _ fields: Form = []) async -> Reply {
        await post(path, Array(Self.query(form).utf8), fields)
    }

    static func query(_ items: Form) -> String {
        Query(items: items.map { Query.Item(name: $0.0, value: $0.1) }).encoded
    }

    /// A good request of the client, changed: an empty value leaves the parameter out.
    static func request(_ client: TestClient, _ changes: Form = []) -> String {
        var items: Form = [
            ("client_id", client.id), ("redirect_uri", callback), ("response_type", "code"), ("state", "s"),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ]
        for (name, value) in changes {
            items.removeAll { $0.0 == name }
            if !value.isEmpty { items.append((name, value)) }
        }
        return query(items)
    }

    func authorize(_ client: TestClient, cookie: String?, _ changes: Form = []) async -> Reply {
        await open("/oauth2/authorize?\(Self.request(client, changes))", cookie: cookie)
    }

    /// A code for the administrator.
    func code(_ client: TestClient, _ changes: Form = []) async throws -> String {
        try #require(await authorize(client, cookie: try browserCookie(), changes)["code"])
    }

    /// Redeems a code; an empty value leaves the parameter out.
    func redeem(_ client: TestClient, _ code: String, _ changes: Form = []) async -> Reply {
        var form: Form = [
            ("grant_type", "authorization_code"), ("client_id", client.id), ("code", code),
            ("redirect_uri", Self.callback), ("code_verifier", Self.verifier),
        ]
        if let secret = client.secret { form.append(("client_secret", secret)) }
        for (name, value) in changes {
            form.removeAll { $0.0 == name }
            if !value.isEmpty { form.append((name, value)) }
        }
        return await post("/oauth2/token", form: form)
    }

    /// The tokens of a sign-in through the application.
    func tokens(_ client: TestClient, scope: String = "", nonce: String = "") async throws -> Reply {
        await redeem(client, try await code(client, [("scope", scope), ("nonce", nonce)]))
    }

    /// `grant_type=refresh_token`.
    func renewByForm(_ client: TestClient, _ token: String, scope: String? = nil) async -> Reply {
        var form: Form = [("grant_type", "refresh_token"), ("client_id", client.id), ("refresh_token", token)]
        if let secret = client.secret { form.append(("client_secret", secret)) }
        if let scope { form.append(("scope", scope)) }
        return await post("/oauth2/token", form: form)
    }

    func userInfo(_ token: String) async -> Reply {
        await open("/oauth2/userInfo", [("Authorization", "Bearer \(token)")])
    }

    private func open(_ target: String, _ fields: Form) async -> Reply {
        await open(target, cookie: nil, fields)
    }

    /// How many codes wait to be redeemed, and how many sign-ins last.
    func kept() async throws -> (codes: Int64, families: Int64) {
        try await catalog.database.read { connection in
            let codes = try connection.first("SELECT count(*) FROM identity_authorization_codes") { try $0.integer(0) }
            let families = try connection.first("SELECT count(*) FROM identity_token_families") { try $0.integer(0) }
            return (codes ?? 0, families ?? 0)
        }
    }
}
