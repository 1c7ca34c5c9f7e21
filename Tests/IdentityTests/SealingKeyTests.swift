import Bytes
import Catalog
import Crypto
import JSON
import Telemetry
import TestKit
import Testing

@testable import Identity

/// What becomes of a pool whose operator puts another sealing key before the one there was, and takes that away in the end.
@Suite struct SealingKeyTests {
    private static let (old, new) = ([UInt8](repeating: 7, count: 32), [UInt8](repeating: 8, count: 32))

    /// The pool as an origin with these sealing keys serves it.
    private static func service(_ pool: Pool, _ keys: [[UInt8]]) async throws -> IdentityService {
        var settings = pool.service.settings
        settings.sealingKeys = keys
        return try await IdentityService(
            store: pool.store, settings: settings, delivery: pool.outbox,
            logger: Logger(label: "test", sink: MemorySink())
        ) { [clock = pool.clock] in clock.milliseconds }
    }

    private static func call(
        _ service: IdentityService, _ operation: CognitoOperation, _ input: JSONValue
    ) async throws -> JSONValue {
        try await service.perform(operation, CognitoInput(input.serialized()))
    }

    private static func renew(
        _ service: IdentityService, _ client: TestClient, _ token: String
    ) async throws -> String {
        let answer = try await call(
            service, .getTokensFromRefreshToken,
            [
                "ClientId": .string(client.id), "ClientSecret": .string(client.secret ?? ""),
                "RefreshToken": .string(token),
            ])
        return try #require(answer["AuthenticationResult"]?["RefreshToken"]?.string)
    }

    /// Signs the administrator in with a code of the authenticator.
    private static func signIn(_ service: IdentityService, _ code: String) async throws -> Bool {
        let parameters: JSONValue = ["USERNAME": .string(Pool.administrator), "PASSWORD": .string(Pool.password)]
        let begun = try await call(
            service, .initiateAuth,
            [
                "ClientId": .string(Pool.clientId), "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters,
            ])
        let responses: JSONValue = [
            "USERNAME": .string(Pool.administrator), "SOFTWARE_TOKEN_MFA_CODE": .string(code),
        ]
        let answer = try await call(
            service, .respondToAuthChallenge,
            [
                "ClientId": .string(Pool.clientId), "ChallengeName": "SOFTWARE_TOKEN_MFA",
                "Session": begun["Session"] ?? .null, "ChallengeResponses": responses,
            ])
        return answer["AuthenticationResult"] != nil
    }

    /// Seals everything anew, as the control API does in batches; how much there was to do.
    private static func rewrap(_ service: IdentityService, _ pool: Pool) async throws -> Int {
        try await pool.catalog.write { [rewrapping = service.sealedValues] transaction in
            var count = 0
            for (column, rewrap) in rewrapping {
                for value in try transaction.sealedValues(column, after: "", limit: 100) {
                    guard let sealed = try rewrap(value) else { continue }
                    try transaction.replace(value, in: column, with: sealed)
                    count += 1
                }
            }
            return count
        }
    }

    @Test func `names, salts and codes are derived from the pool's own secret, whatever the sealing key`() async throws
    {
        let pool = try await Pool()
        let first = try SecretSealer(keys: [Self.old], poolId: Pool.id)
        for keys in [[Self.old], [Self.new, Self.old]] {
            let sealer = try await SecretSealer(keys: keys, poolId: Pool.id, store: pool.store)
            #expect(sealer.salt(of: "nobody") == first.salt(of: "nobody"))
            #expect(sealer.subject("totp", "1") == first.subject("totp", "1"))
            #expect(sealer.keyedHash("refresh|1") == first.keyedHash("refresh|1"))
        }
        await #expect(throws: CryptoError.self) {
            try await SecretSealer(keys: [Self.new], poolId: Pool.id, store: pool.store)
        }
    }

    @Test func `authenticators, clients and replaced refresh tokens outlast a sealing key`() async throws {
        let pool = try await Pool()
        let client = try await pool.makeClient([
            "GenerateSecret": true,
            "RefreshTokenRotation": ["Feature": "ENABLED", "RetryGracePeriodSeconds": 0],
        ])
        let first = try #require(await pool.signIn(client).refreshToken)
        let second = try #require(await pool.renew(client, first).refreshToken)
        let secret = try await pool.enrol()

        let both = try await Self.service(pool, [Self.new, Self.old])
        let third = try await Self.renew(both, client, second)
        #expect(try await Self.signIn(both, pool.code(secret)))
        // The authenticator, the client's secret, the key of tokens and the pool's secret.
        #expect(try await Self.rewrap(both, pool) == 4)
        #expect(try await Self.rewrap(both, pool) == 0)

        let after = try await Self.service(pool, [Self.new])
        pool.clock.advance(seconds: 30)
        #expect(try await Self.signIn(after, pool.code(secret)))
        _ = try await Self.renew(after, client, third)
        await #expect(throws: CognitoError.refreshTokenReuse) { try await Self.renew(after, client, second) }
        await #expect(throws: CryptoError.self) { try await Self.service(pool, [Self.old]) }
    }

    @Test func `passwords are checked with SRP under a new sealing key as before`() async throws {
        let pool = try await Pool()
        let sealed = try pool.service.sealer.seal(
            SRPVerifier(Pool.password, of: "ann", poolId: Pool.id, sealer: pool.service.sealer), of: "1")
        let both = try await Self.service(pool, [Self.new, Self.old])
        let value = SealedValue(id: "1", owner: "1", scope: Pool.id, sealed: sealed)
        let rewrapped = try #require(try both.sealedValues[.verifier]?(value))
        let after = try SecretSealer(keys: [Self.new], poolId: Pool.id)
        #expect(try after.verifier(rewrapped, of: "1").salt == both.sealer.salt(of: "ann"))
        #expect(throws: CryptoError.self) { try after.verifier(sealed, of: "1") }
    }
}
