import Catalog
import Testing

@Suite struct IdentityTableTests {
    private func makeUser(_ id: String, name: String) -> IdentityUser {
        IdentityUser(
            id: id, poolId: "p_1", username: name, usernameKey: name.lowercased(), attributes: ["email": name],
            passwordHash: "$argon2id$", status: .unconfirmed, createdAt: 5)
    }

    private func withStore(_ body: (SQLiteIdentityStore) async throws -> Void) async throws {
        try await withCatalog { try await body(SQLiteIdentityStore($0)) }
    }

    @Test func `an account comes back as it was saved, and a taken name is refused`() async throws {
        try await withStore { store in
            var user = makeUser("1", name: "Ann@example.com")
            let inserted = user
            #expect(try await store.write { try $0.insert(inserted) })
            let rival = makeUser("2", name: "ANN@example.com")
            #expect(try await store.write { try $0.insert(rival) } == false)
            #expect(try await store.read { try $0.user(poolId: "p_1", usernameKey: "ann@example.com") } == inserted)

            user.status = .confirmed
            user.softwareToken = .init(sealedSecret: [7], lastAcceptedStep: 42)
            user.pendingSoftwareTokenSecret = [8]
            user.isSoftwareTokenEnabled = true
            user.passwordExpiresAt = 77
            user.sealedVerifier = [9, 9]
            user.attributes["name"] = "Ann \"A\""
            user.updatedAt = 6
            let saved = user
            try await store.write { try $0.save(saved) }
            #expect(try await store.read { try $0.user(id: "1") } == saved)
            #expect(try await store.read { try $0.user(id: "3") } == nil)
        }
    }

    @Test func `an account has one code for each purpose, and takes them along`() async throws {
        try await withStore { store in
            let user = makeUser("1", name: "a")
            var code = IdentityCode(userId: "1", purpose: .passwordReset, codeHash: [1], expiresAt: 9)
            let first = code
            try await store.write { transaction in
                _ = try transaction.insert(user)
                try transaction.save(first)
                try transaction.save(IdentityCode(userId: "1", purpose: .email, codeHash: [3], expiresAt: 7))
            }
            code.failures = 2
            let counted = code
            try await store.write { try $0.save(counted) }
            #expect(try await store.read { try $0.code(userId: "1", purpose: .passwordReset) } == counted)
            #expect(try await store.read { try $0.code(userId: "1", purpose: .signUp) } == nil)
            try await store.write { try $0.deleteCode(userId: "1", purpose: .passwordReset) }
            #expect(try await store.read { try $0.code(userId: "1", purpose: .passwordReset) } == nil)
            try await store.write { try $0.deleteUser(id: "1") }
            #expect(try await store.read { try $0.code(userId: "1", purpose: .email) } == nil)
        }
    }

    @Test func `groups are listed by name, and an account's by precedence`() async throws {
        try await withStore { store in
            let groups = [("b", Int64?.none), ("a", nil), ("c", 1)].map { name, precedence in
                IdentityGroup(poolId: "p_1", name: name, description: "d", precedence: precedence, createdAt: 3)
            }
            let users = ["1", "2"].map { makeUser($0, name: $0) }
            try await store.write { transaction in
                for user in users { _ = try transaction.insert(user) }
                for group in groups { #expect(try transaction.insert(group)) }
                #expect(try !transaction.insert(groups[0]))
                for group in groups + groups { try transaction.addMember("1", to: group) }
                try transaction.addMember("2", to: groups[0])
            }
            func names(of user: String?, after: String = "", limit: Int = 9) async throws -> [String] {
                try await store.read {
                    try $0.groups(poolId: "p_1", of: user, after: after, limit: limit).map(\.name)
                }
            }
            #expect(try await names(of: nil) == ["a", "b", "c"])
            #expect(try await names(of: nil, after: "a", limit: 1) == ["b"])
            #expect(try await names(of: "2") == ["b"])
            #expect(try await store.read { try $0.user(id: "1")?.groups } == ["c", "a", "b"])
            #expect(try await store.read { try $0.group(poolId: "p_1", name: "c") } == groups[2])
            var changed = groups[2]
            changed.description = nil
            changed.precedence = 7
            changed.updatedAt = 8
            let saved = changed
            try await store.write { transaction in
                try transaction.save(saved)
                try transaction.removeMember("1", from: groups[1])
                #expect(try transaction.deleteGroup(poolId: "p_1", name: "b"))
                #expect(try !transaction.deleteGroup(poolId: "p_1", name: "b"))
            }
            #expect(try await store.read { try $0.group(poolId: "p_1", name: "c") } == saved)
            #expect(try await store.read { try $0.user(id: "1")?.groups } == ["c"])
            #expect(try await store.read { try $0.user(id: "2")?.groups } == [])
        }
    }

    @Test func `accounts are listed by name, page by page, and found by what they have`() async throws {
        try await withStore { store in
            try await store.write { transaction in
                for name in ["Bob", "ann", "cid"] {
                    var user = makeUser(name, name: name)
                    user.attributes = ["email": "\(name)@x.test", "given_name": "é_\(name)", "custom:a\"b": name]
                    user.status = name == "cid" ? .confirmed : .unconfirmed
                    user.isEnabled = name != "ann"
                    _ = try transaction.insert(user)
                }
                let group = IdentityGroup(poolId: "p_1", name: "g", createdAt: 1)
                _ = try transaction.insert(group)
                try transaction.addMember("cid", to: group)
            }
            func found(_ filter: IdentityUserFilter, after: String = "", limit: Int = 9) async throws -> [String] {
                try await store.read {
                    try $0.users(poolId: "p_1", filter, after: after, limit: limit).map(\.username)
                }
            }
            #expect(try await found(.everybody) == ["ann", "Bob", "cid"])
            #expect(try await found(.everybody, after: "ann", limit: 1) == ["Bob"])
            #expect(try await found(.equal(.attribute("email"), "Bob@x.test")) == ["Bob"])
            #expect(try await found(.prefix(.attribute("given_name"), "é_B")) == ["Bob"])
            #expect(try await found(.prefix(.attribute("given_name"), "é%")) == [])
            #expect(try await found(.prefix(.usernameKey, "b")) == ["Bob"])
            #expect(try await found(.equal(.status, "CONFIRMED")) == ["cid"])
            #expect(try await found(.equal(.isEnabled, "0")) == ["ann"])
            #expect(try await found(.equal(.id, "cid")) == ["cid"])
            #expect(try await found(.members(of: "g")) == ["cid"])
            #expect(try await found(.members(of: "h")) == [])
        }
    }

    @Test func `verifiers stay as long as a client of the pool may use SRP`() async throws {
        try await withStore { store in
            for (id, pool) in [("1", "p_1"), ("2", "p_2")] {
                var user = IdentityUser(
                    id: id, poolId: pool, username: id, usernameKey: id, attributes: [:], passwordHash: "h",
                    status: .confirmed, createdAt: 5)
                user.sealedVerifier = [7]
                let inserted = user
                #expect(try await store.write { try $0.insert(inserted) })
            }
            func save(_ id: String, _ flows: Set<String>, in pool: String = "p_1") async throws {
                try await store.write { try $0.save(IdentityClient(id: id, poolId: pool, name: "n", flows: flows)) }
            }
            func state() async throws -> [Bool] {
                try await store.read { reader in
                    try ["p_1", "p_2"].map { try reader.usesSRP(poolId: $0) }
                        + ["1", "2"].map { try reader.user(id: $0)?.sealedVerifier != nil }
                }
            }
            try await save("a", [IdentityClient.srpFlow], in: "p_2")
            try await save("b", [IdentityClient.srpFlow, "ALLOW_REFRESH_TOKEN_AUTH"])
            try await save("c", [IdentityClient.srpFlow])
            #expect(try await state() == [true, true, true, true])
            try await save("b", [])
            #expect(try await state() == [true, true, true, true])
            try await save("c", ["ALLOW_USER_PASSWORD_AUTH"])
            #expect(try await state() == [false, true, false, true])
        }
    }

    @Test func `what is used once is used, until it has expired and is pruned`() async throws {
        try await withStore { store in
            #expect(try await store.write { try $0.use(once: [1], until: 10) })
            #expect(try await store.write { try $0.use(once: [1], until: 10) } == false)
            #expect(try await store.write { try $0.use(once: [2], until: 11) })
            try await store.write { try $0.pruneIdentity(now: 10, quietSince: 0) }
            #expect(try await store.write { try $0.use(once: [2], until: 11) } == false)
            #expect(try await store.write { try $0.use(once: [1], until: 10) })
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
            try await store.write { try $0.revokeTokenFamilies(userId: "1", except: "b") }
            #expect(try await store.read { try $0.tokenFamily(id: "b") } == families[1])
            try await store.write { try $0.revokeTokenFamilies(userId: "1") }
            #expect(try await store.read { try $0.tokenFamily(id: "b") } == nil)
            #expect(try await store.read { try $0.tokenFamily(id: "c") } == families[2])
        }
    }

    @Test func `a client comes back as it was saved, and is replaced by id`() async throws {
        try await withStore { store in
            var client = IdentityClient(id: "c", poolId: "p_1", name: "web", flows: ["A", "B"], createdAt: 3)
            let plain = client
            try await store.write { try $0.save(plain) }
            #expect(try await store.read { try $0.client(id: "c") } == plain)
            client.sealedSecret = [1, 2]
            client.accessToken = .init(5, .minutes)
            client.idToken = .init(2, .hours)
            client.refreshToken = .init(9, .days)
            client.rotationGraceSeconds = 0
            client.concealsUsers = false
            client.canRevoke = false
            client.updatedAt = 4
            let full = client
            try await store.write { try $0.save(full) }
            #expect(try await store.read { try $0.client(id: "c") } == full)
        }
    }

    @Test func `clients are listed by pool and id, and deleting one ends its families alone`() async throws {
        try await withStore { store in
            let user = makeUser("1", name: "a")
            try await store.write { transaction in
                _ = try transaction.insert(user)
                for (id, pool) in [("c1", "p_1"), ("c2", "p_1"), ("c3", "p_1"), ("c0", "p_2")] {
                    try transaction.save(IdentityClient(id: id, poolId: pool, name: "", flows: []))
                    try transaction.insert(
                        IdentityTokenFamily(
                            id: "f" + id, userId: "1", clientId: id, refreshTokenHash: Array(id.utf8),
                            authenticatedAt: 1, expiresAt: 100))
                }
            }
            let page = try await store.read { try $0.clients(poolId: "p_1", after: "c1", limit: 5) }
            #expect(page.map(\.id) == ["c2", "c3"])
            #expect(try await store.read { try $0.clients(poolId: "p_1", after: "", limit: 1) }.map(\.id) == ["c1"])
            let isDeleted = try await store.write { transaction in
                try transaction.revokeTokenFamilies(clientId: "c2")
                return try transaction.deleteClient(id: "c2")
            }
            #expect(isDeleted)
            #expect(try await store.write { try $0.deleteClient(id: "c2") } == false)
            #expect(try await store.read { try $0.tokenFamily(id: "fc2") } == nil)
            #expect(try await store.read { try $0.tokenFamily(id: "fc1") } != nil)
        }
    }

    @Test func `a family keeps how often its token was replaced`() async throws {
        try await withStore { store in
            let user = makeUser("1", name: "a")
            var family = IdentityTokenFamily(
                id: "f", userId: "1", clientId: "c", refreshTokenHash: [1], authenticatedAt: 1, expiresAt: 100)
            let first = family
            try await store.write { transaction in
                _ = try transaction.insert(user)
                try transaction.insert(first)
            }
            family.rotation = 7
            family.rotatedAt = 50
            let replaced = family
            try await store.write { try $0.save(replaced) }
            #expect(try await store.read { try $0.tokenFamily(id: "f") } == replaced)
        }
    }

    @Test func `the signing key that begins last comes first, until it is removed`() async throws {
        try await withStore { store in
            let keys = [("k1", 1, 5), ("k2", 2, 9), ("k3", 3, 4)].map {
                IdentitySigningKey(
                    id: $0.0, poolId: "p_1", sealedPrivateKey: [1], createdAt: Int64($0.1), signsFrom: Int64($0.2))
            }
            try await store.write { transaction in
                for key in keys { try transaction.insert(key) }
            }
            #expect(try await store.read { try $0.signingKeys(poolId: "p_1") } == [keys[1], keys[0], keys[2]])
            #expect(try await store.read { try $0.signingKeys(poolId: "p_2") }.isEmpty)
            try await store.write { try $0.deleteSigningKey(id: "k2") }
            #expect(try await store.read { try $0.signingKeys(poolId: "p_1").map(\.id) } == ["k1", "k3"])
        }
    }
}
