import Daemon
import EventLoop
import HTTPClient
import HTTPWire
import JSON
import TLS
import UploadView

/// JSON calls to one of Weir's processes, on a loop of its own; lives for one command.
struct ServiceConnection: Sendable {
    /// Made once: connections are kept for each endpoint, and an endpoint is another one with another context.
    private static let systemTrust = Result { try TLSClientContext(trust: .system) }

    let endpoint: Endpoint
    let client: HTTPClient

    /// Opens, works, closes.
    static func with<Result>(
        base: String, _ body: (ServiceConnection) async throws -> Result
    ) async throws -> Result {
        Signals.ignoreSIGPIPE()
        let loop = try EventLoop(name: "client")
        let client = HTTPClient(loop: loop, resolver: Resolver(pool: try BlockingPool(threads: 1, queueLimit: 16)))
        let connection = ServiceConnection(endpoint: try Self.parse(base).endpoint, client: client)
        do {
            let result = try await body(connection)
            await loop.shutdown()
            return result
        } catch {
            await loop.shutdown()
            throw error
        }
    }

    /// Sends a JSON body and reads a JSON answer.
    ///
    /// - Throws: `CommandFailure` with the service's own words for any status but 2xx.
    func call(
        _ method: HTTPMethod, _ target: String, body: JSONValue? = nil, bearer: String? = nil,
        headers extra: [(String, String)] = []
    ) async throws -> JSONValue {
        var headers = Headers()
        headers.add("Accept", "application/json")
        if body != nil, !extra.contains(where: { $0.0 == "Content-Type" }) {
            headers.add("Content-Type", "application/json")
        }
        if let bearer { headers.add("Authorization", "Bearer \(bearer)") }
        for (name, value) in extra { headers.add(name, value) }
        let answer = try await client.send(
            ClientRequest(
                endpoint: endpoint, method: method, target: target, headers: headers,
                body: body.map { .bytes($0.serialized()) } ?? .none))
        let content = try await answer.body.collect(upTo: 16 << 20)
        let value = content.isEmpty ? JSONValue.null : try? JSONValue.parse(content)
        guard (200..<300).contains(answer.status.code) else {
            let reason =
                ["detail", "message", "title"].lazy.compactMap { value?[$0]?.string }.first ?? "no reason given"
            throw CommandFailure(
                "\(endpoint) answered \(method) \(target) with \(answer.status.code): \(reason)",
                refusal: ServiceRefusal(status: answer.status.code, code: value?["code"]?.string ?? ""))
        }
        guard let value else {
            throw CommandFailure("\(endpoint) answered \(method) \(target) with no JSON: is this address Weir's?")
        }
        return value
    }

    /// Follows a stream of server-sent events until it ends or `body` returns false.
    func follow(
        _ target: String, headers extra: [(String, String)], _ body: (EventStreamReader.Event) throws -> Bool
    ) async throws {
        var headers = Headers()
        headers.add("Accept", "text/event-stream")
        for (name, value) in extra { headers.add(name, value) }
        var request = ClientRequest(endpoint: endpoint, target: target, headers: headers)
        // Whoever has nothing to say says so four times a minute.
        request.idleTimeout = .seconds(60)
        let answer = try await client.send(request)
        guard answer.status.code == 200 else {
            throw CommandFailure(
                "\(endpoint) answered \(target) with \(answer.status.code)",
                refusal: ServiceRefusal(status: answer.status.code, code: ""))
        }
        var reader = EventStreamReader()
        for try await bytes in answer.body {
            for event in try reader.read(bytes) where try !body(event) { return }
        }
    }

    /// The status of a GET; 0 when nobody answers.
    func status(of target: String) async -> Int {
        do {
            let answer = try await client.send(ClientRequest(endpoint: endpoint, target: target))
            _ = try await answer.body.collect(upTo: 1 << 20)
            return answer.status.code
        } catch {
            return 0
        }
    }

    /// Signs in as the installation's administrator.
    func signIn(_ ready: ReadyFile) async throws -> String {
        let answer = try await call(
            .post, "/identity",
            body: [
                "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": .string(try ready["clientId"]),
                "AuthParameters": [
                    "USERNAME": .string(try ready["adminEmail"]), "PASSWORD": .string(try ready["adminPassword"]),
                ],
            ],
            headers: [
                ("Content-Type", "application/x-amz-json-1.1"),
                ("X-Amz-Target", "AWSCognitoIdentityProviderService.InitiateAuth"),
            ])
        guard let token = answer["AuthenticationResult"]?["AccessToken"]?.string else {
            throw CommandFailure(
                "the administrator has a second factor: use the API or the pages with an access token of your own instead"
            )
        }
        return token
    }

    /// A POST without a body, with its status and head.
    func post(_ target: String, bearer: String?) async throws -> (status: HTTPStatus, headers: Headers) {
        var headers = Headers()
        if let bearer { headers.add("Authorization", "Bearer \(bearer)") }
        let answer = try await client.send(
            ClientRequest(endpoint: endpoint, method: .post, target: target, headers: headers))
        _ = try await answer.body.collect(upTo: 1 << 20)
        return (answer.status, answer.headers)
    }

    /// A plain GET with its whole answer.
    func get(
        _ target: String, headers extra: [(String, String)] = []
    ) async throws -> (status: HTTPStatus, headers: Headers, content: [UInt8]) {
        var headers = Headers()
        for (name, value) in extra { headers.add(name, value) }
        let answer = try await client.send(ClientRequest(endpoint: endpoint, target: target, headers: headers))
        return (answer.status, answer.headers, try await answer.body.collect(upTo: 64 << 20))
    }

    /// Where a URL leads to; the endpoint is the same for all URLs of one server.
    static func parse(_ url: String) throws(CommandFailure) -> (endpoint: Endpoint, target: String) {
        guard let parsed = HTTPURL(url) else { throw CommandFailure("\(url) is no http:// or https:// address") }
        do {
            let tls = parsed.usesTLS ? try systemTrust.get() : nil
            return (Endpoint(host: parsed.host, port: parsed.port, tls: tls), parsed.target)
        } catch {
            throw CommandFailure("cannot prepare TLS for \(url): \(error)")
        }
    }
}
