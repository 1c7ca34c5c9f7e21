import Testing

@testable import Edge

@Suite struct PlaybackTableTests {
    private func add(_ id: String, to table: inout PlaybackTable, bytes: Int = 1) {
        Array(id.utf8).withUnsafeBytes { id in
            table.add(to: id) { figures in
                figures.hits += 1
                figures.bytes += bytes
            }
        }
    }

    @Test func `what is served adds up by video until it is taken`() {
        var table = PlaybackTable(random: 7)
        for _ in 0..<3 { add("one", to: &table, bytes: 10) }
        add("two", to: &table, bytes: 5)
        let taking = table.take()
        #expect(taking.videos.mapValues(\.bytes) == ["one": 30, "two": 5] && taking.videos["one"]?.hits == 3)
        #expect(table.take().videos.isEmpty)
        add("one", to: &table)
        #expect(table.take().videos.mapValues(\.hits) == ["one": 1])
    }

    @Test(arguments: [0, 7, .max] as [UInt64])
    func `many videos are told apart, and those beyond the room are counted`(random: UInt64) {
        var table = PlaybackTable(random: random)
        for round in 0..<2 {
            for number in 0..<PlaybackTable.capacity { add("video-\(number)", to: &table, bytes: number + round) }
        }
        for number in 0..<10 { add("another-\(number % 2)", to: &table) }
        let taking = table.take()
        #expect(taking.videos.count == PlaybackTable.capacity && taking.lost == 10)
        #expect(
            taking.videos.allSatisfy { id, figures in id == "video-\((figures.bytes - 1) / 2)" && figures.hits == 2 })
        #expect(table.take().lost == 0)
    }

    @Test(arguments: ["", "a b", "%76", "\"", "a\n", "ä", String(repeating: "x", count: 65)])
    func `what is no name is nobody's video`(_ id: String) {
        var table = PlaybackTable(random: 7)
        add(id, to: &table)
        let taking = table.take()
        #expect(taking.videos.isEmpty && taking.lost == 0)
    }

    @Test(arguments: [
        ("/media/v1/720p/1.m4s", "v1"), ("/media/v1/", "v1"), ("/media/v1", nil), ("/media/", nil),
        ("/medium/v1/a", nil),
        ("/media//a", ""), ("/m", nil), ("", nil), ("/MEDIA/v1/a", nil),
    ])
    func `a video's id stands behind the beginning of the path`(_ path: String, _ id: String?) {
        let found = Array(path.utf8).withUnsafeBytes { path in
            PlaybackCount.videoId(in: path, behind: Array("/media/".utf8)).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(found == id)
    }

    @Test(arguments: [
        ("bs,su,mtp=4500", [1, 1, 1, 1, 4_500]), ("bs=false,su=true", [1, 0, 1, 0, 0]), ("bl=2000", [1, 0, 0, 0, 0]),
        ("mtp=10000000", [1, 0, 0, 1, 10_000_000]), ("mtp=10000001,bs", [1, 1, 0, 0, 0]), ("mtp=-5", [0, 0, 0, 0, 0]),
        ("mtp=100,mtp=200,bs=false,bs", [1, 0, 0, 1, 100]), ("", [0, 0, 0, 0, 0]),
        ("com.example-x=1", [0, 0, 0, 0, 0]),
    ])
    func `what a player says is counted as far as it can be`(_ list: String, _ expected: [Int]) {
        var statement = PlayerStatement()
        Array(list.utf8).withUnsafeBytes { statement.read($0) }
        var figures = PlaybackFigures()
        statement.add(to: &figures)
        #expect(
            [figures.told, figures.starved, figures.urgent, figures.measured, figures.measuredKilobits] == expected)
    }
}
