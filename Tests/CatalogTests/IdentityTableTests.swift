import Catalog
import Testing

@Suite struct IdentityTableTests {
    private func makeUser(_ id: String, name: String) -> IdentityUser {
        IdentityUser(
            id: id, poolId: "p_1", username: name, usernameKey: name.lowercased(), attributes: ["email": name],
            groups: ["admin"], passwordHash: "$argon2id$", status: .unconfirmed, createdAt: 5)
    }

    private func withStore(_ body: (SQLiteIdentityStore) async throws -> Void) async throws {
        try await withCatalog { try await body(SQLiteIdentityStore(database: $0.database)) }
    }

    @Test func `an account comes back as it was saved, and a taken name is refused`() async throws {
        try await withStore { store in
            var user = makeUser("1", name: "Ann@example.com")
            user.confirmation = .init(codeHash: [1, 2], expiresAt: 9, failures: 3)
            let inserted = user
            #expect(try await store.write { try $0.insert(inserted) })
            let rival = makeUser("2", name: "ANN@example.com")
            #expect(try await store.write { try $0.insert(rival) } == false)
            #expect(try await store.read { try $0.user(poolId: "p_1", usernameKey: "ann@example.com") } == inserted)

            user.confirmation = nil
            user.status = .confirmed
            user.softwareToken = .init(sealedSecret: [7], lastAcceptedStep: 42)
            user.pendingSoftwareTokenSecret = [8]
            user.isSoftwareTokenEnabled = true
            user.passwordExpiresAt = 77
            user.attributes["name"] = "Ann \"A\""
            user.updatedAt = 6
            let saved = user
            try await store.write { try $0.save(saved) }
            #expect(try await store.read { try $0.user(id: "1") } == saved)
            #expect(try await store.read { try $0.user(id: "3") } == nil)
        }
    }

    @Test func `a session ends once, and expired rows are pruned`() async throws {
        try await withStore { store in
            let user = makeUser("1", name: "a")
            let early = IdentitySession(idHash: [1], userId: "1", clientId: "c", step: .softwareToken, expiresAt: 10)
            let late = IdentitySession(idHash: [2], userId: "1", clientId: "c", step: .newPassword, expiresAt: 20)
            try await store.write { transaction in
                _ = try transaction.insert(user)
                try transaction.insert(early)
                try transaction.insert(late)
                try transaction.save(IdentityAttempts(subject: "old", failures: 1, lastFailureAt: 1))
                try transaction.save(IdentityAttempts(subject: "new", failures: 2, lastFailureAt: 9, lockedUntil: 30))
                try transaction.pruneIdentity(now: 10, quietSince: 5)
            }
            #expect(try await store.read { try $0.session(idHash: [1]) } == nil)
            #expect(try await store.read { try $0.session(idHash: [2]) } == late)
            #expect(try await store.read { try $0.attempts(subject: "old").failures } == 0)
            #expect(try await store.read { try $0.attempts(subject: "new").lockedUntil } == 30)
            #expect(try await store.write { try $0.deleteSession(idHash: [2]) })
            #expect(try await store.write { try $0.deleteSession(idHash: [2]) } == false)
        }
    }

    @Test func `revoking takes one family or all of an account, and no other's`() async throws {
        try await withStore { store in
            let users = ["1", "2"].map { makeUser($0, name: $0) }
            let families = [("a", "1"), ("b", "1"), ("c", "2")].map { id, user in
                IdentityTokenFamily(
                    id: id, userId: user, clientId: "c", refreshTokenHash: Array(id.utf8), authenticatedAt: 1,
                    expiresAt: 100)
            }
            try await store.write { transaction in
                for user in users { _ = try transaction.insert(user) }
                for family in families { try transaction.insert(family) }
                try transaction.revokeTokenFamily(id: "a")
            }
            #expect(try await store.read { try $0.tokenFamily(id: "a") } == nil)
            #expect(try await store.read { try $0.tokenFamily(refreshTokenHash: Array("b".utf8)) } == families[1])
            try await store.write { try $0.revokeTokenFamilies(userId: "1") }
            #expect(try await store.read { try $0.tokenFamily(id: "b") } == nil)
            #expect(try await store.read { try $0.tokenFamily(id: "c") } == families[2])
        }
    }

    @Test func `clients are replaced by id and signing keys come newest first`() async throws {
        try await withStore { store in
            let keys = [("k1", 1), ("k2", 2)].map {
                IdentitySigningKey(id: $0.0, poolId: "p_1", sealedPrivateKey: [1], createdAt: Int64($0.1))
            }
            try await store.write { transaction in
                for key in keys { try transaction.insert(key) }
                try transaction.save(IdentityClient(id: "c", poolId: "p_1", name: "web", flows: ["A"]))
                try transaction.save(IdentityClient(id: "c", poolId: "p_1", name: "web", flows: ["A", "B"]))
            }
            #expect(try await store.read { try $0.client(id: "c")?.flows } == ["A", "B"])
            #expect(try await store.read { try $0.signingKeys(poolId: "p_1").map(\.id) } == ["k2", "k1"])
            #expect(try await store.read { try $0.signingKeys(poolId: "p_2") }.isEmpty)
        }
    }
}
