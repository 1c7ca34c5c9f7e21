import Catalog
import Crypto
import JSON
import Testing

@testable import Identity

/// When a verifier is kept, and that none outlives its password.
@Suite struct SRPVerifierTests {
    private func setPassword(_ password: String, of pool: Pool, _ username: String) async {
        let answer = await pool.signedCall(
            "AdminSetUserPassword",
            [
                "UserPoolId": .string(Pool.id), "Username": .string(username), "Password": .string(password),
                "Permanent": true,
            ])
        #expect(answer.status == 200)
    }

    @Test func `none is kept unless a client may use it, and then from the next sign-in on`() async throws {
        let pool = try await Pool()
        try await pool.addPerson("ann@x.test")
        #expect(await pool.signIn("ann@x.test").tokens != nil)
        for name in [Pool.administrator, "ann@x.test"] { #expect(try await pool.user(name).sealedVerifier == nil) }

        try await pool.setFlows(Pool.srpFlows)
        let unknown = try await pool.signInWithSRP("nobody@x.test")
        #expect(try await pool.signInWithSRP("ann@x.test") == unknown)
        #expect(await pool.signIn("ann@x.test", "wrong password").tokens == nil)
        #expect(try await pool.user("ann@x.test").sealedVerifier == nil)
        #expect(await pool.signIn("ann@x.test").tokens != nil)
        let kept = try await pool.user("ann@x.test").sealedVerifier
        #expect(kept != nil)
        #expect(try await pool.signInWithSRP("ann@x.test").tokens != nil)
        #expect(await pool.signIn("ann@x.test").tokens != nil)
        #expect(try await pool.user("ann@x.test").sealedVerifier == kept)
    }

    @Test func `all of them go when the last client may not use SRP any more`() async throws {
        let pool = try await Pool.withSRP()
        try await pool.setFlows(Pool.srpFlows, of: "other")
        try await pool.setFlows(Pool.srpFlows, of: "third")
        #expect(try await pool.user().sealedVerifier != nil)
        try await pool.setFlows(IdentityClient.usualFlows)
        #expect(try await pool.user().sealedVerifier != nil)
        try await pool.setFlows(IdentityClient.usualFlows, of: "other")
        #expect(try await pool.user().sealedVerifier != nil)
        #expect(try await pool.store.write { try $0.deleteClient(id: "third") })
        #expect(try await pool.user().sealedVerifier == nil)
        #expect(await pool.signIn().tokens != nil)
        #expect(try await pool.user().sealedVerifier == nil)
    }

    @Test func `a new password has a verifier of its own, by whatever name the account was named`() async throws {
        let pool = try await Pool.withSRP()
        let id = try await pool.user().id
        for (name, password) in [("ADMIN@example.com", "second password"), (id, "third password")] {
            let before = try await pool.user().sealedVerifier
            await setPassword(password, of: pool, name)
            #expect(try await pool.user().sealedVerifier != before)
            #expect(try await pool.signInWithSRP(Pool.administrator, password).tokens != nil)
            #expect(try await pool.signInWithSRP().error == "NotAuthorizedException")
        }
    }

    @Test func `whoever changes or forgot a password goes on with SRP and the new one`() async throws {
        let pool = try await Pool.withSRP()
        let changed = await pool.call(
            "ChangePassword",
            [
                "AccessToken": .string(await pool.signIn().accessToken), "PreviousPassword": .string(Pool.password),
                "ProposedPassword": "second password",
            ])
        #expect(changed.status == 200)
        #expect(try await pool.signInWithSRP(Pool.administrator, "second password").tokens != nil)
        #expect(try await pool.signInWithSRP().error == "NotAuthorizedException")

        let named: JSONObject = ["ClientId": .string(Pool.clientId), "Username": .string(Pool.administrator)]
        #expect(await pool.call("ForgotPassword", .object(named)).status == 200)
        var proven = named
        proven["ConfirmationCode"] = .string(try await pool.outbox.next().code)
        proven["Password"] = "third password"
        #expect(await pool.call("ConfirmForgotPassword", .object(proven)).status == 200)
        #expect(try await pool.signInWithSRP(Pool.administrator, "third password").tokens != nil)
        #expect(try await pool.signInWithSRP(Pool.administrator, "second password").error == "NotAuthorizedException")
    }

    @Test func `a sign-in that began with the old password does not end with the new one`() async throws {
        let pool = try await Pool.withSRP()
        let client = try SRPClient()
        let responses = try pool.responses(to: await pool.beginSRP(client), client)
        // Even the same password again is another verifier.
        await setPassword(Pool.password, of: pool, Pool.administrator)
        #expect(await pool.finishSRP(responses).error == "NotAuthorizedException")
        #expect(try await pool.signInWithSRP().tokens != nil)
    }

    @Test func `setting a hash alone forgets the verifier`() {
        var user = IdentityUser(
            id: "1", poolId: "p_1", username: "a", usernameKey: "a", attributes: [:], passwordHash: "h",
            status: .confirmed, createdAt: 0)
        user.sealedVerifier = [1]
        user.passwordHash = "i"
        #expect(user.sealedVerifier == nil)
    }

    @Test func `what is stored is sealed`() async throws {
        let pool = try await Pool.withSRP()
        let user = try await pool.user()
        let sealed = try #require(user.sealedVerifier)
        let verifier = try SRPVerifier(
            Pool.password, of: user.usernameKey, poolId: Pool.id, sealer: pool.service.sealer)
        #expect(try pool.service.sealer.verifier(sealed, of: user.id) == verifier)
        #expect(sealed.count == 5 + 12 + 1 + verifier.salt.bytes.count + verifier.value.bytes.count + 16)
        #expect(
            !sealed.indices.dropLast(16).contains {
                Array(sealed[$0..<$0 + 16]) == Array(verifier.value.bytes.prefix(16))
            })
    }
}
