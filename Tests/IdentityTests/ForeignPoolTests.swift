import Catalog
import HTTPServer
import HTTPWire
import JSON
import Testing

@testable import Identity

/// What belongs to one pool is nothing in another.
@Suite struct ForeignPoolTests {
    @Test func `tokens, sessions, clients and refresh tokens of one pool are refused by another`() async throws {
        let pool = try await Pool()
        let other = try await pool.makePool()
        let theirs = await pool.signIn(other.client, OtherPool.name)
        let token = theirs.accessToken
        // The control API, and everybody who only knows the installation's own pool.
        await #expect(throws: AccessTokenRefusal.invalid) { try await pool.service.tokenVerifier.verify(token) }
        let direct = await pool.service.api(
            pool.request("GetUser", JSONValue.object(["AccessToken": .string(token)]).serialized()))
        #expect(direct.status == .badRequest)
        // A client of the wrong pool beside it does not help.
        let input: JSONValue = ["AccessToken": .string(token), "ClientId": .string(Pool.clientId)]
        #expect(await pool.call("GetUser", input).error == "NotAuthorizedException")

        let own = TestClient(id: Pool.clientId, secret: nil)
        let refreshToken = try #require(theirs.refreshToken)
        #expect(await pool.refresh(own, refreshToken).error == "NotAuthorizedException")
        #expect(await pool.renew(own, refreshToken).error == "NotAuthorizedException")
        let revocation: JSONValue = ["ClientId": .string(Pool.clientId), "Token": .string(refreshToken)]
        #expect(await pool.call("RevokeToken", revocation).error == "UnauthorizedException")
        #expect(await pool.signIn(other.client, Pool.administrator).error == "NotAuthorizedException")
        let crossed = await pool.onPool(
            Pool.id, "AdminInitiateAuth",
            [
                "ClientId": .string(other.client.id), "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
                "AuthParameters": ["USERNAME": .string(OtherPool.name), "PASSWORD": .string(Pool.password)],
            ])
        #expect(crossed.error == "ResourceNotFoundException")
        for operation in ["DescribeUserPoolClient", "DeleteUserPoolClient"] {
            let answer = await pool.onPool(Pool.id, operation, ["ClientId": .string(other.client.id)])
            #expect(answer.error == "ResourceNotFoundException")
        }
        #expect(await pool.call("GetUser", ["AccessToken": .string(token)]).status == 200)
    }

    @Test func `an account of one pool is not administered through another, nor are its sign-ins ended`() async throws {
        let pool = try await Pool()
        let other = try await pool.makePool()
        let token = await pool.signIn(other.client, OtherPool.name).accessToken
        let sub = try #require(try claims(token)["sub"])
        for operation in ["AdminGetUser", "AdminDeleteUser", "AdminDisableUser", "AdminListUserSessions"] {
            #expect(await pool.onPool(Pool.id, operation, ["Username": sub]).error == "UserNotFoundException")
        }
        let sessions = await pool.call("ListUserSessions", ["AccessToken": .string(token)]).body["Sessions"]?.array
        let session = try #require(sessions?.first?["SessionId"])
        let mine = await pool.signIn().accessToken
        let ended = await pool.call("RevokeUserSession", ["AccessToken": .string(mine), "SessionId": session])
        #expect(ended.error == "ResourceNotFoundException")
        #expect(await pool.call("GetUser", ["AccessToken": .string(token)]).status == 200)
    }

    @Test func `a sign-in that has begun in one pool does not go on in another`() async throws {
        let pool = try await Pool()
        let other = try await pool.makePool(["MfaConfiguration": "ON"])
        let begun = await pool.signIn(other.client, OtherPool.name)
        #expect(begun.challenge == "MFA_SETUP")
        #expect(
            await pool.respond("MFA_SETUP", session: begun.session, username: OtherPool.name).error
                == "NotAuthorizedException")
        let input: JSONValue = ["Session": .string(begun.session)]
        let direct = await pool.service.api(pool.request("AssociateSoftwareToken", input.serialized()))
        #expect(direct.status == .badRequest)
        #expect(await pool.call("AssociateSoftwareToken", input).body["SecretCode"] != nil)
    }

    @Test func `wrong guesses in one pool lock nobody in another`() async throws {
        let pool = try await Pool()
        let other = try await pool.makePool()
        try await pool.addPerson(OtherPool.name)
        for _ in 0..<5 { _ = await pool.signIn(OtherPool.name, "wrong password") }
        #expect(await pool.signIn(OtherPool.name).message == "Password attempts exceeded")
        #expect(await pool.signIn(other.client, OtherPool.name).tokens != nil)
    }

    @Test func `nothing of a deleted pool is good or left, and nothing of others is gone`() async throws {
        let pool = try await Pool()
        let other = try await pool.makePool()
        let tokens = await pool.signIn(other.client, OtherPool.name)
        _ = await pool.onPool(other.id, "CreateGroup", ["GroupName": "crew"])
        let mine = await pool.signIn()
        #expect(await pool.onPool(other.id, "DeleteUserPool").status == 200)
        #expect(
            await pool.call("GetUser", ["AccessToken": .string(tokens.accessToken)]).error == "NotAuthorizedException")
        try await pool.pools.keepUp()
        #expect(await pool.signIn(other.client, OtherPool.name).error == "ResourceNotFoundException")
        #expect(await pool.refresh(other.client, tokens.refreshToken ?? "").error == "ResourceNotFoundException")
        #expect(await pool.onPool(other.id, "ListUsers").error == "ResourceNotFoundException")
        let left = try await pool.store.read { reader in
            [
                try reader.deletedPools().count, try reader.signingKeys(poolId: other.id).count,
                try reader.clients(poolId: other.id, after: "", limit: 9).count,
                try reader.users(poolId: other.id, .everybody, after: "", limit: 9).count,
                try reader.groups(poolId: other.id, of: nil, after: "", limit: 9).count,
            ]
        }
        #expect(left == [0, 0, 0, 0, 0])
        #expect(await pool.call("GetUser", ["AccessToken": .string(mine.accessToken)]).status == 200)
    }

    @Test func `what one origin makes and deletes, another finds and misses`() async throws {
        let pool = try await Pool()
        let elsewhere = try UserPools(first: pool.service)
        let other = try await pool.makePool()
        #expect(try await elsewhere.service(ofPool: other.id)?.settings.userPoolId == other.id)
        #expect(await pool.onPool(other.id, "DeleteUserPool").status == 200)
        pool.clock.advance(seconds: 5)
        #expect(try await elsewhere.service(ofPool: other.id) == nil)
    }

    @Test func `removing goes on in parts until nothing is left`() async throws {
        let pool = try await Pool()
        let other = try await pool.makePool()
        try await pool.store.write { transaction in
            for index in 0..<5 {
                _ = try transaction.insert(
                    IdentityUser(
                        id: "u\(index)", poolId: other.id, username: "u\(index)", usernameKey: "u\(index)",
                        attributes: [:], passwordHash: nil, status: .confirmed, createdAt: 0))
            }
            var deleted = try #require(try transaction.pool(id: other.id))
            deleted.isDeleted = true
            try transaction.save(deleted)
        }
        var parts = 0
        while try await !pool.store.write({ try $0.removeDeletedPool(id: other.id, limit: 2) }) { parts += 1 }
        // One client, six people.
        #expect(parts == 4)
        #expect(try await pool.store.read { try $0.deletedPools() }.isEmpty)
    }
}
