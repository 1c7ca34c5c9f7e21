import AccessSigning
import Audit
import Bytes
import Catalog
import Crypto
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import SQLiteDatabase
import Synchronization
import Telemetry
import TestKit
import Testing
import WebFetch

@testable import Identity

/// A clock that the test turns.
final class ManualClock: Sendable {
    private let now = Mutex<Int64>(1_800_000_000_000)

    var milliseconds: Int64 { now.withLock { $0 } }
    var seconds: Int64 { milliseconds / 1000 }

    func advance(seconds: Int64) {
        now.withLock { $0 += seconds * 1000 }
    }
}

/// Keeps what would have been sent.
final class Outbox: CodeDelivery {
    private let sent = Mutex<[CodeMessage]>([])

    var messages: [CodeMessage] { sent.withLock { $0 } }

    func deliver(_ message: CodeMessage) async throws {
        sent.withLock { $0.append(message) }
    }

    /// The message to somebody that comes after so many, perhaps after the answer.
    func message(to username: String, after count: Int = 0) async throws -> CodeMessage {
        while true {
            let messages = messages.filter { $0.username == username }
            if messages.count > count { return messages[count] }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// The message that comes after so many; what does not tell whether there is an account is sent besides the answer.
    func next(after count: Int = 0) async throws -> CodeMessage {
        while messages.count <= count { try await Task.sleep(for: .milliseconds(1)) }
        return messages[count]
    }
}

/// What the API answered.
struct Answer: Sendable, Equatable {
    let status: Int
    let body: JSONValue

    /// The error's code; nil for success.
    var error: String? { body["__type"]?.string }
    var tokens: JSONValue? { body["AuthenticationResult"] }
    var accessToken: String { tokens?["AccessToken"]?.string ?? "" }
    var session: String { body["Session"]?.string ?? "" }
    var challenge: String? { body["ChallengeName"]?.string }
}

/// A user pool on a database of its own.
final class Pool: Sendable {
    static let id = "eu-central-1_Test"
    static let issuer = "http://127.0.0.1:9000/\(id)"
    static let clientId = "client1"
    static let administrator = "admin@example.com"
    static let password = "correct horse battery"

    let clock = ManualClock()
    let outbox = Outbox()
    let metrics = MetricsRegistry()
    let statements = StatementLog()
    let catalog: SQLiteCatalog
    let store: SQLiteIdentityStore
    let service: IdentityService
    let pools: UserPools
    private let folder: TemporaryDirectory
    private let router: Router

    /// One key for all pools, since making one takes long.
    private static let signingKey = Result { try PrivateKey.generateRSA() }

    init(
        web: (any WebFetching)? = nil, _ change: (inout IdentitySettings) -> Void = { _ in }
    ) async throws {
        folder = TemporaryDirectory()
        let statements = statements
        catalog = try SQLiteCatalog(
            path: folder.file("catalog.sqlite"), options: DatabaseOptions(observer: { statements.note($0) }))
        store = SQLiteIdentityStore(catalog)
        var settings = IdentitySettings(
            region: "eu-central-1", userPoolId: Self.id, issuer: Self.issuer,
            sealingKey: [UInt8](repeating: 7, count: 32),
            accessKeys: AccessKeyRing([
                AccessKey(id: "AKIATEST", secret: "secret", role: .admin),
                AccessKey(id: "AKIAEDGE", secret: "secret", role: .edge),
            ]))
        settings.passwordHash = Argon2id.Parameters(memoryKiB: 64, passes: 1, lanes: 1)
        settings.hashQueueLimit = 1000
        change(&settings)
        let clock = clock
        let time: IdentityClock = { clock.milliseconds }
        let pem = Array(try Self.signingKey.get().pem.utf8)
        let sealer = try SecretSealer(keys: settings.sealingKeys, poolId: Self.id)
        let key = IdentitySigningKey(
            id: "key1", poolId: Self.id, sealedPrivateKey: try sealer.seal(pem, owner: "key1", field: .signingKey),
            createdAt: 0, signsFrom: clock.milliseconds)
        try await store.write { try $0.insert(key) }
        let bootstrap = IdentityBootstrap(store: store, settings: settings, clock: time)
        for _ in 0..<2 {
            try await bootstrap.run(
                clientId: Self.clientId, administrator: .init(email: Self.administrator, password: Self.password))
        }
        service = try await IdentityService(
            store: store, settings: settings, delivery: outbox,
            logger: Logger(label: "test", sink: MemorySink()), metrics: metrics, clock: time, web: web)
        var router = Router()
        pools = try UserPools(first: service)
        service.addRoutes(to: &router, among: pools)
        service.addPages(to: &router, clientId: Self.clientId, metrics: metrics)
        self.router = router
    }

    func respond(to request: Request) async -> Response {
        let response = await AuditContext.serving(client: request.peer.ip, requestId: request.requestID) {
            await router.respond(to: request)
        }
        await statements.checkPlans(in: catalog, isAdministrators: request.headers.first("Authorization") != nil)
        return response
    }

    func request(_ operation: String, _ body: [UInt8], path: String = "/") -> Request {
        var headers = Headers()
        headers.add("Host", "127.0.0.1:9000")
        headers.add("Content-Type", "application/x-amz-json-1.1")
        headers.add("X-Amz-Target", "AWSCognitoIdentityProviderService.\(operation)")
        return Request(
            method: .post, target: path, headers: headers, body: body, peer: .loopback(port: 1), requestID: "r1")
    }

    func call(_ operation: String, _ input: JSONValue, from address: String = "127.0.0.1") async -> Answer {
        var request = request(operation, input.serialized())
        if let peer = SocketAddress(ip: address, port: 1) { request.peer = peer }
        return await answer(request)
    }

    /// Signed with an access key, as administrators' tools do.
    func signedCall(_ operation: String, _ input: JSONValue, key: String = "AKIATEST", secret: String = "secret") async
        -> Answer
    {
        let body = input.serialized()
        var request = request(operation, body)
        let added = SigV4.sign(
            SigV4Request(
                method: "POST", path: "/", headers: request.headers.map { (name: $0.name, value: $0.value) }),
            credentials: SigV4Credentials(
                accessKeyId: key, secretAccessKey: secret, region: "eu-central-1", service: "cognito-idp"),
            payloadHash: SigV4.payloadHash(body), epochSeconds: clock.seconds)
        for (name, value) in added { request.headers.add(name, value) }
        return await answer(request)
    }

    func answer(_ request: Request) async -> Answer {
        let response = await respond(to: request)
        guard case .bytes(let bytes) = response.body, let body = try? JSONValue.parse(bytes) else {
            return Answer(status: response.status.code, body: .null)
        }
        return Answer(status: response.status.code, body: body)
    }

    // MARK: What people do

    func signIn(
        _ username: String = Pool.administrator, _ password: String = Pool.password, from address: String = "127.0.0.1"
    ) async -> Answer {
        await call(
            "InitiateAuth",
            [
                "ClientId": .string(Self.clientId), "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": ["USERNAME": .string(username), "PASSWORD": .string(password)],
            ], from: address)
    }

    func respond(
        _ challenge: String, session: String, username: String = Pool.administrator, _ more: JSONObject = [:]
    ) async -> Answer {
        var responses: JSONObject = ["USERNAME": .string(username)]
        for (name, value) in more.members { responses[name] = value }
        return await call(
            "RespondToAuthChallenge",
            [
                "ClientId": .string(Self.clientId), "ChallengeName": .string(challenge), "Session": .string(session),
                "ChallengeResponses": .object(responses),
            ])
    }

    func answerCode(_ code: String, session: String, username: String = Pool.administrator) async -> Answer {
        await respond(
            "SOFTWARE_TOKEN_MFA", session: session, username: username, ["SOFTWARE_TOKEN_MFA_CODE": .string(code)])
    }

    /// Signs up and confirms; the password is the pool's usual one.
    func addPerson(_ name: String) async throws {
        let count = outbox.messages.count { $0.username == name }
        let answer = await call(
            "SignUp",
            ["ClientId": .string(Self.clientId), "Username": .string(name), "Password": .string(Self.password)])
        #expect(answer.status == 200)
        let code = try await outbox.message(to: name, after: count).code
        let confirmed = await call(
            "ConfirmSignUp",
            ["ClientId": .string(Self.clientId), "Username": .string(name), "ConfirmationCode": .string(code)])
        #expect(confirmed == Answer(status: 200, body: [:]))
    }

    /// Enrols an authenticator and returns its secret; the code used is that of the step before now.
    func enrol(_ username: String = Pool.administrator) async throws -> [UInt8] {
        let token = await signIn(username).accessToken
        let associated = await call("AssociateSoftwareToken", ["AccessToken": .string(token)])
        let secret = try #require(associated.body["SecretCode"]?.string.flatMap { Base32.decode($0) })
        let verified = await call(
            "VerifySoftwareToken",
            ["AccessToken": .string(token), "UserCode": .string(code(secret, stepsFromNow: -1))])
        #expect(verified.body["Status"] == "SUCCESS")
        let preference = await call(
            "SetUserMFAPreference",
            ["AccessToken": .string(token), "SoftwareTokenMfaSettings": ["Enabled": true, "PreferredMfa": true]])
        #expect(preference == Answer(status: 200, body: [:]))
        return secret
    }

    func code(_ secret: [UInt8], stepsFromNow steps: Int64 = 0) -> String {
        TimeBasedCode.code(secret: secret, step: clock.seconds / 30 + steps)
    }

    /// A code that is right in none of the steps that are accepted.
    func wrongCode(_ secret: [UInt8]) -> String {
        let right = Set((-1...1).map { code(secret, stepsFromNow: $0) })
        return (0...3).map { "00000\($0)" }.first { !right.contains($0) } ?? ""
    }
}

/// The payload of a token, unverified.
func claims(_ token: String) throws -> JSONObject {
    let payload = try #require(token.split(separator: ".").dropFirst().first)
    return try #require(try JSONValue.parse(Base64.decode(payload, alphabet: .url) ?? []).object)
}
