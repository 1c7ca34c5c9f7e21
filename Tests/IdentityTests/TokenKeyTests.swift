import Bytes
import Catalog
import HTTPServer
import HTTPWire
import JSON
import Testing

@testable import Identity

@Suite struct TokenKeyTests {
    private typealias Turns = TokenKeyTurns

    @Test func `a key is published, signs, verifies until its last token has ended, and ends`() {
        #expect(Turns.states([], now: 5) == [])
        #expect(Turns.states([10], now: 5) == [.signing])
        let change: Int64 = 1_000_000
        let end = change + Turns.verifyingSeconds * 1000
        #expect(Turns.states([change, 10], now: change - 1) == [.published, .signing])
        #expect(Turns.states([change, 10], now: change) == [.signing, .verifying])
        #expect(Turns.states([change, 10], now: end - 1) == [.signing, .verifying])
        #expect(Turns.states([change, 10], now: end) == [.signing, .ended])
        #expect(Turns.states([end, change, 10], now: end) == [.signing, .verifying, .ended])
        #expect(Turns.states([end, change, 10], now: change) == [.published, .signing, .verifying])
    }

    @Test func `the times leave no verifier without a key it needs`() {
        #expect(Turns.publishedSeconds > Turns.cacheSeconds)
        #expect(Turns.verifyingSeconds > IdentityClient.longestTokenSeconds)
    }

    @Test func `keys take turns by age, and no token is refused before its end`() async throws {
        let pool = try await Pool { $0.tokenKeySeconds = 10 * 86_400 }
        let client = try await pool.makeClient(["AccessTokenValidity": 24])
        let keeper = try pool.service.keyKeeper()
        pool.clock.advance(seconds: 10 * 86_400 - 1)
        try await keeper.keepUp()
        #expect(await keyIds(pool) == ["key1"])

        pool.clock.advance(seconds: 1)
        for _ in 0..<2 { try await keeper.keepUp() }
        let published = await keyIds(pool)
        #expect(published.count == 2 && published.last == "key1")
        pool.clock.advance(seconds: Turns.publishedSeconds - 1)
        let last = await pool.signIn(client).accessToken
        #expect(try keyId(last) == "key1")
        pool.clock.advance(seconds: 1)
        let first = await pool.signIn(client).accessToken
        #expect(try keyId(first) == published[0])
        #expect(await isAlive(pool, first))

        pool.clock.advance(seconds: 86_400 - 2)
        try await keeper.keepUp()
        #expect(await isAlive(pool, last))
        #expect(await keyIds(pool) == published)
        pool.clock.advance(seconds: 62)
        try await keeper.keepUp()
        #expect(await keyIds(pool) == [published[0]])
        #expect(try await pool.store.read { try $0.signingKeys(poolId: Pool.id).map(\.id) } == [published[0]])
        #expect(await isAlive(pool, await pool.signIn(client).accessToken))
    }

    @Test func `another origin of the pool learns of a key before it signs`() async throws {
        let pool = try await Pool { $0.tokenKeySeconds = 86_400 }
        let clock = pool.clock
        let other = try await IdentityService(
            store: pool.store, settings: pool.service.settings, delivery: pool.outbox,
            logger: pool.service.logger, clock: { clock.milliseconds })
        pool.clock.advance(seconds: 86_400)
        try await pool.service.keyKeeper().keepUp()
        try await other.keyKeeper().keepUp()
        pool.clock.advance(seconds: Turns.publishedSeconds)
        let token = await pool.signIn().accessToken
        #expect(try keyId(token) != "key1")
        #expect(try await other.tokenVerifier.verify(token).username == Pool.administrator)
        #expect(try await pool.store.read { try $0.signingKeys(poolId: Pool.id).count } == 2)
    }

    @Test func `a pool may keep its key for ever`() async throws {
        let pool = try await Pool { $0.tokenKeySeconds = 0 }
        pool.clock.advance(seconds: 4000 * 86_400)
        try await pool.service.keyKeeper().keepUp()
        #expect(await keyIds(pool) == ["key1"])
    }

    @Test func `an administrator rotates before the time, once until the next key signs`() async throws {
        let pool = try await Pool()
        let keeper = try pool.service.keyKeeper()
        let before = await pool.signIn().accessToken
        let turn = try await keeper.rotate(isUrgent: false)
        #expect(turn.signsFrom == pool.clock.milliseconds + Turns.publishedSeconds * 1000)
        #expect(try await keeper.rotate(isUrgent: false) == turn)
        #expect(await keyIds(pool) == [turn.keyId, "key1"])
        #expect(try keyId(await pool.signIn().accessToken) == "key1")
        pool.clock.advance(seconds: Turns.publishedSeconds)
        #expect(try keyId(await pool.signIn().accessToken) == turn.keyId)
        #expect(await isAlive(pool, before))
    }

    @Test func `after a leak no token of the old keys is good, at once`() async throws {
        let pool = try await Pool()
        let keeper = try pool.service.keyKeeper()
        let signedIn = await pool.signIn()
        _ = try await keeper.rotate(isUrgent: false)
        let turn = try await keeper.rotate(isUrgent: true)
        #expect(await keyIds(pool) == [turn.keyId])
        #expect(await isAlive(pool, signedIn.accessToken) == false)
        let renewed = await pool.refresh(TestClient(id: Pool.clientId, secret: nil), signedIn.refreshToken ?? "")
        #expect(try keyId(renewed.accessToken) == turn.keyId)
        #expect(await isAlive(pool, renewed.accessToken))
    }

    private func isAlive(_ pool: Pool, _ accessToken: String) async -> Bool {
        await pool.call("GetUser", ["AccessToken": .string(accessToken)]).error == nil
    }

    private func keyId(_ token: String) throws -> String? {
        try JSONValue.parse(try #require(Base64.decode(token.prefix { $0 != "." }, alphabet: .url)))["kid"]?.string
    }

    private func keyIds(_ pool: Pool) async -> [String] {
        var request = pool.request("", [], path: "/\(Pool.id)/.well-known/jwks.json")
        request.method = .get
        return await (pool.answer(request).body["keys"]?.array ?? []).compactMap { $0["kid"]?.string }
    }
}
