import Catalog
import Crypto
import JSON
import TestKit
import Testing
import WebAuthn

@testable import Identity

@Suite struct PasskeyRegistrationTests {
    @Test func `a passkey is registered, listed and deleted`() async throws {
        let pool = try await Pool.withPasskeys()
        let token = await pool.signIn().accessToken
        let begun = await pool.call("StartWebAuthnRegistration", ["AccessToken": .string(token)])
        let options = try #require(begun.body["CredentialCreationOptions"])
        #expect(options["rp"] == ["id": "localhost", "name": "localhost"])
        #expect(options["user"]?["name"] == .string(Pool.administrator) && options["excludeCredentials"] == [])
        #expect(options["attestation"] == "none" && options["timeout"] == 180_000)

        let first = try await pool.register(token)
        let second = try await pool.register(token) { $0.flags |= SoftwareAuthenticator.backupEligible }
        let known = Set([first, second].map { IdentityPasskey.id(of: $0.id) })
        let again = await pool.call("StartWebAuthnRegistration", ["AccessToken": .string(token)])
        let excluded = again.body["CredentialCreationOptions"]?["excludeCredentials"]?.array ?? []
        #expect(Set(excluded.compactMap { $0["id"]?.string }) == known)

        let list = await pool.call("ListWebAuthnCredentials", ["AccessToken": .string(token)]).body
        let listed = try #require(list["Credentials"]?.array)
        #expect(Set(listed.compactMap { $0["CredentialId"]?.string }) == known && list["NextToken"] == nil)
        #expect(
            listed[0]["FriendlyCredentialName"] == "Passkey" && listed[0]["RelyingPartyId"] == "localhost"
                && listed[0]["AuthenticatorAttachment"] == "platform"
                && listed[0]["AuthenticatorTransports"] == ["internal"]
                && listed[0]["CreatedAt"]?.number == Double(pool.clock.seconds))
        let page = await pool.call("ListWebAuthnCredentials", ["AccessToken": .string(token), "MaxResults": 1]).body
        let next = await pool.call(
            "ListWebAuthnCredentials",
            ["AccessToken": .string(token), "MaxResults": 1, "NextToken": page["NextToken"] ?? .null]
        ).body
        #expect((page["Credentials"]?.array ?? []) + (next["Credentials"]?.array ?? []) == listed)
        #expect(next["NextToken"] == nil)
        #expect(
            await pool.call("ListWebAuthnCredentials", ["AccessToken": .string(token), "MaxResults": 21]).error
                == "InvalidParameterException")

        let factors = await pool.call("GetUserAuthFactors", ["AccessToken": .string(token)]).body
        #expect(factors["ConfiguredUserAuthFactors"] == ["PASSWORD", "WEB_AUTHN"])
        func delete(_ authenticator: SoftwareAuthenticator) async -> Answer {
            await pool.call(
                "DeleteWebAuthnCredential",
                ["AccessToken": .string(token), "CredentialId": .string(IdentityPasskey.id(of: authenticator.id))])
        }
        #expect(await delete(first) == Answer(status: 200, body: [:]))
        #expect(await delete(first).error == "ResourceNotFoundException")
        #expect(try await pool.signInWithPasskey(first).error == "NotAuthorizedException")
        #expect(try await pool.signInWithPasskey(second).tokens != nil)
    }

    @Test func `a challenge is good once, for its account, its client and three minutes`() async throws {
        let pool = try await Pool.withPasskeys()
        try await pool.addPerson("ann@x.test")
        let (mine, anns) = (await pool.signIn().accessToken, await pool.signIn("ann@x.test").accessToken)
        let authenticator = SoftwareAuthenticator(key: try .p256())
        func complete(_ token: String, _ challenge: [UInt8]) async throws -> String? {
            let made = SoftwareAuthenticator(key: authenticator.key, id: SecureRandom.bytes(16))
            return await pool.completeRegistration(token, try made.create(challenge: challenge)).error
        }
        let missing = "WebAuthnChallengeNotFoundException"
        #expect(try await complete(mine, SecureRandom.bytes(32)) == missing)
        let first = try await pool.beginRegistration(mine)
        #expect(try await complete(anns, first) == missing)
        #expect(try await complete(mine, first) == nil)
        #expect(try await complete(mine, first) == missing)

        let replaced = try await pool.beginRegistration(mine)
        let current = try await pool.beginRegistration(mine)
        #expect(try await complete(mine, replaced) == missing)
        // A wrong answer was the one answer.
        #expect(try await complete(mine, current) == missing)

        let late = try await pool.beginRegistration(mine)
        pool.clock.advance(seconds: 180)
        #expect(try await complete(mine, late) == missing)

        try await pool.setFlows(Pool.passkeyFlows, of: "other")
        let other = await pool.call(
            "InitiateAuth",
            [
                "ClientId": "other", "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": ["USERNAME": .string(Pool.administrator), "PASSWORD": .string(Pool.password)],
            ]
        ).accessToken
        let bound = try await pool.beginRegistration(mine)
        #expect(try await complete(other, bound) == "WebAuthnClientMismatchException")
        #expect(try await complete(mine, bound) == nil)
    }

    @Test func `twenty answers at the same time register one passkey`() async throws {
        let pool = try await Pool.withPasskeys()
        let token = await pool.signIn().accessToken
        let challenge = try await pool.beginRegistration(token)
        let credentials = try (0..<20).map { _ in
            try SoftwareAuthenticator(key: .p256()).create(challenge: challenge)
        }
        let answers = await withTaskGroup(of: Answer.self, returning: [Answer].self) { group in
            for credential in credentials {
                group.addTask { await pool.completeRegistration(token, credential) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0.status == 200 } == 1)
        #expect(answers.count { $0.error == "WebAuthnChallengeNotFoundException" } == 19)
    }

    @Test func `each refusal has its name`() async throws {
        let pool = try await Pool.withPasskeys()
        let token = await pool.signIn().accessToken
        func refusal(_ change: (inout SoftwareAuthenticator) -> Void) async throws -> String? {
            var authenticator = SoftwareAuthenticator(key: try .p256())
            change(&authenticator)
            let credential = try authenticator.create(challenge: try await pool.beginRegistration(token))
            return await pool.completeRegistration(token, credential).error
        }
        #expect(try await refusal { $0.origin = "http://localhost:9999" } == "WebAuthnOriginNotAllowedException")
        #expect(try await refusal { $0.origin = "http://127.0.0.1:8080" } == "WebAuthnOriginNotAllowedException")
        #expect(
            try await refusal { $0.clientDataMembers = ["crossOrigin": true] } == "WebAuthnOriginNotAllowedException")
        #expect(
            try await refusal { $0.relyingPartyId = "example.com" } == "WebAuthnRelyingPartyMismatchException")
        #expect(try await refusal { $0.flags = 0 } == "WebAuthnCredentialNotSupportedException")
        #expect(try await refusal { $0.type = "webauthn.get" } == "InvalidParameterException")
        for credential: JSONValue in ["text", [:], [:], 7, ["type": "public-key"]] {
            #expect(await pool.completeRegistration(token, credential).error == "InvalidParameterException")
        }
        #expect(await pool.completeRegistration(token, .null).error == "InvalidParameterException")
        for operation in [
            "StartWebAuthnRegistration", "CompleteWebAuthnRegistration", "ListWebAuthnCredentials",
            "DeleteWebAuthnCredential", "GetUserAuthFactors",
        ] {
            #expect(await pool.call(operation, ["AccessToken": "x.y.z"]).error == "NotAuthorizedException")
            #expect(await pool.call(operation, [:]).error == "InvalidParameterException")
        }
    }

    @Test func `a passkey has one owner, and nobody else deletes it`() async throws {
        let pool = try await Pool.withPasskeys()
        try await pool.addPerson("ann@x.test")
        let (anns, mine) = (await pool.signIn("ann@x.test").accessToken, await pool.signIn().accessToken)
        let authenticator = try await pool.register(anns)
        let stolen = try authenticator.create(challenge: try await pool.beginRegistration(mine))
        #expect(await pool.completeRegistration(mine, stolen).error == "WebAuthnCredentialNotSupportedException")
        let id = IdentityPasskey.id(of: authenticator.id)
        let deleted = await pool.call(
            "DeleteWebAuthnCredential", ["AccessToken": .string(mine), "CredentialId": .string(id)])
        #expect(deleted.error == "ResourceNotFoundException")
        #expect(await pool.call("ListWebAuthnCredentials", ["AccessToken": .string(mine)]).body["Credentials"] == [])
        #expect(try await pool.signInWithPasskey(authenticator, as: "ann@x.test").tokens != nil)
        // They go with the account.
        #expect(await pool.call("DeleteUser", ["AccessToken": .string(anns)]).status == 200)
        #expect(try await pool.store.read { try $0.passkey(id: id) } == nil)
    }

    @Test func `an account has twenty passkeys at most`() async throws {
        let pool = try await Pool.withPasskeys()
        let token = await pool.signIn().accessToken
        for _ in 0..<19 { _ = try await pool.register(token) }
        let pending = try await pool.beginRegistration(token)
        let subject = try #require(try claims(token)["sub"]?.string)
        try await pool.store.write {
            _ = try $0.insert(
                IdentityPasskey(
                    id: "twentieth", userId: subject, relyingPartyId: "localhost", publicKey: [], signatureCount: 0,
                    isBackupEligible: false, transports: [], attachment: nil, createdAt: 0))
        }
        let credential = try SoftwareAuthenticator(key: .p256()).create(challenge: pending)
        #expect(await pool.completeRegistration(token, credential).error == "LimitExceededException")
        let begun = await pool.call("StartWebAuthnRegistration", ["AccessToken": .string(token)])
        #expect(begun.error == "LimitExceededException")
    }

    @Test func `where there are none people are told why`() async throws {
        let off = try await Pool.withPasskeys { $0.passkeys.isEnabled = false }
        let nameless = try await Pool.withPasskeys { $0.passkeys.relyingParty = nil }
        for (pool, error) in [
            (off, "WebAuthnNotEnabledException"), (nameless, "WebAuthnConfigurationMissingException"),
        ] {
            let token = await pool.signIn().accessToken
            for operation in ["StartWebAuthnRegistration", "CompleteWebAuthnRegistration"] {
                #expect(await pool.call(operation, ["AccessToken": .string(token)]).error == error)
            }
            let offered = await pool.choose()
            #expect(offered.body["AvailableChallenges"] == ["PASSWORD"])
            #expect(offered.body["ChallengeParameters"] == ["USERNAME": .string(Pool.administrator)])
            let answer = await pool.finishPasskey(offered.session, [:])
            #expect(answer.error == "InvalidParameterException")
        }
    }
}
