import Catalog
import Testing

@Suite struct ObjectTableTests {
    @Test func `every field of an object survives`() async throws {
        try await withCatalog { catalog in
            let object = StoredObject(
                bucket: "media", key: "ä/ö", blob: "b1", size: 5, etag: "e", checksums: ["crc32": "AAAA"],
                contentType: "video/mp4", headers: ["cache-control": "no-store"], metadata: ["cache-tag": "video:1"],
                createdAt: 7)
            let stored = try await catalog.write { transaction in
                try transaction.put(object)
                return try transaction.object(bucket: "media", key: "ä/ö")
            }
            #expect(stored == object)
        }
    }

    @Test func `a byte is found in the part that holds it, and parts go with their object`() async throws {
        try await withCatalog { catalog in
            var object = makeObject("whole", blob: "own")
            (object.size, object.ownSize) = (9, 4)
            let parts = [
                ObjectPart(start: 4, key: "a", etag: "ea", offset: 7, count: 2),
                ObjectPart(start: 6, key: "b", etag: "eb", offset: 0, count: 3),
            ]
            let stored = object
            try await catalog.write { transaction in
                try transaction.put(stored)
                try transaction.insert(parts, ofObjectWithBlob: "own")
            }
            #expect(try await catalog.read { try $0.object(bucket: "b", key: "whole") } == stored)
            for (place, part) in [(3, nil), (4, parts[0]), (5, parts[0]), (6, parts[1]), (8, parts[1]), (9, nil)] {
                let found = try await catalog.read { try $0.objectPart(blob: "own", holding: Int64(place)) }
                #expect(found == part, "\(place)")
            }
            let left = try await catalog.write { transaction in
                _ = try transaction.deleteObjects(bucket: "b", prefix: "who")
                return try transaction.objectPart(blob: "own", holding: 4)
            }
            #expect(left == nil)
        }
    }

    @Test func `a replaced or deleted object leaves its blob on the reclaim list`() async throws {
        try await withCatalog { catalog in
            let discarded = try await catalog.write { transaction in
                try transaction.put(makeObject("a", blob: "first"))
                try transaction.put(makeObject("a", blob: "second"))
                try transaction.put(makeObject("a/x", blob: "third"))
                _ = try transaction.deleteObject(bucket: "b", key: "a")
                return try transaction.discardedBlobs(limit: 10)
            }
            #expect(discarded == ["first", "second"])
            let rest = try await catalog.write { transaction in
                try transaction.forgetDiscarded(blobs: ["first"])
                return (try transaction.knowsBlob("first"), try transaction.knowsBlob("second"))
            }
            #expect(rest == (false, true))
        }
    }

    @Test func `keys are listed by their bytes, from a start, below a prefix`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                for (number, key) in ["a/1", "a/2", "a/é", "a/😀", "aa", "b"].enumerated() {
                    try transaction.put(makeObject(key, blob: "\(number)"))
                }
            }
            let all = try await catalog.read { try $0.objects(bucket: "b", prefix: "a/", from: "", limit: 10) }
            #expect(all.map(\.key) == ["a/1", "a/2", "a/é", "a/😀"])
            let some = try await catalog.read { try $0.objects(bucket: "b", prefix: "a/", from: "a/2", limit: 2) }
            #expect(some.map(\.key) == ["a/2", "a/é"])
        }
    }

    @Test func `a prefix is deleted whole and its neighbours stay`() async throws {
        try await withCatalog { catalog in
            let (count, left) = try await catalog.write { transaction in
                for key in ["media/v1/a", "media/v1/b", "media/v10/a"] {
                    try transaction.put(makeObject(key, blob: key))
                }
                let count = try transaction.deleteObjects(bucket: "b", prefix: "media/v1/")
                return (count, try transaction.objects(bucket: "b", prefix: "", from: "", limit: 10).map(\.key))
            }
            #expect(count == 2)
            #expect(left == ["media/v10/a"])
        }
    }
}
