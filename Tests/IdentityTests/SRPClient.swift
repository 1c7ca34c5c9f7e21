import Bytes
import Catalog
import Crypto
import HTTPWire
import JSON
import Testing

@testable import Identity

/// The client's half, computed as the libraries do it, on hexadecimal texts, with nothing of the server's but the prime.
struct SRPClient: Sendable {
    let poolName: String
    let password: String
    let secret: Natural
    let publicValue: Natural

    init(poolName: String = "Test", password: String = Pool.password, secret: [UInt8] = SecureRandom.bytes(128)) throws
    {
        self.poolName = poolName
        self.password = password
        self.secret = Natural(secret)
        publicValue = try SRPGroup.prime.power(Natural([2]), self.secret)
    }

    /// The signature for what the server answered; nil where the client would give up.
    func signature(
        username: String, salt: String, serverValue: String, secretBlock: [UInt8], timestamp: String
    ) throws -> String? {
        let prime = SRPGroup.prime
        // A number again before it is written for the next hash: zeros that the hash begins with are gone there.
        let scrambler = Self.number(Self.hash(Self.padded(Self.text(publicValue)) + Self.padded(serverValue)))
        let inner = Hex.encode(Digest.sha256(Array("\(poolName)\(username):\(password)".utf8)))
        let exponent = Self.number(Self.hash(Self.padded(salt) + inner))
        let multiplier = Self.number(Self.hash(Self.padded(Self.text(prime.value)) + Self.padded("2")))
        let verifier = try prime.power(Natural([2]), exponent)
        let base = try prime.difference(Self.number(serverValue), prime.product(multiplier, verifier))
        guard !base.isZero else { return nil }
        // To the power of a + u·x.
        let scrambled = try prime.power(prime.power(base, scrambler), exponent)
        let shared = try prime.product(prime.power(base, secret), scrambled)
        let extracted = HMAC.sha256(
            key: Self.bytes(Self.padded(Self.text(scrambler))), message: Self.bytes(Self.padded(Self.text(shared))))
        let key = HMAC.sha256(key: extracted, message: Array("Caldera Derived Key".utf8) + [1]).prefix(16)
        let message = Array("\(poolName)\(username)".utf8) + secretBlock + Array(timestamp.utf8)
        return Base64.encode(HMAC.sha256(key: Array(key), message: message))
    }

    /// As Python writes a number: without zeros before it.
    static func text(_ number: Natural) -> String {
        let digits = Hex.encode(number.bytes).drop { $0 == "0" }
        return digits.isEmpty ? "0" : String(digits)
    }

    private static func padded(_ digits: String) -> String {
        if digits.utf8.count % 2 == 1 { return "0" + digits }
        return "89abcdef".contains(digits.first ?? "0") ? "00" + digits : digits
    }

    private static func bytes(_ digits: String) -> [UInt8] { Hex.decode(digits) ?? [] }

    private static func number(_ digits: String) -> Natural { Natural(hexadecimal: digits) ?? Natural([]) }

    private static func hash(_ digits: String) -> String { Hex.encode(Digest.sha256(bytes(digits))) }
}

extension Natural {
    var doubled: Natural { Natural(zip([0] + bytes, bytes + [0]).map { $0 << 1 | $1 >> 7 }) }
}

extension Pool {
    static let srpFlows: Set<String> = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

    /// A pool whose client may use SRP, and whose administrator has signed in with the password since.
    static func withSRP(_ change: (inout IdentitySettings) -> Void = { _ in }) async throws -> Pool {
        let pool = try await Pool(change)
        try await pool.setFlows(srpFlows)
        _ = await pool.signIn()
        return pool
    }

    func setFlows(_ flows: Set<String>, of clientId: String = Pool.clientId) async throws {
        try await store.write {
            try $0.save(IdentityClient(id: clientId, poolId: Self.id, name: "n", flows: flows))
        }
    }

    /// `Fri Jan 15 08:00:00 UTC 2027`, for a time that is so far from now.
    func timestamp(secondsFromNow seconds: Int64 = 0) -> String {
        let parts = HTTPDate.format(clock.seconds + seconds).split(separator: " ")
        let day = parts[1].hasPrefix("0") ? parts[1].dropFirst() : parts[1]
        return "\(parts[0].prefix(3)) \(parts[2]) \(day) \(parts[4]) UTC \(parts[3])"
    }

    func beginSRP(
        _ username: String = Pool.administrator, publicValue: String, clientId: String = Pool.clientId
    ) async -> Answer {
        await call(
            "InitiateAuth",
            [
                "ClientId": .string(clientId), "AuthFlow": "USER_SRP_AUTH",
                "AuthParameters": ["USERNAME": .string(username), "SRP_A": .string(publicValue)],
            ])
    }

    func beginSRP(_ client: SRPClient, as username: String = Pool.administrator) async -> Answer {
        await beginSRP(username, publicValue: SRPClient.text(client.publicValue))
    }

    /// The `ChallengeResponses` that a client would send.
    func responses(
        to begun: Answer, _ client: SRPClient, timestamp: String? = nil
    ) throws -> JSONObject {
        let parameters = try #require(begun.body["ChallengeParameters"]?.object, "\(begun)")
        func text(_ name: String) throws -> String { try #require(parameters[name]?.string) }
        let timestamp = timestamp ?? self.timestamp()
        let block = try text("SECRET_BLOCK")
        let signature = try client.signature(
            username: text("USER_ID_FOR_SRP"), salt: text("SALT"), serverValue: text("SRP_B"),
            secretBlock: Base64.decode(block) ?? [], timestamp: timestamp)
        return [
            "TIMESTAMP": .string(timestamp), "USERNAME": .string(try text("USERNAME")),
            "PASSWORD_CLAIM_SECRET_BLOCK": .string(block),
            "PASSWORD_CLAIM_SIGNATURE": .string(try #require(signature)),
        ]
    }

    func finishSRP(_ responses: JSONObject, clientId: String = Pool.clientId) async -> Answer {
        await call(
            "RespondToAuthChallenge",
            [
                "ClientId": .string(clientId), "ChallengeName": "PASSWORD_VERIFIER",
                "ChallengeResponses": .object(responses),
            ])
    }

    /// Both calls, as a client library makes them.
    func signInWithSRP(_ username: String = Pool.administrator, _ password: String = Pool.password) async throws
        -> Answer
    {
        let client = try SRPClient(password: password)
        let begun = await beginSRP(client, as: username)
        guard begun.error == nil else { return begun }
        return await finishSRP(try responses(to: begun, client))
    }

    func user(_ username: String = Pool.administrator) async throws -> IdentityUser {
        try #require(try await store.read { try $0.user(poolId: Self.id, usernameKey: username) })
    }

    func passwordFailures(_ username: String = Pool.administrator) async throws -> Int {
        let subject = service.sealer.subject("password", username)
        return try await store.read { try $0.attempts(subject: subject).failures }
    }
}
