import Catalog
import Testing

@Suite struct UploadTableTests {
    @Test func `every field of an upload and of a part survives`() async throws {
        try await withCatalog { catalog in
            var object = makeObject("ä/ö", blob: "")
            (object.size, object.etag) = (0, "")
            (object.headers, object.metadata) = (["cache-control": "no-store"], ["colour": "blue"])
            let upload = MultipartUpload(
                id: "u", object: object, tags: ["kind": "draft"],
                checksum: .init(algorithm: "crc32", type: .fullObject), maximumPartBytes: 7)
            let part = UploadPart(
                number: 3, blob: "p", size: 5, etag: "e", checksums: ["crc32": "AAAA"], createdAt: 9)
            let (found, parts) = try await catalog.write { transaction in
                try transaction.insert(upload)
                try transaction.save(part, of: "u")
                return (try transaction.upload(id: "u"), try transaction.uploadParts(of: "u", after: 2, limit: 9))
            }
            #expect(found == upload && parts == [part])
            #expect(try await catalog.read { try $0.upload(id: "other") } == nil)
        }
    }

    @Test func `a part that is sent again replaces the one before, whose blob is reclaimed`() async throws {
        try await withCatalog { catalog in
            let (parts, discarded) = try await catalog.write { transaction in
                try transaction.insert(makeUpload("u"))
                try transaction.save(makePart(1, blob: "first"), of: "u")
                try transaction.save(makePart(1, blob: "second"), of: "u")
                return (
                    try transaction.uploadParts(of: "u", after: 0, limit: 9), try transaction.discardedBlobs(limit: 9)
                )
            }
            #expect(parts.map(\.blob) == ["second"] && discarded == ["first"])
        }
    }

    @Test func `a part that is put behind others takes the place of those from its number on`() async throws {
        try await withCatalog { catalog in
            let (last, bytes, discarded) = try await catalog.write { transaction in
                try transaction.insert(makeUpload("u"))
                for number in 1...4 { try transaction.append(makePart(number, blob: "p\(number)"), to: "u") }
                try transaction.append(makePart(3, blob: "joined"), to: "u")
                return (
                    try transaction.lastUploadParts(of: "u", limit: 2), try transaction.uploadedBytes(of: "u"),
                    try transaction.discardedBlobs(limit: 9)
                )
            }
            #expect(last.map(\.blob) == ["joined", "p2"] && bytes == 12 && discarded == ["p3", "p4"])
            #expect(try await catalog.read { try $0.uploadedBytes(of: "other") } == 0)
        }
    }

    @Test func `the parts of an upload become those of another one`() async throws {
        try await withCatalog { catalog in
            let (parts, left) = try await catalog.write { transaction in
                for id in ["u", "v"] { try transaction.insert(makeUpload(id)) }
                try transaction.append(makePart(1, blob: "a"), to: "u")
                for number in 1...2 { try transaction.append(makePart(number, blob: "b\(number)"), to: "v") }
                try transaction.moveUploadParts(of: "v", to: "u", after: 1)
                _ = try transaction.deleteUpload(id: "v")
                return (
                    try transaction.uploadParts(of: "u", after: 0, limit: 9), try transaction.discardedBlobs(limit: 9)
                )
            }
            #expect(parts.map(\.number) == [1, 2, 3] && parts.map(\.blob) == ["a", "b1", "b2"] && left.isEmpty)
        }
    }

    @Test func `a completed upload is an object of its parts, and parts that were not asked for are reclaimed`()
        async throws
    {
        try await withCatalog { catalog in
            let object = try await complete("u", in: catalog)
            let (pieces, discarded, upload, completed) = try await catalog.read { reader in
                (
                    try reader.objectPieces(blob: "p1"), try reader.discardedBlobs(limit: 9),
                    try reader.upload(id: "u"), try reader.completedUpload(id: "u")
                )
            }
            #expect(
                pieces == [
                    ObjectPiece(start: 4, blob: "p3", size: 4), ObjectPiece(start: 8, blob: "p4", size: 4),
                ])
            #expect(discarded == ["p2"] && upload == nil && completed?.etag == "whole-3")
            for (place, blob) in [(3, nil), (4, "p3"), (7, "p3"), (8, "p4"), (11, "p4"), (12, nil)] {
                let found = try await catalog.read { try $0.objectPiece(blob: "p1", holding: Int64(place)) }
                #expect(found?.blob == blob, "\(place)")
            }
            for (position, blob) in [(-1, nil), (0, "p3"), (1, "p4"), (2, nil)] {
                let (piece, count) = try await catalog.read { try $0.objectPiece(blob: "p1", at: position) }
                #expect(piece?.blob == blob && count == 2)
            }
            #expect(try await catalog.read { try $0.object(bucket: "b", key: "film") } == object)
        }
    }

    @Test(arguments: [0, 1, 2])
    func `an object of several blobs that goes leaves all of them on the reclaim list`(way: Int) async throws {
        try await withCatalog { catalog in
            try await complete("u", in: catalog)
            let discarded = try await catalog.write { transaction in
                switch way {
                case 0: _ = try transaction.deleteObject(bucket: "b", key: "film")
                case 1: _ = try transaction.deleteObjects(bucket: "b", prefix: "fi")
                default: try transaction.put(makeObject("film", blob: "other"))
                }
                return try transaction.discardedBlobs(limit: 9)
            }
            #expect(Set(discarded) == ["p1", "p2", "p3", "p4"])
            #expect(try await catalog.read { try $0.objectPieces(blob: "p1") }.isEmpty)
        }
    }

    @Test func `blobs of parts and of further pieces are known until they are reclaimed`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                try transaction.insert(makeUpload("waiting"))
                try transaction.save(makePart(1, blob: "part"), of: "waiting")
            }
            try await complete("u", in: catalog)
            let known = try await catalog.read { reader in
                try ["part", "p1", "p2", "p3", "stranger"].filter { try reader.knowsBlob($0) }
            }
            #expect(known == ["part", "p1", "p2", "p3"])
            let afterwards = try await catalog.write { transaction in
                _ = try transaction.deleteUpload(id: "waiting")
                try transaction.forgetDiscarded(blobs: ["part"])
                return try transaction.knowsBlob("part")
            }
            #expect(!afterwards)
        }
    }

    @Test func `uploads are listed by key and id, below a prefix and after a place`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                for (id, key) in [("1", "a/x"), ("3", "a/y"), ("2", "a/y"), ("4", "b"), ("5", "a/z")] {
                    try transaction.insert(makeUpload(id, key: key))
                }
            }
            func ids(_ prefix: String, _ key: String, _ id: String, _ limit: Int = 9) async throws -> [String] {
                try await catalog.read {
                    try $0.uploads(bucket: "b", prefix: prefix, after: (key, id), limit: limit).map(\.id)
                }
            }
            #expect(try await ids("", "", "") == ["1", "2", "3", "5", "4"])
            #expect(try await ids("a/", "", "", 3) == ["1", "2", "3"])
            #expect(try await ids("a/", "a/y", "2") == ["3", "5"])
            #expect(try await ids("a/", "a/y", "\u{10FFFF}") == ["5"])
            #expect(try await ids("b", "a/y", "2") == ["4"])
        }
    }

    @Test func `uploads that are too old go, with what is remembered of others`() async throws {
        try await withCatalog { catalog in
            try await complete("done", in: catalog)
            try await catalog.write { transaction in
                for (id, time) in [("old", 1), ("older", 2), ("young", 9)] {
                    try transaction.insert(makeUpload(id, createdAt: Int64(time)))
                    try transaction.save(makePart(1, blob: "blob of \(id)"), of: id)
                }
            }
            #expect(try await catalog.write { try $0.expireUploads(before: 9, limit: 1) } == 1)
            #expect(try await catalog.write { try $0.expireUploads(before: 9, limit: 9) } == 1)
            let (left, completed, discarded) = try await catalog.read { reader in
                (
                    try reader.uploads(bucket: "b", prefix: "", after: ("", ""), limit: 9).map(\.id),
                    try reader.completedUpload(id: "done"), try reader.discardedBlobs(limit: 9)
                )
            }
            #expect(left == ["young"] && completed == nil)
            #expect(Set(discarded).isSuperset(of: ["blob of old", "blob of older"]))
        }
    }

    @Test func `the uploads to a key go together`() async throws {
        try await withCatalog { catalog in
            let left = try await catalog.write { transaction in
                for (id, key) in [("1", "a"), ("2", "a"), ("3", "b")] {
                    try transaction.insert(makeUpload(id, key: key))
                }
                try transaction.deleteUploads(bucket: "b", key: "a")
                return try transaction.uploads(bucket: "b", prefix: "", after: ("", ""), limit: 9).map(\.id)
            }
            #expect(left == ["3"])
        }
    }

    /// An object of the first, third and fourth of four parts of four bytes.
    @discardableResult
    private func complete(_ id: String, in catalog: SQLiteCatalog) async throws -> StoredObject {
        var object = makeObject("film", blob: "p1")
        (object.size, object.ownSize, object.etag) = (12, 4, "whole-3")
        let whole = object
        try await catalog.write { transaction in
            try transaction.insert(makeUpload(id))
            let parts = (1...4).map { makePart($0, blob: "p\($0)") }
            for part in parts { try transaction.save(part, of: id) }
            try transaction.complete(
                with: [parts[0], parts[2], parts[3]], as: whole,
                remembering: CompletedUpload(
                    id: id, bucket: "b", key: "film", request: "r", etag: whole.etag, checksums: [:], completedAt: 5))
        }
        return whole
    }
}

private func makeUpload(_ id: String, key: String = "film", createdAt: Int64 = 1) -> MultipartUpload {
    var object = makeObject(key, blob: "")
    (object.size, object.etag, object.createdAt) = (0, "", createdAt)
    return MultipartUpload(id: id, object: object)
}

private func makePart(_ number: Int, blob: String) -> UploadPart {
    UploadPart(number: number, blob: blob, size: 4, etag: "e", createdAt: 1)
}
