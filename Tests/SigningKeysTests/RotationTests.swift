import Audit
import Catalog
import Crypto
import EdgeControl
import JSON
import Testing

@testable import SigningKeys

@Suite struct RotationTests {
    private let life = KeyBench.grantSeconds + 60

    @Test func `a new key signs only once every connected edge trusts it`() async throws {
        let bench = try await KeyBench.prepared()
        try await bench.edge("near", at: 1)
        try await bench.edge("far", at: 1)
        let new = try await bench.keys.rotate(to: nil, algorithm: .ecdsaP256, by: "anna")
        #expect(new.key.state == .trusted && new.key.createdBy == "anna")
        #expect(new.edges.connected == 2 && new.edges.waitingFor == ["far", "near"])
        #expect(try await bench.lastOrder()?["playback"]?.sorted() == ["KFIRST", new.key.id].sorted())

        try await bench.edge("near", at: new.key.sequence)
        #expect(try await bench.keeper.keepUp() == .edges(new.key.sequence))
        #expect(try await bench.signs(as: "KFIRST"))
        #expect(try await bench.keys.report(id: new.key.id).edges.waitingFor == ["far"])

        try await bench.edge("far", at: new.key.sequence)
        _ = try await bench.keeper.keepUp()
        #expect(try await bench.signs(as: new.key.id))
        #expect(try await bench.state("KFIRST") == .verifying)
        #expect(try await bench.latest() == new.key.sequence, "edges verify with both and need no further order")
    }

    @Test func `the audit log tells of every step in a key's life`() async throws {
        let bench = try await KeyBench.prepared()
        let new = try await bench.keys.rotate(to: nil, algorithm: .ecdsaP256, by: "anna").key.id
        _ = try await bench.keeper.keepUp()
        bench.advance(seconds: life)
        _ = try await bench.keeper.keepUp()
        _ = try await bench.keeper.keepUp()
        let told = try await bench.catalog.read { try $0.auditLines(after: 0, limit: 99) }.map(\.document)
        #expect(
            told.map { "\($0["action"]?.string ?? "") \($0["subject"]?.string ?? "")" } == [
                "signing_key_created signing-key:KFIRST", "signing_key_created signing-key:\(new)",
                "signing_key_signs signing-key:\(new)", "signing_key_retired signing-key:KFIRST",
            ])
        #expect(told.map { $0["details"]?["state"]?.string } == ["signing", "trusted", "signing", "retired"])
        #expect(told[1]["details"]?["signsWhenTrusted"] == true && told[0]["details"]?["group"] == "playback")
    }

    @Test func `an edge that is not connected holds nothing up`() async throws {
        let bench = try await KeyBench.prepared()
        try await bench.edge("gone", at: 1)
        let new = try await bench.keys.rotate(to: nil, algorithm: .ecdsaP256, by: "anna")
        bench.advance(seconds: 31)
        _ = try await bench.keeper.keepUp()
        #expect(try await bench.signs(as: new.key.id))
    }

    @Test func `the old key retires when its last grants have lapsed, and not before`() async throws {
        let bench = try await KeyBench.prepared()
        let new = try await bench.keys.rotate(to: nil, algorithm: .ecdsaP256, by: "anna")
        #expect(try await bench.keeper.keepUp() == .rest(.seconds(60)))
        bench.advance(seconds: life - 1)
        #expect(try await bench.keeper.keepUp() == .rest(.seconds(1)))
        #expect(try await bench.state("KFIRST") == .verifying)
        bench.advance(seconds: 1)
        #expect(try await bench.keeper.keepUp() == .rest(.seconds(60)))
        let old = try await bench.keys.report(id: "KFIRST").key
        #expect(old.state == .retired && old.sealedPrivateKey == nil && old.retiredAt == bench.now)
        #expect(old.retiredBy == nil)
        #expect(try await bench.lastOrder() == ["playback": [new.key.id]])
    }

    @Test func `rotating back makes a verifying key sign again, and keeps it from lapsing`() async throws {
        let bench = try await KeyBench.prepared()
        let new = try await bench.keys.rotate(to: nil, algorithm: .ecdsaP256, by: "anna")
        _ = try await bench.keeper.keepUp()
        _ = try await bench.keys.rotate(to: "KFIRST", algorithm: .rsa2048, by: "anna")
        bench.advance(seconds: life)
        _ = try await bench.keeper.keepUp()
        #expect(try await bench.signs(as: "KFIRST"))
        #expect(try await bench.keys.report(id: "KFIRST").key.verifiesUntil == nil)
        #expect(try await bench.state(new.key.id) == .verifying)
    }

    @Test func `one rotation at a time, and retiring the new key gives it up`() async throws {
        let bench = try await KeyBench.prepared()
        try await bench.edge("far", at: 1)
        let new = try await bench.keys.rotate(to: nil, algorithm: .ecdsaP256, by: "anna")
        for id in [nil, "KFIRST"] {
            let refusal = await #expect(throws: KeyRefusal.self) {
                try await bench.keys.rotate(to: id, algorithm: .ecdsaP256, by: "anna")
            }
            #expect(refusal?.code == .rotating && refusal?.message.contains("weir keys retire \(new.key.id)") == true)
        }
        _ = try await bench.keys.retire(id: new.key.id, isUrgent: false, by: "anna")
        #expect(try await bench.keeper.keepUp() == .rest(.seconds(60)))
        #expect(try await bench.signs(as: "KFIRST"))
        #expect(try await bench.lastOrder() == ["playback": ["KFIRST"]])
    }

    @Test func `the key that signs is not retired`() async throws {
        let bench = try await KeyBench.prepared()
        let latest = try await bench.latest()
        for isUrgent in [false, true] {
            let refusal = await #expect(throws: KeyRefusal.self) {
                try await bench.keys.retire(id: "KFIRST", isUrgent: isUrgent, by: "anna")
            }
            #expect(refusal?.code == .signs && refusal?.message.contains("weir keys rotate") == true)
        }
        #expect(try await bench.latest() == latest)
    }

    @Test func `a leaked key is refused at once, an old one only when its grants have lapsed`() async throws {
        let bench = try await KeyBench.prepared()
        let new = try await bench.keys.rotate(to: nil, algorithm: .ecdsaP256, by: "anna")
        _ = try await bench.keeper.keepUp()
        let patient = try await bench.keys.retire(id: "KFIRST", isUrgent: false, by: "anna")
        #expect(patient.key.state == .verifying)
        try await bench.edge("near", at: try await bench.latest())
        let urgent = try await bench.keys.retire(id: "KFIRST", isUrgent: true, by: "anna")
        #expect(urgent.key.state == .retired && urgent.key.retiredBy == "anna" && urgent.key.sealedPrivateKey == nil)
        #expect(urgent.edges.waitingFor == ["near"])
        #expect(try await bench.lastOrder() == ["playback": [new.key.id]])
        let again = try await bench.keys.retire(id: "KFIRST", isUrgent: true, by: "berta")
        #expect(again.key == urgent.key, "retiring a retired key changes nothing")
    }

    @Test func `a group has at most five keys that edges trust`() async throws {
        let bench = try await KeyBench.prepared()
        for _ in 2...5 { _ = try await bench.keys.create(algorithm: .ecdsaP256, groupId: nil, by: "anna") }
        for attempt in [false, true] {
            let refusal = await #expect(throws: KeyRefusal.self) {
                attempt
                    ? try await bench.keys.rotate(to: nil, algorithm: .ecdsaP256, by: "anna")
                    : try await bench.keys.create(algorithm: .ecdsaP256, groupId: nil, by: "anna")
            }
            #expect(refusal?.code == .tooMany && refusal?.message.contains("KFIRST (signing)") == true)
        }
        _ = try await bench.keys.create(algorithm: .ecdsaP256, groupId: "partners", by: "anna")
        #expect(try await bench.lastOrder()?.mapValues(\.count) == ["playback": 5, "partners": 1])
    }

    @Test func `a public key is trusted and never signs`() async throws {
        let bench = try await KeyBench.prepared()
        let added = try await bench.keys.trust(
            publicKey: KeyBench.imported.publicKey.pem, groupId: nil, by: "anna")
        #expect(added.key.state == .trusted && added.key.sealedPrivateKey == nil)
        let refusal = await #expect(throws: KeyRefusal.self) {
            try await bench.keys.rotate(to: added.key.id, algorithm: .rsa2048, by: "anna")
        }
        #expect(refusal?.code == .cannotSign)
        let nonsense = await #expect(throws: KeyRefusal.self) {
            try await bench.keys.trust(publicKey: "nonsense", groupId: nil, by: "anna")
        }
        #expect(nonsense?.code == .unusable)
    }

    @Test(arguments: KeyAlgorithm.allCases) func `every algorithm signs what its public half verifies`(
        algorithm: KeyAlgorithm
    ) async throws {
        let bench = try await KeyBench.prepared()
        let new = try await bench.keys.rotate(to: nil, algorithm: algorithm, by: "anna")
        _ = try await bench.keeper.keepUp()
        #expect(new.key.algorithm == algorithm.rawValue)
        #expect(try await bench.opens(with: new.key))
    }

    @Test func `the keeper of a running origin lets a key sign as soon as the last edge has acknowledged`() async throws
    {
        let bench = try await KeyBench.prepared()
        try await bench.edge("near", at: 1)
        let work = Task { await bench.keeper.run() }
        let new = try await bench.keys.rotate(to: nil, algorithm: .ecdsaP256, by: "anna")
        try await bench.edge("near", at: new.key.sequence)
        while try await bench.state(new.key.id) != .signing { try await Task.sleep(for: .milliseconds(5)) }
        #expect(try await bench.state("KFIRST") == .verifying)
        work.cancel()
        await work.value
    }
}
