import Bytes
import Crypto
import Identity
import JSON

/// Answers to `SOFTWARE_TOKEN_MFA`, from the session to the tokens: the sessions are there before the clock starts.
func measureSecondFactor() async throws {
    // What a password costs is not measured here.
    let bench = try await Bench(passwordHash: Argon2id.Parameters(memoryKiB: 64, passes: 1, lanes: 1))
    let names = (0..<16).map { "person-\($0)@example.com" }
    var secrets: [String: [UInt8]] = [:]
    for name in names { secrets[name] = try await enrol(name, bench) }
    var (costs, walls): ([Int], [Int]) = ([], [])
    for _ in 0..<Rounds.count * 4 {
        bench.clock.advance(seconds: 60)
        var answers: [JSONValue] = []
        for name in names {
            let session = try await bench.signIn(name)["Session"] ?? .null
            answers.append([
                "ClientId": .string(Bench.clientId), "ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": session,
                "ChallengeResponses": [
                    "USERNAME": .string(name),
                    "SOFTWARE_TOKEN_MFA_CODE": .string(code(secrets[name] ?? [], bench.clock.milliseconds)),
                ],
            ])
        }
        let (wall, processor) = (wallTime(), processorTime())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for answer in answers { group.addTask { _ = try await bench.call("RespondToAuthChallenge", answer) } }
            try await group.waitForAll()
        }
        costs.append((processorTime() - processor) / names.count)
        walls.append((wallTime() - wall) / names.count)
    }
    report("SOFTWARE_TOKEN_MFA answered", nanoseconds: costs)
    let median = walls.sorted()[walls.count / 2]
    print("    sixteen at a time, by the clock on the wall, disk and all: \(1_000_000_000 / max(1, median)) per second")
}

private func enrol(_ name: String, _ bench: Bench) async throws -> [UInt8] {
    try await bench.addPerson(name)
    let token = try await bench.signIn(name)["AuthenticationResult"]?["AccessToken"] ?? .null
    let secret = try await bench.call("AssociateSoftwareToken", ["AccessToken": token])["SecretCode"]?.string
    let bytes = secret.flatMap { Base32.decode($0) } ?? []
    _ = try await bench.call(
        "VerifySoftwareToken",
        ["AccessToken": token, "UserCode": .string(code(bytes, bench.clock.milliseconds))])
    _ = try await bench.call(
        "SetUserMFAPreference",
        ["AccessToken": token, "SoftwareTokenMfaSettings": ["Enabled": true, "PreferredMfa": true]])
    return bytes
}

/// RFC 6238, as an authenticator computes it.
private func code(_ secret: [UInt8], _ milliseconds: Int64) -> String {
    let step = milliseconds / 30_000
    let hash = HMAC.sha1(key: secret, message: (0..<8).map { UInt8(truncatingIfNeeded: step >> Int64(56 - 8 * $0)) })
    let offset = Int(hash[19] & 15)
    let number = hash[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
    let digits = String(number % 1_000_000)
    return String(repeating: "0", count: 6 - digits.utf8.count) + digits
}
