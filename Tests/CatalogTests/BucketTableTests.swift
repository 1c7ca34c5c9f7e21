import Catalog
import Testing

@Suite struct BucketTableTests {
    @Test func `a bucket is made once, and what is set for it goes with it`() async throws {
        try await withCatalog { catalog in
            let bucket = Bucket(name: "films", createdAt: 7)
            let made = try await catalog.write {
                try [$0.insert(bucket), $0.insert(Bucket(name: "films", createdAt: 9))]
            }
            #expect(made == [true, false])
            #expect(try await catalog.read { try $0.bucket("films") } == bucket)
            try await catalog.write { transaction in
                try transaction.setDocument(.cors, ofBucket: "films", to: "one")
                try transaction.setDocument(.cors, ofBucket: "films", to: "two")
                try transaction.setDocument(.lifecycle, ofBucket: "media", to: "three")
            }
            #expect(try await catalog.read { try $0.document(.cors, ofBucket: "films") } == "two")
            #expect(try await catalog.read { try $0.documents(.lifecycle) } == ["media": "three"])
            try await catalog.write { try $0.deleteBucket("films") }
            #expect(try await catalog.read { try $0.buckets() }.isEmpty)
            #expect(try await catalog.read { try $0.documents(.cors) }.isEmpty)
        }
    }

    @Test func `tags are of one version of an object and go with it, set before it or after`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                try transaction.setTags(["a": "1"], ofObjectWithBlob: "b1")
                try transaction.put(makeObject("k", blob: "b1"))
                try transaction.setTags(["a": "2", "b": "3"], ofObjectWithBlob: "b1")
            }
            #expect(try await catalog.read { try $0.tags(ofObjectWithBlob: "b1") } == ["a": "2", "b": "3"])
            try await catalog.write { try $0.put(makeObject("k", blob: "b2")) }
            #expect(try await catalog.read { try $0.tags(ofObjectWithBlob: "b1") }.isEmpty)
            await #expect(throws: (any Error).self) {
                try await catalog.write { try $0.setTags(["a": "1"], ofObjectWithBlob: "nothing") }
            }
        }
    }
}
