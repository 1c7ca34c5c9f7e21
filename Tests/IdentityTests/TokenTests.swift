import Bytes
import Catalog
import Crypto
import HTTPServer
import HTTPWire
import JSON
import Telemetry
import TestKit
import Testing

@testable import Identity

@Suite struct TokenTests {
    private func token(_ header: JSONValue, _ claims: JSONValue, _ sign: ([UInt8]) throws -> [UInt8]) rethrows -> String
    {
        let input = [header, claims].map { Base64.encode($0.serialized(), alphabet: .url) }.joined(separator: ".")
        return input + "." + Base64.encode(try sign(Array(input.utf8)), alphabet: .url)
    }

    private func refusal(_ pool: Pool, _ token: String) async -> AccessTokenRefusal? {
        do {
            _ = try await pool.service.tokenVerifier.verify(token)
            return nil
        } catch {
            return error as? AccessTokenRefusal
        }
    }

    @Test func `an access token names its person until it ends, to the second`() async throws {
        let pool = try await Pool()
        let token = await pool.signIn().accessToken
        let principal = try await pool.service.tokenVerifier.verify(token)
        #expect(principal.username == Pool.administrator && principal.groups == ["admin"])
        #expect(principal.clientId == Pool.clientId && principal.expiresAt == pool.clock.seconds + 3600)
        pool.clock.advance(seconds: 3599)
        #expect(await refusal(pool, token) == nil)
        pool.clock.advance(seconds: 1)
        #expect(await refusal(pool, token) == .expired)
    }

    @Test func `other algorithms, foreign keys and key references are refused`() async throws {
        let pool = try await Pool()
        let good = await pool.signIn().accessToken
        let claims = JSONValue.object(try claims(good))
        let key = pool.service.keys.signing(at: pool.clock.milliseconds)
        let kid = JSONValue.string(key.id)
        let stranger = try PrivateKey.generateRSA()
        #expect(
            await refusal(
                pool, try token(["kid": kid, "alg": "RS256"], claims) { try key.privateKey.sign($0, .sha256) }) == nil)

        var forged = ["none", "None", "NONE", ""].map { alg in
            token(["kid": kid, "alg": .string(alg)], claims) { _ in [] }
        }
        let elliptic = try PrivateKey.generateP256()
        for alg in ["ES256", "RS256"] as [JSONValue] {
            forged.append(try token(["kid": kid, "alg": alg], claims) { try elliptic.sign($0, .sha256) })
        }
        let keySet = pool.service.keys.document
        for secret in [key.publicKey.pem, keySet.description, keySet["keys"]?[0]?.description ?? ""] {
            forged.append(
                token(["kid": kid, "alg": "HS256"], claims) { HMAC.sha256(key: Array(secret.utf8), message: $0) })
            forged.append(
                token(["kid": kid, "alg": "RS256"], claims) { HMAC.sha256(key: Array(secret.utf8), message: $0) })
        }
        forged.append(try token(["kid": kid, "alg": "RS256"], claims) { try stranger.sign($0, .sha256) })
        forged.append(try token(["kid": kid, "alg": "RS256"], claims) { try key.privateKey.sign($0, .sha1) })
        forged.append(try token(["alg": "RS256"], claims) { try key.privateKey.sign($0, .sha256) })
        for kid in ["../../dev/null", "' OR 1=1 --", "unknown", ""] {
            forged.append(
                try token(["kid": .string(kid), "alg": "RS256"], claims) { try key.privateKey.sign($0, .sha256) })
        }
        for name in ["jku", "x5u", "jwk", "x5c", "crit"] {
            let header: JSONObject = ["kid": kid, "alg": "RS256", name: "https://evil.test/jwks.json"]
            forged.append(try token(.object(header), claims) { try key.privateKey.sign($0, .sha256) })
        }
        forged += [
            "", ".", "..", "a.b.c", good + ".", good + "x", String(good.dropLast()),
            String(repeating: "a", count: 20_000),
        ]
        for token in forged {
            #expect(await refusal(pool, token) == .invalid, "\(token)")
        }
    }

    @Test func `claims for another purpose, pool, person or sign-in are refused`() async throws {
        let pool = try await Pool()
        let answer = await pool.signIn()
        let identityToken = try #require(answer.tokens?["IdToken"]?.string)
        #expect(await refusal(pool, identityToken) == .invalid)
        let key = pool.service.keys.signing(at: pool.clock.milliseconds)
        for (name, value, expected) in [
            ("token_use", "id", .invalid), ("token_use", nil, .invalid),
            ("iss", "http://127.0.0.1:9000/eu_Other", .invalid),
            ("iss", .string(Pool.issuer + "/"), .invalid), ("exp", nil, .invalid), ("exp", "9999999999", .invalid),
            ("exp", 0, .expired), ("sub", "someone-else", .revoked), ("origin_jti", "unknown", .revoked),
            ("client_id", "other", .revoked), ("origin_jti", nil, .invalid),
        ] as [(String, JSONValue?, AccessTokenRefusal)] {
            var claims = try claims(answer.accessToken)
            claims[name] = value
            let token = try token(["kid": .string(key.id), "alg": "RS256"], .object(claims)) {
                try key.privateKey.sign($0, .sha256)
            }
            #expect(await refusal(pool, token) == expected, "\(name) = \(String(describing: value))")
        }
    }

    @Test func `discovery leads to the key that verifies the tokens`() async throws {
        let pool = try await Pool()
        func get(_ path: String) async -> JSONValue {
            var request = pool.request("", [], path: path)
            request.method = .get
            return await pool.answer(request).body
        }
        let configuration = await get("/\(Pool.id)/.well-known/openid-configuration")
        #expect(configuration["issuer"] == .string(Pool.issuer))
        #expect(configuration["jwks_uri"] == .string(Pool.issuer + "/.well-known/jwks.json"))
        let key = try #require(await get("/\(Pool.id)/.well-known/jwks.json")["keys"]?[0])
        #expect(key["kty"] == "RSA" && key["alg"] == "RS256" && key["use"] == "sig" && key["e"] == "AQAB")
        let token = await pool.signIn().accessToken
        let header = try JSONValue.parse(try #require(Base64.decode(token.prefix { $0 != "." }, alphabet: .url)))
        #expect(header["kid"] == key["kid"] && header["alg"] == "RS256")
    }

    @Test func `the first start makes a key and an administrator, and later starts keep them`() async throws {
        let folder = TemporaryDirectory()
        let store = SQLiteIdentityStore(try SQLiteCatalog(path: folder.file("catalog.sqlite")))
        var settings = IdentitySettings(
            region: "r", userPoolId: "r_1", issuer: "http://h/r_1", sealingKey: [UInt8](repeating: 1, count: 32))
        settings.passwordHash = Argon2id.Parameters(memoryKiB: 64, passes: 1, lanes: 1)
        let outbox = Outbox()
        await #expect(throws: TokenKeys.NoKeys.self) {
            try await IdentityService(
                store: store, settings: settings, delivery: outbox, logger: Logger(label: "t", sink: MemorySink()))
        }
        let bootstrap = IdentityBootstrap(store: store, settings: settings)
        try await bootstrap.run(clientId: "c", administrator: .init(email: "a@x.test", password: "the first one"))
        let before = try #require(try await store.read { try $0.user(poolId: "r_1", usernameKey: "a@x.test") })
        try await bootstrap.run(clientId: "c", administrator: .init(email: "A@x.test", password: "another one"))
        #expect(try await store.read { try $0.user(poolId: "r_1", usernameKey: "a@x.test") } == before)
        #expect(try await store.read { try $0.signingKeys(poolId: "r_1") }.count == 1)
        settings.sealingKeys = [[UInt8](repeating: 2, count: 32)]
        await #expect(throws: CryptoError.self) {
            try await IdentityService(
                store: store, settings: settings, delivery: outbox, logger: Logger(label: "t", sink: MemorySink()))
        }
    }

    @Test func `secrets in the database are sealed, hashed or absent`() async throws {
        let pool = try await Pool()
        let secret = try await pool.enrol()
        let user = try #require(
            try await pool.store.read { try $0.user(poolId: Pool.id, usernameKey: Pool.administrator) })
        let sealed = try #require(user.softwareToken?.sealedSecret)
        #expect(sealed.count > secret.count && !sealed.starts(with: secret))
        #expect(try pool.service.sealer.open(sealed, owner: user.id, field: .softwareToken) == secret)
        #expect(throws: CryptoError.self) {
            try pool.service.sealer.open(sealed, owner: "another", field: .softwareToken)
        }
        #expect(user.passwordHash?.hasPrefix("$argon2id$") == true)
        let other = try SecretSealer(keys: [[UInt8](repeating: 8, count: 32)], poolId: Pool.id)
        #expect(throws: CryptoError.self) { try other.open(sealed, owner: user.id, field: .softwareToken) }
        #expect(throws: CryptoError.self) { try SecretSealer(keys: [[1, 2, 3]], poolId: Pool.id) }
    }
}
