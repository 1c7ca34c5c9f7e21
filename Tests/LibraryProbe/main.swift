import Catalog
import Glibc
import TestKit

// Measures pages of a library of a million videos. Build it in release.
//
//   LibraryProbe [VIDEOS] [ROUNDS]   prints a line `WHAT: median M ms, 99 % within N ms` for each list and search, of so many
//                                    calls (default 1,000,000 and 200), the first page and pages from the middle in turn

let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let count = arguments.first ?? 1_000_000
let rounds = arguments.dropFirst().first ?? 200

func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func mebibytes(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) >> 20 : 0
}

func measure(_ what: String, _ queries: [VideoQuery], in catalog: SQLiteCatalog) async throws {
    var milliseconds: [Double] = []
    for round in 0..<rounds {
        let query = queries[round % queries.count]
        let start = seconds()
        _ = try await catalog.read { try $0.videos(query) }
        milliseconds.append((seconds() - start) * 1_000)
    }
    milliseconds.sort()
    let shown = [milliseconds[rounds / 2], milliseconds[min(rounds - 1, rounds * 99 / 100)]].map {
        "\(Double(Int($0 * 100)) / 100)"
    }
    print("\(what): median \(shown[0]) ms, 99 % within \(shown[1]) ms")
}

func run() async throws {
    // Here and not outside, so that it goes when this ends.
    let folder = TemporaryDirectory()
    let catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
    let started = seconds()
    let words = try await Population.fill(catalog, count)
    print("\(count) videos in \(Int(seconds() - started)) s, \(mebibytes(folder.file("catalog.sqlite"))) MiB")

    let audiences: [(String, VideoQuery.Audience)] = [
        ("everyone", .everyone), ("an account", .account(Population.owner)), ("an administrator", .administrator),
    ]
    for (name, audience) in audiences {
        for sort in [VideoQuery.Sort.newest, .oldest, .views] {
            let first = VideoQuery(audience: audience, sort: sort, limit: 50)
            var middle = first
            middle.after = PageKey(value: sort == .views ? 40 : 1_700_000_000_000 + Int64(count) * 30_000, id: "m")
            try await measure("\(sort.rawValue) for \(name)", [first, middle], in: catalog)
        }
    }
    var channel = VideoQuery(audience: .everyone, ownerId: Population.owner, limit: 50)
    try await measure("newest of a channel", [channel], in: catalog)
    channel.sort = .views
    try await measure("most watched of a channel", [channel], in: catalog)

    let searches: [(String, [String])] = [
        ("the commonest word", [words[0]]), ("a word in every fourth", [words[10]]), ("the 100th word", [words[100]]),
        ("rare words", (25_000..<25_050).map { words[$0] }),
        ("two common words", [words[0] + " " + words[1]]),
        ("a common and a rare word", [words[0] + " " + words[25_000]]),
        ("two letters", [String(words[0].prefix(2))]), ("three letters", [String(words[3].prefix(3))]),
        ("five letters", words[0..<50].filter { $0.count > 5 }.map { String($0.prefix(5)) }),
        ("nothing that there is", ["xyzzy"]),
    ]
    for (name, audience) in audiences {
        for (what, texts) in searches {
            let queries = texts.map { VideoQuery(audience: audience, text: $0, sort: .relevance, limit: 50) }
            try await measure("search for \(what) by \(name)", queries, in: catalog)
        }
    }
    for sort in [VideoQuery.Sort.newest, .views] {
        let query = VideoQuery(audience: .everyone, text: words[10], sort: sort, limit: 50)
        try await measure("search for a word in every fourth, \(sort.rawValue)", [query], in: catalog)
    }
    withExtendedLifetime(folder) {}
}

try await run()
