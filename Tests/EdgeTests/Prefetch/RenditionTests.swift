import Playlist
import Testing

@testable import Edge

@Suite struct SegmentAddressTests {
    @Test func `a reference is resolved against its playlist`() {
        let expected: [(String, String?, String?)] = [
            ("seg1.m4s", "/media/1/720p/seg1.m4s", nil), ("./seg1.m4s", "/media/1/720p/seg1.m4s", nil),
            ("../init.mp4", "/media/1/init.mp4", nil), ("/media/2/a.ts", "/media/2/a.ts", nil),
            ("a/../b.ts?x=1?y", "/media/1/720p/b.ts", "x=1?y"), ("%7Ea.ts", "/media/1/720p/~a.ts", nil),
            ("a/..", "/media/1/720p/", nil), ("../../../a.ts", "/a.ts", nil),
        ]
        for (reference, path, query) in expected {
            let address = SegmentAddress(reference, relativeTo: "/media/1/720p/index.m3u8")
            #expect(address?.path == path, "\(reference)")
            #expect(address?.query == query, "\(reference)")
        }
    }

    @Test(arguments: [
        "", "//evil.example/a.ts", "http://evil.example/a.ts", "data:video/mp2t;base64,AAAA", "../../../../a.ts",
        "%2e%2e/%2e%2e/a.ts", "a%2fb.ts", "a\\b.ts", "a b.ts", "a.ts#t=1", "?token=1", "a%00.ts", "\u{e9}.ts",
        "a//b.ts", String(repeating: "a", count: 3000),
    ])
    func `a reference that leaves the host or has two readings means nothing`(reference: String) {
        #expect(SegmentAddress(reference, relativeTo: "/media/1/720p/index.m3u8") == nil)
    }
}

@Suite struct RenditionTests {
    private func key(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func rendition(_ text: String, refusing refused: String? = nil) throws -> Rendition {
        let playlist = try MediaPlaylist(parsing: Array(text.utf8))
        return Rendition(playlist) { $0 == refused ? nil : key($0) }
    }

    private static let ended = """
        #EXTM3U
        #EXT-X-TARGETDURATION:4
        #EXT-X-MAP:URI="init.mp4"
        #EXTINF:4,
        1.m4s
        #EXTINF:4,
        2.m4s
        #EXT-X-DISCONTINUITY
        #EXT-X-MAP:URI="init2.mp4"
        #EXTINF:4,
        3.m4s
        #EXT-X-ENDLIST

        """

    @Test func `after a segment comes the next, with its initialisation section where that changes`() throws {
        let rendition = try rendition(Self.ended)
        #expect(rendition.following(0, count: 1) == [key("2.m4s")])
        #expect(rendition.following(0, count: 2) == [key("2.m4s"), key("init2.mp4"), key("3.m4s")])
        #expect(rendition.following(1, count: 5) == [key("init2.mp4"), key("3.m4s")])
        #expect(rendition.following(2, count: 5) == [])
        #expect(rendition.following(.max - 1, count: 1) == [])
    }

    @Test func `a player of an ended playlist begins at its start, one of a live playlist at its end`() throws {
        let ended = try rendition(Self.ended)
        #expect(ended.opening(count: 1) == [key("init.mp4"), key("1.m4s")])
        let live = try rendition(Self.ended.replacing("#EXT-X-ENDLIST\n", with: ""))
        #expect(live.opening(count: 1) == [key("init2.mp4"), key("3.m4s")])
        #expect(live.opening(count: 9).count == 5)
    }

    @Test func `byte ranges of one resource are one object`() throws {
        let rendition = try rendition(
            "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"
                + (0..<3).map { "#EXTINF:4,\n#EXT-X-BYTERANGE:100@\($0 * 100)\nall.mp4\n" }.joined()
                + "#EXTINF:4,\nnext.mp4\n#EXT-X-ENDLIST\n")
        #expect(rendition.segments.count == 2)
        #expect(rendition.following(0, count: 1) == [key("next.mp4")])
    }

    @Test func `a segment of another place keeps its number and is not fetched`() throws {
        let rendition = try rendition(Self.ended, refusing: "2.m4s")
        #expect(rendition.following(0, count: 1) == [])
        #expect(rendition.following(1, count: 1) == [key("init2.mp4"), key("3.m4s")])
    }

    @Test func `a list without end is remembered in part`() throws {
        let many = (0..<5000).map { "#EXTINF:4,\n\($0).ts\n" }.joined()
        let live = try rendition("#EXTM3U\n#EXT-X-TARGETDURATION:4\n\(many)")
        #expect(live.segments.count == Rendition.mostSegments)
        #expect(live.opening(count: 1) == [key("4999.ts")])
        let ended = try rendition("#EXTM3U\n#EXT-X-TARGETDURATION:4\n\(many)#EXT-X-ENDLIST\n")
        #expect(ended.opening(count: 1) == [key("0.ts")])
    }
}

@Suite struct RenditionTableTests {
    private func rendition(_ name: String, count: Int) throws -> Rendition {
        let list = (0..<count).map { "#EXTINF:4,\n\(name)\($0).ts\n" }.joined()
        let playlist = try MediaPlaylist(parsing: Array("#EXTM3U\n#EXT-X-TARGETDURATION:4\n\(list)".utf8))
        return Rendition(playlist) { Array($0.utf8) }
    }

    private func hash(_ key: [UInt8]) -> Int { key.hashValue }
    private func hash(_ text: String) -> Int { hash(Array(text.utf8)) }

    @Test func `a segment asks for what follows once, and again only after a while`() throws {
        var table = RenditionTable()
        table.insert(try rendition("a", count: 3), of: 1, version: 7, now: 100, hash: hash)
        #expect(table.ahead(of: hash("a0.ts"), count: 1, now: 100) == [Array("a1.ts".utf8)])
        #expect(table.ahead(of: hash("a0.ts"), count: 1, now: 101) == [])
        #expect(table.ahead(of: hash("a0.ts"), count: 1, now: 102) == [Array("a1.ts".utf8)])
        #expect(table.ahead(of: hash("b0.ts"), count: 1, now: 100) == [])
    }

    @Test func `a newer version takes the place of the older one`() throws {
        var table = RenditionTable()
        table.insert(try rendition("a", count: 3), of: 1, version: 7, now: 100, hash: hash)
        table.insert(try rendition("b", count: 2), of: 1, version: 8, now: 100, hash: hash)
        #expect(!table.knows(1, version: 7))
        #expect(table.knows(1, version: 8))
        #expect(table.segmentCount == 2)
        #expect(table.ahead(of: hash("a0.ts"), count: 1, now: 100) == [])
    }

    @Test func `what was not used for longest makes room`() throws {
        var table = RenditionTable()
        for number in 0..<12 {
            table.insert(
                try rendition("r\(number)-", count: 4000), of: number, version: 1, now: Int64(100 + number), hash: hash)
            if number == 0 { _ = table.ahead(of: hash("r0-0.ts"), count: 1, now: 1000) }
        }
        #expect(table.segmentCount <= RenditionTable.mostSegments)
        #expect(table.knows(0, version: 1), "used last")
        #expect(table.knows(11, version: 1))
        #expect(!table.knows(1, version: 1))
    }

    @Test func `a playlist is looked at once a second`() {
        var table = RenditionTable()
        #expect(table.mayLook(at: 1, now: 5) == true)
        #expect(table.mayLook(at: 1, now: 5) == false)
        #expect(table.mayLook(at: 2, now: 5) == true)
        #expect(table.mayLook(at: 1, now: 6) == true)
    }
}

@Suite struct PrefetchBudgetTests {
    @Test func `fills and bytes are both bounded`() {
        var budget = PrefetchBudget(mostFills: 2, mostBytes: 10_000_000)
        #expect(budget.reserve() == 1_048_576)
        #expect(budget.reserve() == 1_048_576)
        #expect(budget.reserve() == nil, "two at a time")
        budget.release(1_048_576, stored: 6_000_000)
        #expect(budget.bytes == 1_048_576)
        #expect(budget.reserve() == 6_000_000, "the next one is supposed to be as large")
        budget.release(1_048_576, stored: nil)
        #expect(budget.reserve() == nil, "12 MB would be on their way")
    }

    @Test func `an object larger than the whole budget may come alone, and smaller ones make up for it`() {
        var budget = PrefetchBudget(mostFills: 4, mostBytes: 1000)
        #expect(budget.reserve() == 1000)
        #expect(budget.reserve() == nil)
        budget.release(1000, stored: 10)
        var supposed = budget.supposed
        for _ in 0..<200 {
            guard let reserved = budget.reserve() else { break }
            budget.release(reserved, stored: 10)
            #expect(budget.supposed <= supposed)
            supposed = budget.supposed
        }
        #expect(supposed < 100)
        #expect(budget.bytes == 0)
        #expect(budget.fills == 0)
    }
}
