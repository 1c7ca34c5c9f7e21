import Catalog
import Crypto
import EventLoop
import Glibc
import HTTPServer
import HTTPWire
import Identity
import JSON
import Telemetry
import TestKit

// Measures what tokens cost. Build it in release.
//
//   IdentityProbe [ROUNDS]    prints a line `WHAT: N per second of one core` for each, by the least processor time of so many
//                             rounds of 0.2 s (default 20), for a machine has other things to do

let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 20
/// How long a round is, in nanoseconds.
let round = 200_000_000

/// Processor time of the whole process, in nanoseconds.
func processorTime() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

func wallTime() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

func report(_ what: String, nanoseconds: [Int]) {
    let least = max(1, nanoseconds.min() ?? 1)
    print("\(what): \(1_000_000_000 / least) per second of one core, \(least / 1000) µs")
}

func measure(_ what: String, _ body: () throws -> Void) rethrows {
    let costs = try (0..<rounds).map { _ in
        let (start, processor) = (wallTime(), processorTime())
        var calls = 0
        while wallTime() - start < round {
            for _ in 0..<16 { try body() }
            calls += 16
        }
        return (processorTime() - processor) / calls
    }
    report(what, nanoseconds: costs)
}

/// Keeps sixteen calls under way.
func measure(_ what: String, _ body: @escaping @Sendable () async throws -> Void) async throws {
    var costs: [Int] = []
    for _ in 0..<rounds {
        let (end, processor) = (wallTime() + round, processorTime())
        let calls = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    var calls = 0
                    while wallTime() < end {
                        try await body()
                        calls += 1
                    }
                    return calls
                }
            }
            return try await group.reduce(0, +)
        }
        costs.append((processorTime() - processor) / calls)
    }
    report(what, nanoseconds: costs)
}

/// A pool with one person, who has signed in.
struct Bench: Sendable {
    struct Refused: Error { let body: JSONValue }

    let service: IdentityService
    private static let person = IdentityBootstrap.Administrator(email: "ann@example.com", password: "correct horse")

    init(_ folder: TemporaryDirectory) async throws {
        let store = SQLiteIdentityStore(try SQLiteCatalog(path: folder.file("catalog.sqlite")))
        let settings = IdentitySettings(
            region: "eu-central-1", userPoolId: "eu-central-1_Probe", issuer: "http://127.0.0.1/eu-central-1_Probe",
            sealingKey: SecureRandom.bytes(32))
        try await IdentityBootstrap(store: store, settings: settings).run(clientId: "probe", administrator: Self.person)
        service = try await IdentityService(
            store: store, settings: settings, delivery: Nowhere(), logger: Logger(label: "probe", sink: MemorySink()))
    }

    func call(_ operation: String, _ input: JSONValue) async throws -> JSONValue {
        var headers = Headers()
        headers.add("X-Amz-Target", "AWSCognitoIdentityProviderService.\(operation)")
        let response = await service.api(
            Request(
                method: .post, target: "/", headers: headers, body: input.serialized(), peer: .loopback(port: 1),
                requestID: "probe"))
        guard case .bytes(let bytes) = response.body else { throw Refused(body: .null) }
        let body = try JSONValue.parse(bytes)
        guard let result = body["AuthenticationResult"] else { throw Refused(body: body) }
        return result
    }

    func signIn() async throws -> JSONValue {
        try await call(
            "InitiateAuth",
            [
                "ClientId": "probe", "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": [
                    "USERNAME": .string(Self.person.email), "PASSWORD": .string(Self.person.password),
                ],
            ])
    }

    func refresh(_ token: JSONValue) async throws {
        _ = try await call(
            "InitiateAuth",
            ["ClientId": "probe", "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": ["REFRESH_TOKEN": token]])
    }
}

struct Nowhere: CodeDelivery {
    func deliver(_ message: CodeMessage) async throws {}
}

let folder = TemporaryDirectory()
let bench = try await Bench(folder)
let tokens = try await bench.signIn()
let access = tokens["AccessToken"]?.string ?? ""
let refreshToken = tokens["RefreshToken"] ?? .null
let verifier = bench.service.tokenVerifier
let key = try PrivateKey.generateRSA()
let message = Array(access.utf8)

try measure("one RSA-2048 signature") { _ = try key.sign(message, .sha256) }
try measure("an access token verified") { _ = try verifier.signed(access) }
try await measure("an access token verified, and its sign-in looked up") { _ = try await verifier.verify(access) }
try await measure("REFRESH_TOKEN_AUTH") { [bench, refreshToken] in try await bench.refresh(refreshToken) }
try await measure("GetTokensFromRefreshToken") { [bench, refreshToken] in
    _ = try await bench.call("GetTokensFromRefreshToken", ["ClientId": "probe", "RefreshToken": refreshToken])
}
