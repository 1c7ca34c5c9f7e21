import Catalog
import EventLoop
import ObjectStore
import Objects
import TestKit
import Testing

@Suite struct ObjectsTests {
    private struct Forbidden: Error {}

    @Test func `an object is invisible until it is published, and has its MD5 as its tag`() async throws {
        try await withStores { catalog, blobs in
            let object = try await ObjectDraft.whole(described("a"), Array("hello".utf8), in: blobs)
            #expect(try await catalog.read { try $0.object(bucket: "b", key: "a") } == nil)
            try await catalog.publish([object], in: blobs) { _ in }
            let visible = try #require(try await catalog.read { try $0.object(bucket: "b", key: "a") })
            #expect((visible.size, visible.etag) == (5, "5d41402abc4b2a76b9719d911017c592"))
            let reader = try await blobs.open(visible.blob)
            #expect(try await reader.read(at: 0, count: 9) == Array("hello".utf8))
        }
    }

    @Test func `objects that may not be published leave nothing behind`() async throws {
        try await withStores { catalog, blobs in
            let objects = [
                try await ObjectDraft.whole(described("a"), [1, 2], in: blobs),
                try await ObjectDraft.whole(described("b"), [3], in: blobs),
            ]
            await #expect(throws: Forbidden.self) {
                try await catalog.publish(objects, in: blobs) { _ in throw Forbidden() }
            }
            #expect(try await catalog.read { try $0.objects(bucket: "b", prefix: "", from: "", limit: 9) }.isEmpty)
            #expect(try await blobs.names(writtenBefore: .max, after: "", limit: 9).isEmpty)
        }
    }

    @Test func `a discarded draft leaves nothing behind`() async throws {
        try await withStores { _, blobs in
            let draft = try await ObjectDraft(described("a"), expectedSize: nil, in: blobs)
            try await draft.append([1])
            await draft.discard()
            #expect(try await blobs.names(writtenBefore: .max, after: "", limit: 9).isEmpty)
        }
    }

    private func described(_ key: String) -> StoredObject {
        StoredObject(
            bucket: "b", key: key, blob: "", size: 0, etag: "", contentType: "text/plain", createdAt: 1)
    }

    private func withStores(_ body: (SQLiteCatalog, FileBlobStore) async throws -> Void) async throws {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let pool = try BlockingPool(name: "blobs", threads: 2, queueLimit: 64)
        defer { pool.shutdown() }
        try await body(
            try SQLiteCatalog(path: folder.file("catalog.sqlite")),
            try FileBlobStore(directory: folder.file("objects"), pool: pool, minimumFreeBytes: 0))
    }
}
