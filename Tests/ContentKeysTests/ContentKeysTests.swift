import Catalog
import ContentKeys
import Crypto
import Presentation
import TestKit
import Testing

@Suite struct ContentKeysTests {
    private let folder = TemporaryDirectory()
    private let keys: ContentKeys
    private let catalog: SQLiteCatalog

    init() async throws {
        keys = ContentKeys(sealingKeys: try SealingKeys([UInt8](repeating: 1, count: 32)))
        catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        try await catalog.write { transaction in
            for id in ["a", "b"] {
                try transaction.insert(
                    Video(
                        id: id, ownerId: "o", ownerName: "O", title: "T", fileName: "f", contentType: "video/mp4",
                        uploadKey: "\(id)/original", declaredSize: 10, visibility: .private, createdAt: 1))
            }
        }
    }

    private func begin(_ videoId: String, isEncrypted: Bool = true) async throws {
        try await catalog.write { [keys] in
            try keys.begin(videoId: videoId, isEncrypted: isEncrypted, in: $0)
        }
    }

    private func key(_ videoId: String) async throws -> ContentKey? {
        try await catalog.read { [keys] in try keys.key(of: videoId, in: $0) }
    }

    @Test func `each video, and each beginning, has a key of its own`() async throws {
        #expect(try await key("a") == nil)
        try await begin("a")
        try await begin("b")
        let (first, other) = (try await key("a"), try await key("b"))
        #expect(first != nil && other != nil && first != other)
        #expect(try await key("a") == first)
        try await begin("a")
        let second = try await key("a")
        #expect(second != nil && second != first)
        try await begin("a", isEncrypted: false)
        #expect(try await key("a") == nil)
        #expect(try await key("b") == other)
    }

    @Test func `what is in the catalog is sealed, for one video and under one sealing key`() async throws {
        try await begin("a")
        let key = try #require(try await key("a"))
        let sealed = try #require(try await catalog.read { try $0.sealedContentKey(videoId: "a") })
        #expect(sealed.firstRange(of: key.bytes) == nil)
        try await catalog.write { try $0.store(sealedContentKey: sealed, videoId: "b") }
        await #expect(throws: CryptoError.self) { try await self.key("b") }
        let others = ContentKeys(sealingKeys: try SealingKeys([UInt8](repeating: 2, count: 32)))
        await #expect(throws: CryptoError.self) { try await catalog.read { try others.key(of: "a", in: $0) } }
    }

    @Test func `a key goes with its video`() async throws {
        try await begin("a")
        _ = try await catalog.write { try $0.deleteVideo(id: "a") }
        #expect(try await catalog.read { try $0.sealedContentKey(videoId: "a") } == nil)
    }
}
