import Catalog
import SQLiteDatabase
import Testing

@Suite struct SigningKeyTableTests {
    private func makeKey(_ id: String, group: String = "g", createdAt: Int64 = 1) -> SigningKey {
        SigningKey(
            id: id, groupId: group, algorithm: "RSA-2048", publicKey: "pem", sealedPrivateKey: [1, 2],
            signsWhenTrusted: true, createdAt: createdAt, createdBy: "anna")
    }

    @Test func `a key comes back as it was stored, and as it was changed`() async throws {
        try await withCatalog { catalog in
            var key = makeKey("K1")
            let stored = try await catalog.write { [key] transaction in
                try transaction.insert(key)
                return try transaction.signingKey(id: "K1")
            }
            #expect(stored == key)
            key.state = .verifying
            (key.sequence, key.grantSeconds, key.signsWhenTrusted) = (7, 60, false)
            (key.signsFrom, key.signedUntil, key.verifiesUntil) = (2, 3, 4)
            try await catalog.write { [key] in try $0.update(key) }
            #expect(try await catalog.read { try $0.signingKey(id: "K1") } == key)
            key.state = .retired
            key.sealedPrivateKey = nil
            (key.retiredAt, key.retiredBy) = (5, "berta")
            try await catalog.write { [key] in try $0.update(key) }
            #expect(try await catalog.read { try $0.signingKey(id: "K1") } == key)
            #expect(try await catalog.read { try $0.unretiredSigningKeys() }.isEmpty)
            #expect(try await catalog.read { try $0.signingKeyGroups() } == ["g"])
        }
    }

    @Test func `of a group one key signs, and a retired one keeps no private half`() async throws {
        try await withCatalog { catalog in
            var (first, second, other) = (makeKey("K1"), makeKey("K2"), makeKey("K3", group: "h"))
            (first.state, second.state, other.state) = (.signing, .signing, .signing)
            try await catalog.write { [first, other] transaction in
                try transaction.insert(first)
                try transaction.insert(other)
            }
            let twice = await #expect(throws: DatabaseError.self) {
                try await catalog.write { [second] in try $0.insert(second) }
            }
            #expect(twice?.code == .uniqueViolation)
            first.state = .retired
            let kept = await #expect(throws: DatabaseError.self) {
                try await catalog.write { [first] in try $0.update(first) }
            }
            #expect(kept?.code == .constraintViolation)
            #expect(try await catalog.read { try $0.signer(ofGroup: "g")?.id } == "K1")
            #expect(try await catalog.read { try $0.signer(ofGroup: "h")?.id } == "K3")
            #expect(try await catalog.read { try $0.signer(ofGroup: "i") } == nil)
        }
    }

    @Test func `keys are listed newest first, page by page`() async throws {
        try await withCatalog { catalog in
            let keys = [makeKey("K1"), makeKey("K2"), makeKey("K3", createdAt: 9), makeKey("K4", group: "h")]
            try await catalog.write { transaction in for key in keys { try transaction.insert(key) } }
            let first = try await catalog.read { try $0.signingKeys(groupId: nil, limit: 3, after: nil) }
            #expect(first.items.map(\.id) == ["K3", "K4", "K2"] && first.next == PageKey(value: 1, id: "K2"))
            let rest = try await catalog.read { try $0.signingKeys(groupId: nil, limit: 3, after: first.next) }
            #expect(rest.items.map(\.id) == ["K1"] && rest.next == nil)
            let group = try await catalog.read { try $0.signingKeys(groupId: "g", limit: 3, after: nil) }
            #expect(group.items.map(\.id) == ["K3", "K2", "K1"] && group.next == nil)
            #expect(try await catalog.read { try $0.unretiredSigningKeys() }.map(\.id) == ["K1", "K2", "K3", "K4"])
        }
    }
}
