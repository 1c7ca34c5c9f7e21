import Catalog
import EventLoop
import ObjectStore
import Objects
import Synchronization
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

    @Test func `an assembled object is its own bytes and then those of others, from any byte to any other`()
        async throws
    {
        try await withStores { catalog, blobs in
            let object = try await assembled(in: catalog, blobs)
            #expect((object.size, object.ownSize) == (9, 4))
            #expect(object.etag.hasSuffix("-3"))
            let bytes = try await ObjectBytes(of: object, in: blobs, catalog)
            for start in 0..<9 {
                for end in start...9 {
                    let expected = Array("head12bc1".utf8)[start..<end]
                    #expect(
                        try await read(bytes, Int64(start)..<Int64(end)).elementsEqual(expected), "\(start)..<\(end)")
                }
            }
        }
    }

    @Test func `the same bytes assembled again have the same tag, others have another`() async throws {
        try await withStores { catalog, blobs in
            let first = try await assembled(in: catalog, blobs)
            let second = try await assembled(in: catalog, blobs)
            #expect(first.blob != second.blob && first.etag == second.etag)
            let other = try await AssembledObject(described("x"), own: Array("head".utf8), then: [], in: blobs)
            #expect(other.object.etag != first.etag)
        }
    }

    @Test func `a part that is stored again with the same bytes is still there, with others it is gone`() async throws {
        try await withStores { catalog, blobs in
            let object = try await assembled(in: catalog, blobs)
            let bytes = try await ObjectBytes(of: object, in: blobs, catalog)
            try await store("b", "abc", in: catalog, blobs)
            let discarded = try await catalog.read { try $0.discardedBlobs(limit: 9) }
            for blob in discarded { try await blobs.delete(blob) }
            #expect(try await read(bytes, 0..<9).elementsEqual("head12bc1".utf8))
            try await store("b", "xyz", in: catalog, blobs)
            #expect(try await read(bytes, 0..<6).elementsEqual("head12".utf8))
            let refusal = await #expect(throws: BlobStoreError.self) { _ = try await read(bytes, 0..<9) }
            #expect(refusal?.code == .missing)
        }
    }

    @Test func `an assembled object that goes leaves its parts to whom they belong`() async throws {
        try await withStores { catalog, blobs in
            let object = try await assembled(in: catalog, blobs)
            let (part, discarded) = try await catalog.write { transaction in
                _ = try transaction.deleteObject(bucket: "b", key: "whole")
                return (
                    try transaction.objectPart(blob: object.blob, holding: 5), try transaction.discardedBlobs(limit: 9)
                )
            }
            #expect(part == nil && discarded == [object.blob])
            #expect(try await catalog.read { try $0.object(bucket: "b", key: "a") } != nil)
        }
    }

    @Test func `an object of several blobs is read from any byte to any other, and so is its copy`() async throws {
        try await withStores { catalog, blobs in
            let object = try await pieced(in: catalog, blobs)
            let copy = try await ObjectCopy(of: object, as: described("copy"), in: blobs, catalog)
            try await catalog.publish(copy, in: blobs) { _ in }
            #expect(copy.object.etag == object.etag && copy.object.size == 9 && copy.pieces.count == 3)
            for whole in [object, copy.object] {
                let bytes = try await ObjectBytes(of: whole, in: blobs, catalog)
                for start in 0..<9 {
                    for end in start...9 {
                        let expected = Array("onetwosix".utf8)[start..<end]
                        #expect(
                            try await read(bytes, Int64(start)..<Int64(end)).elementsEqual(expected),
                            "\(start)..<\(end)")
                    }
                }
            }
        }
    }

    @Test func `a copy does not end with its source, and takes its own blobs with it`() async throws {
        try await withStores { catalog, blobs in
            let object = try await pieced(in: catalog, blobs)
            let copy = try await ObjectCopy(of: object, as: described("copy"), in: blobs, catalog)
            try await catalog.publish(copy, in: blobs) { _ in }
            _ = try await catalog.write { try $0.deleteObject(bucket: "b", key: "whole") }
            let discarded = try await catalog.read { try $0.discardedBlobs(limit: 9) }
            #expect(discarded.count == 4 && discarded.contains(object.blob))
            for blob in discarded { try await blobs.delete(blob) }
            let bytes = try await ObjectBytes(of: copy.object, in: blobs, catalog)
            #expect(try await read(bytes, 0..<9).elementsEqual("onetwosix".utf8))
            let left = try await blobs.names(writtenBefore: .max, after: "", limit: 9)
            #expect(left == ([copy.object.blob] + copy.pieces.map(\.blob)).sorted())
        }
    }

    @Test func `a copy that may not be published leaves no blob behind`() async throws {
        try await withStores { catalog, blobs in
            let object = try await pieced(in: catalog, blobs)
            let before = try await blobs.names(writtenBefore: .max, after: "", limit: 99)
            let copy = try await ObjectCopy(of: object, as: described("copy"), in: blobs, catalog)
            await #expect(throws: Forbidden.self) {
                try await catalog.publish(copy, in: blobs) { _ in throw Forbidden() }
            }
            #expect(try await blobs.names(writtenBefore: .max, after: "", limit: 99) == before)
        }
    }

    @Test func `a copy of an assembled object has all the bytes itself`() async throws {
        try await withStores { catalog, blobs in
            let object = try await assembled(in: catalog, blobs)
            let copy = try await ObjectCopy(of: object, as: described("copy"), in: blobs, catalog)
            #expect(copy.pieces.isEmpty && copy.object.ownSize == nil && copy.object.etag == object.etag)
            let bytes = try await blobs.open(copy.object.blob).read(at: 0, count: 99)
            #expect(bytes.elementsEqual("head12bc1".utf8))
        }
    }

    @Test func `bytes of an object that is gone are missing from the next blob on`() async throws {
        try await withStores { catalog, blobs in
            let object = try await pieced(in: catalog, blobs)
            let bytes = try await ObjectBytes(of: object, in: blobs, catalog)
            _ = try await catalog.write { try $0.deleteObject(bucket: "b", key: "whole") }
            #expect(try await read(bytes, 0..<3).elementsEqual("one".utf8))
            let refusal = await #expect(throws: BlobStoreError.self) { _ = try await read(bytes, 0..<4) }
            #expect(refusal?.code == .missing)
        }
    }

    /// "one", "two", "six" and nothing, each in a blob of its own, as an upload in parts leaves them.
    private func pieced(in catalog: SQLiteCatalog, _ blobs: FileBlobStore) async throws -> StoredObject {
        var parts: [UploadPart] = []
        for (index, text) in ["one", "two", "six", ""].enumerated() {
            let stored = try await ObjectDraft.whole(described("whole"), Array(text.utf8), in: blobs)
            parts.append(
                UploadPart(number: index + 1, blob: stored.blob, size: stored.size, etag: stored.etag, createdAt: 1))
        }
        var object = described("whole")
        (object.blob, object.size, object.ownSize, object.etag) = (parts[0].blob, 9, 3, "etag-4")
        let (whole, all, upload) = (object, parts, MultipartUpload(id: "u", object: described("whole")))
        try await catalog.write { transaction in
            try transaction.insert(upload)
            for part in all { try transaction.save(part, of: "u") }
            try transaction.complete(
                with: all, as: whole,
                remembering: CompletedUpload(
                    id: "u", bucket: "b", key: "whole", request: "r", etag: whole.etag, checksums: [:], completedAt: 1))
        }
        return whole
    }

    /// "head", then two bytes of "123", two of "abc", and the first of "123" once more.
    private func assembled(in catalog: SQLiteCatalog, _ blobs: FileBlobStore) async throws -> StoredObject {
        let first = try await store("a", "123", in: catalog, blobs)
        let second = try await store("b", "abc", in: catalog, blobs)
        let assembled = try await AssembledObject(
            described("whole"), own: Array("head".utf8),
            then: [.init(first, 0..<2), .init(second, 1..<3), .init(first, 0..<1)], in: blobs)
        try await catalog.publish(assembled, in: blobs) { _ in }
        return assembled.object
    }

    @discardableResult
    private func store(
        _ key: String, _ text: String, in catalog: SQLiteCatalog, _ blobs: FileBlobStore
    ) async throws -> StoredObject {
        let object = try await ObjectDraft.whole(described(key), Array(text.utf8), in: blobs)
        try await catalog.publish([object], in: blobs) { _ in }
        return object
    }

    private func read(_ bytes: ObjectBytes, _ range: Range<Int64>) async throws -> [UInt8] {
        let content = Mutex<[UInt8]>([])
        try await bytes.read(range) { piece in content.withLock { $0 += piece } }
        return content.withLock { $0 }
    }

    private func described(_ key: String) -> StoredObject {
        StoredObject(
            bucket: "b", key: key, blob: "", size: 0, etag: "", contentType: "text/plain", createdAt: 1)
    }

    @Test func `bytes are cut into parts that are durable one by one, and a part that is not taken is deleted`()
        async throws
    {
        try await withStores { _, blobs in
            let taken = Mutex<[UploadPart]>([])
            let writer = PartWriter(from: 3, bytesPerPart: 4, in: blobs, now: { 9 }) { part in
                taken.withLock { $0.append(part) }
            }
            for piece in ["ab", "cde", "f"] { try await writer.append(Array(piece.utf8)) }
            let parts = taken.withLock { $0 }
            #expect(parts.map(\.number) == [3] && parts.map(\.size) == [5] && parts.map(\.createdAt) == [9])
            #expect(parts.first?.etag == "ab56b4d92b40713acc5af89985d4b786")
            try await writer.finish()
            #expect(taken.withLock { $0 }.map(\.number) == [3, 4])
            let refusing = PartWriter(from: 1, in: blobs, now: { 9 }) { _ in throw Forbidden() }
            try await refusing.append([1])
            await #expect(throws: Forbidden.self) { try await refusing.finish() }
            let discarded = PartWriter(from: 1, in: blobs, now: { 9 }) { _ in throw Forbidden() }
            try await discarded.append([1])
            await discarded.discard()
            try await discarded.finish()
            #expect(try await blobs.names(writtenBefore: .max, after: "", limit: 9).count == 2)
        }
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
