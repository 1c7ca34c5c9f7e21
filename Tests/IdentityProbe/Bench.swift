import Catalog
import Crypto
import EventLoop
import HTTPServer
import HTTPWire
import Identity
import JSON
import Synchronization
import Telemetry
import TestKit

/// A clock that the probe turns, so that codes of 30 seconds need no waiting and nobody stays locked.
final class ProbeClock: Sendable {
    private let now = Mutex(IdentityService.systemClock())

    var milliseconds: Int64 { now.withLock { $0 } }

    func advance(seconds: Int64) {
        now.withLock { $0 += seconds * 1000 }
    }
}

/// Keeps the last code for each name.
final class Codes: CodeDelivery {
    private let codes = Mutex<[String: String]>([:])

    /// The last code for somebody; waits for the first, for it is sent besides the answer.
    func code(for username: String) async throws -> String {
        while true {
            if let code = codes.withLock({ $0[username] }) { return code }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    func deliver(_ message: CodeMessage) async throws {
        codes.withLock { $0[message.username] = message.code }
    }
}

/// A pool of its own, called as over HTTP.
struct Bench: Sendable {
    struct Refused: Error { let body: JSONValue }

    static let clientId = "probe"
    static let administrator = "admin@example.com"
    static let password = "correct horse"

    let service: IdentityService
    let clock = ProbeClock()
    private let codes = Codes()
    private let folder = TemporaryDirectory()

    /// - Parameter passwordHash: what passwords cost; the default is that of every pool.
    init(passwordHash: Argon2id.Parameters = Argon2id.Parameters()) async throws {
        let store = SQLiteIdentityStore(try SQLiteCatalog(path: folder.file("catalog.sqlite")))
        var settings = IdentitySettings(
            region: "eu-central-1", userPoolId: "eu-central-1_Probe", issuer: "http://127.0.0.1/eu-central-1_Probe",
            sealingKey: SecureRandom.bytes(32))
        settings.passwordHash = passwordHash
        let time: IdentityClock = { [clock] in clock.milliseconds }
        try await IdentityBootstrap(store: store, settings: settings, clock: time).run(
            clientId: Self.clientId,
            administrator: IdentityBootstrap.Administrator(email: Self.administrator, password: Self.password))
        let poolId = settings.userPoolId
        try await store.write {
            try $0.save(
                IdentityClient(
                    id: Self.clientId, poolId: poolId, name: "probe",
                    flows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]))
            var rotating = IdentityClient(
                id: "rotating", poolId: poolId, name: "rotating",
                flows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
            rotating.rotationGraceSeconds = 0
            try $0.save(rotating)
        }
        service = try await IdentityService(
            store: store, settings: settings, delivery: codes, logger: Logger(label: "probe", sink: MemorySink()),
            clock: time)
    }

    /// The answer, whatever it is.
    func ask(_ operation: String, _ input: JSONValue) async throws -> JSONValue {
        var headers = Headers()
        headers.add("X-Amz-Target", "AWSCognitoIdentityProviderService.\(operation)")
        let response = await service.api(
            Request(
                method: .post, target: "/", headers: headers, body: input.serialized(), peer: .loopback(port: 1),
                requestID: "probe"))
        guard case .bytes(let bytes) = response.body else { throw Refused(body: .null) }
        return try JSONValue.parse(bytes)
    }

    /// The answer, which must be no refusal.
    func call(_ operation: String, _ input: JSONValue) async throws -> JSONValue {
        let body = try await ask(operation, input)
        guard body["__type"] == nil else { throw Refused(body: body) }
        return body
    }

    func addPerson(_ name: String) async throws {
        let person: JSONObject = [
            "ClientId": .string(Self.clientId), "Username": .string(name), "Password": .string(Self.password),
        ]
        _ = try await call("SignUp", .object(person))
        var confirmation = person
        confirmation["ConfirmationCode"] = .string(try await codes.code(for: name))
        _ = try await call("ConfirmSignUp", .object(confirmation))
    }

    func signIn(_ name: String, _ password: String = Bench.password, client: String = Bench.clientId) async throws
        -> JSONValue
    {
        try await ask(
            "InitiateAuth",
            [
                "ClientId": .string(client), "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": ["USERNAME": .string(name), "PASSWORD": .string(password)],
            ])
    }

    func refresh(_ token: JSONValue) async throws {
        _ = try await call(
            "InitiateAuth",
            [
                "ClientId": .string(Self.clientId), "AuthFlow": "REFRESH_TOKEN_AUTH",
                "AuthParameters": ["REFRESH_TOKEN": token],
            ])
    }
}
