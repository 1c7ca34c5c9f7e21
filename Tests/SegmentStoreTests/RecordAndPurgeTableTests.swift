import Bytes
import Testing

@testable import SegmentStore

private let hasher = SipHash128(key: (3, 4))

private func sample(kind: IndexRecord.BodyKind = .inline) -> IndexRecord.Contents {
    var metadata = ObjectMetadata()
    metadata.head = key("HTTP/1.1 200 OK\r\n")
    metadata.etag = key("\"e\"")
    metadata.tags = [key("video:1"), key("")]
    metadata.annotation = key("n")
    metadata.status = 404
    metadata.storedAt = -1
    metadata.freshUntil = .max
    metadata.staleIfErrorUntil = 3
    metadata.staleWhileRevalidateUntil = 4
    metadata.flags = ObjectFlags(rawValue: 9)
    return IndexRecord.Contents(
        kind: kind, id: ObjectID(rawValue: 77), fence: PurgeSequence(rawValue: 5),
        length: kind == .inline ? 4 : 262_129, slot: 12, key: key("host/a\u{0}gzip"), metadata: metadata,
        body: kind == .inline ? [1, 2, 3, 4] : [1, 0, 0, 0, 2, 0, 0, 0])
}

@Suite struct IndexRecordTests {
    @Test func `everything written is read back`() throws {
        let bytes = sample().encoded(hasher)
        try bytes.withUnsafeBytes { bytes in
            let record = try #require(IndexRecord(bytes))
            #expect(IndexRecord.isIntact(bytes))
            #expect(record.id.rawValue == 77 && record.fence.rawValue == 5 && record.slot == 12)
            #expect(record.length == 4 && record.status == 404 && record.kind == .inline)
            #expect(record.storedAt == -1 && record.freshUntil == .max)
            #expect(record.staleIfErrorUntil == 3 && record.staleWhileRevalidateUntil == 4)
            #expect(record.flags == ObjectFlags(rawValue: 9))
            #expect([UInt8](record.key.bytes(in: bytes)) == key("host/a\u{0}gzip"))
            #expect(record.urlHash == hasher.hash(key("host/a")))
            #expect(record.head.string(in: bytes) == "HTTP/1.1 200 OK\r\n")
            #expect(record.etag.string(in: bytes) == "\"e\"")
            #expect(record.annotation.string(in: bytes) == "n")
            #expect(TagList.decode(record.tags.bytes(in: bytes)) == [key("video:1"), []])
            #expect([UInt8](record.body.bytes(in: bytes)) == [1, 2, 3, 4])
            #expect(record.byteCount == bytes.count)
        }
    }

    @Test func `the layout is the documented one`() {
        let bytes = sample(kind: .chunks).encoded(hasher)
        #expect(Array(bytes[0..<8]) == [1, 1, 0x94, 0x01, 9, 0, 0, 0])
        #expect(
            Array(bytes[8..<32]) == [77, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0xF1, 0xFF, 3, 0, 0, 0, 0, 0])
        #expect(Array(bytes[64..<76]) == [12, 0, 0, 0, 11, 0, 0, 0, 17, 0, 0, 0])
        #expect(Array(bytes[96..<112]) == hasher.hash(key("host/a")).bytes)
        #expect(Array(bytes.suffix(8)) == [1, 0, 0, 0, 2, 0, 0, 0])
        bytes.withUnsafeBytes { bytes in
            let record = IndexRecord(bytes)
            #expect(record?.chunkChecksum(1, in: bytes) == 2)
        }
    }

    @Test func `any changed byte breaks the checksum`() {
        let good = sample().encoded(hasher)
        for index in good.indices {
            var bytes = good
            bytes[index] ^= 0x40
            #expect(bytes.withUnsafeBytes { IndexRecord.isIntact($0) } == false, "byte \(index)")
        }
    }

    @Test func `cut, extended or random bytes are no record and do not trap`() {
        let good = sample().encoded(hasher)
        for count in 0..<good.count { #expect(good[..<count].withUnsafeBytes { IndexRecord($0) } == nil) }
        #expect((good + [0]).withUnsafeBytes { IndexRecord($0) } == nil)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            var bytes = good
            for _ in 0..<4 {
                bytes[Int.random(in: 0..<112, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            bytes.withUnsafeBytes { bytes in
                guard let record = IndexRecord(bytes) else { return }
                #expect(record.body.end == bytes.count)
                _ = TagList.decode(record.tags.bytes(in: bytes))
            }
        }
    }

    @Test func `a record marked stale stays intact`() throws {
        var bytes = sample().encoded(hasher)
        IndexRecord.markStale(&bytes)
        bytes.withUnsafeBytes { bytes in
            #expect(IndexRecord.isIntact(bytes))
            #expect(IndexRecord(bytes)?.flags.contains(.softPurged) == true)
        }
    }
}

@Suite struct PurgeTableTests {
    private func verdict(
        _ table: PurgeTable, fence: UInt64, _ name: String = "host/media/v1/a.m4s", tags: [String] = ["video:1"]
    ) -> PurgeVerdict {
        let list = TagList.encode(tags.map { key($0) }, hasher)
        return key(name).withUnsafeBytes { bytes in
            list.withUnsafeBytes { tags in
                table.verdict(
                    fence: PurgeSequence(rawValue: fence), urlHash: hasher.hash(CacheKey.url(of: key(name))),
                    key: bytes,
                    tags: tags)
            }
        }
    }

    private func table(_ request: PurgeRequest, at sequence: UInt64 = 10) -> PurgeTable {
        var table = PurgeTable()
        table.add(request, at: PurgeSequence(rawValue: sequence), hasher)
        return table
    }

    @Test(arguments: [
        PurgeRequest(urls: [key("host/media/v1/a.m4s")]), PurgeRequest(prefixes: [key("host/media/v1/")]),
        PurgeRequest(prefixes: [key("host/media/v1/a.m4s")]), PurgeRequest(tags: [key("video:1")]),
        PurgeRequest(all: true),
    ])
    func `a purge covers what began before it and nothing later`(_ request: PurgeRequest) {
        #expect(verdict(table(request), fence: 9) == .hidden)
        #expect(verdict(table(request), fence: 10) == .untouched)
        var soft = request
        soft.soft = true
        #expect(verdict(table(soft), fence: 9) == .stale)
        #expect(verdict(table(soft), fence: 10) == .untouched)
    }

    @Test(arguments: [
        PurgeRequest(urls: [key("host/media/v1/a.m4")]), PurgeRequest(urls: [key("host/media/v1/a.m4s?x")]),
        PurgeRequest(prefixes: [key("host/media/v2/")]), PurgeRequest(prefixes: [key("host/media/v1/a.m4s?")]),
        PurgeRequest(tags: [key("video:11")]), PurgeRequest(),
    ])
    func `a purge of something else covers nothing`(_ request: PurgeRequest) {
        #expect(verdict(table(request), fence: 0) == .untouched)
    }

    @Test func `a purge of a URL covers its variants`() {
        let table = table(PurgeRequest(urls: [key("host/p")]))
        #expect(verdict(table, fence: 9, "host/p\u{0}gzip") == .hidden)
        #expect(verdict(table, fence: 9, "host/pq\u{0}gzip") == .untouched)
    }

    @Test func `a hard purge wins over a soft one`() {
        var table = table(PurgeRequest(tags: [key("video:1")]), at: 10)
        table.add(PurgeRequest(all: true, soft: true), at: PurgeSequence(rawValue: 12), hasher)
        #expect(verdict(table, fence: 9) == .hidden)
        #expect(verdict(table, fence: 11) == .stale)
        #expect(verdict(table, fence: 12) == .untouched)
    }

    @Test func `an older purge of the same thing does not shorten a newer one`() {
        var table = table(PurgeRequest(prefixes: [key("host/")]), at: 10)
        table.add(PurgeRequest(prefixes: [key("host/")]), at: PurgeSequence(rawValue: 20), hasher)
        #expect(verdict(table, fence: 19) == .hidden)
    }
}

@Suite struct PurgeJournalTests {
    private let entries = [
        PurgeJournal.Entry(
            sequence: PurgeSequence(rawValue: 8), request: PurgeRequest(urls: [key("a"), []], soft: true)),
        PurgeJournal.Entry(
            sequence: PurgeSequence(rawValue: 9),
            request: PurgeRequest(prefixes: [key("p")], tags: [key("t")], all: true)),
    ]

    @Test func `everything written is read back`() throws {
        let bytes = PurgeJournal.encode(sequence: PurgeSequence(rawValue: 7), entries: entries)
        let contents = try #require(PurgeJournal.decode(bytes))
        #expect(
            contents
                == .init(sequence: PurgeSequence(rawValue: 9), entries: entries, end: bytes.count, isComplete: true))
        let empty = PurgeJournal.encode(sequence: PurgeSequence(rawValue: 7), entries: [])
        #expect(
            PurgeJournal.decode(empty)
                == .init(sequence: PurgeSequence(rawValue: 7), entries: [], end: empty.count, isComplete: true))
    }

    @Test func `zeros behind the entries are room, and a piece of an entry among them is damage`() throws {
        let bytes = PurgeJournal.encode(sequence: PurgeSequence(rawValue: 7), entries: entries)
        let contents = try #require(PurgeJournal.decode(bytes + [UInt8](repeating: 0, count: 4_096)))
        #expect(contents == PurgeJournal.decode(bytes))
        let piece = bytes + [UInt8](repeating: 0, count: 100) + [1] + [UInt8](repeating: 0, count: 100)
        #expect(PurgeJournal.decode(piece)?.isComplete == false)
        #expect(PurgeJournal.decode(piece)?.end == bytes.count)
    }

    @Test func `what was settled is told from what is in force`() throws {
        let bytes = PurgeJournal.encode(
            sequence: PurgeSequence(rawValue: 9), history: [entries[0]], entries: [entries[1]])
        let contents = try #require(PurgeJournal.decode(bytes))
        #expect(contents.history == [entries[0]] && contents.entries == [entries[1]] && contents.isComplete)
        // Cut before the mark, it says too much is in force, never too little.
        let withoutMark = PurgeJournal.encode(sequence: PurgeSequence(rawValue: 9), entries: [entries[0]])
        #expect(PurgeJournal.decode(Array(bytes[..<withoutMark.count]))?.entries == [entries[0]])
    }

    @Test func `a cut or damaged journal never claims to be complete with less`() {
        let bytes = PurgeJournal.encode(sequence: PurgeSequence(rawValue: 7), entries: entries)
        let ends = [0, 1, 2].map {
            PurgeJournal.encode(sequence: PurgeSequence(rawValue: 7), entries: Array(entries.prefix($0))).count
        }
        for count in 0..<bytes.count where !ends.contains(count) {
            #expect(PurgeJournal.decode(Array(bytes[..<count]))?.isComplete != true, "cut at \(count)")
        }
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 1
            #expect(PurgeJournal.decode(damaged)?.isComplete != true, "byte \(index)")
        }
    }
}
