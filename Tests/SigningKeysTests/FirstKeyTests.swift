import Catalog
import Crypto
import Telemetry
import TestKit
import Testing

@testable import SigningKeys

@Suite struct FirstKeyTests {
    @Test func `the first start takes the configured key, and edges are told`() async throws {
        let bench = try await KeyBench.prepared()
        #expect(try await bench.signs(as: "KFIRST"))
        #expect(try await bench.lastOrder() == ["playback": ["KFIRST"]])
        let key = try await bench.keys.report(id: "KFIRST").key
        #expect(key.state == .signing && key.algorithm == "RSA-2048" && key.signsFrom == bench.now)
        #expect(key.publicKey == KeyBench.imported.publicKey.pem)
    }

    @Test func `without a configured key one is made`() async throws {
        let bench = try KeyBench()
        try await bench.keys.prepare(importing: nil)
        let key = try #require(try await bench.keys.reports(groupId: "playback", limit: 9, after: nil).items.first?.key)
        #expect(key.id.wholeMatch(of: /K[A-Z0-9]{13}/) != nil)
        #expect(try await bench.signs(as: key.id))
    }

    @Test func `a group that has keys never reads the file again`() async throws {
        let folder = TemporaryDirectory()
        let first = try KeyBench(folder: folder)
        try await first.keys.prepare(importing: SigningKeys.Imported(id: "KFIRST") { KeyBench.imported })
        let latest = try await first.latest()
        let again = try KeyBench(folder: folder)
        try await again.keys.prepare(
            importing: SigningKeys.Imported(id: "KOTHER") {
                Issue.record("the file was read")
                return KeyBench.imported
            })
        #expect(try await again.signs(as: "KFIRST"))
        #expect(try await again.latest() == latest)
        #expect(again.logged.lines.contains { $0.contains("configured signing key not used") && $0.contains("KOTHER") })
    }

    @Test func `the private half is sealed, and nothing opens under another sealing key`() async throws {
        let folder = TemporaryDirectory()
        let bench = try KeyBench(folder: folder)
        try await bench.keys.prepare(importing: SigningKeys.Imported(id: "KFIRST") { KeyBench.imported })
        let sealed = try #require(try await bench.keys.report(id: "KFIRST").key.sealedPrivateKey)
        #expect(!String(decoding: sealed, as: UTF8.self).contains("PRIVATE KEY"))
        let other = try KeyBench(folder: folder, sealingKey: 8)
        let error = await #expect(throws: CryptoError.self) { try await other.keys.prepare(importing: nil) }
        #expect(error?.description.contains("open the signing key KFIRST") == true)
    }

    @Test func `a key cannot be opened in another group's or another key's place`() async throws {
        let folder = TemporaryDirectory()
        let bench = try KeyBench(folder: folder)
        try await bench.keys.prepare(importing: SigningKeys.Imported(id: "KFIRST") { KeyBench.imported })
        let sealed = try await bench.keys.report(id: "KFIRST").key.sealedPrivateKey
        var moved = SigningKey(
            id: "KMOVED", groupId: "else", algorithm: "RSA-2048", publicKey: "", sealedPrivateKey: sealed,
            createdAt: 1, createdBy: "thief")
        moved.state = .signing
        try await bench.catalog.write { [moved] in try $0.insert(moved) }
        let thief = try KeyBench(folder: folder, groupId: "else")
        await #expect(throws: CryptoError.self) { try await thief.keys.signer() }
    }

    @Test func `a longer life of grants counts for the key that signs from the next start on`() async throws {
        let folder = TemporaryDirectory()
        try await KeyBench(folder: folder).keys.prepare(
            importing: SigningKeys.Imported(id: "KFIRST") { KeyBench.imported })
        for (seconds, kept) in [(100, 3_600), (7_200, 7_200), (100, 7_200)] as [(Int64, Int64)] {
            let bench = try KeyBench(folder: folder, grantSeconds: seconds)
            try await bench.keys.prepare(importing: nil)
            #expect(try await bench.keys.report(id: "KFIRST").key.grantSeconds == kept)
        }
    }
}
