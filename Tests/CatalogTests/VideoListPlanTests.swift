import SQLiteDatabase
import Synchronization
import TestKit
import Testing

@testable import Catalog

/// That a page costs what is on it, however many videos there are.
@Suite struct VideoListPlanTests {
    static let lists: [VideoQuery] = VideoQuery.Sort.allCases.flatMap { sort in
        [VideoQuery.Audience.everyone, .account("anna"), .administrator].flatMap { audience in
            [nil, "anna", "bob"].flatMap { owner in
                [nil, PageKey(value: 1, id: "v")].map {
                    VideoQuery(audience: audience, ownerId: owner, sort: sort, after: $0)
                }
            }
        }
    }

    @Test(arguments: lists)
    func `no list looks at more rows than it shows`(_ query: VideoQuery) async throws {
        for step in try await plan(query) {
            #expect(!step.contains("TEMP B-TREE"), "\(step)")
            #expect(!step.contains("SCAN") || step.contains("json_each"), "\(step)")
        }
    }

    @Test(arguments: VideoQuery.Sort.allCases)
    func `a search walks the index of words in its order`(_ sort: VideoQuery.Sort) async throws {
        for after in [nil, PageKey(value: 9, id: "2")] {
            let query = VideoQuery(audience: .account("anna"), text: "big buck", sort: sort, after: after)
            for step in try await plan(query) {
                #expect(!step.contains("TEMP B-TREE"), "\(step)")
                #expect(!step.contains("SCAN") || step.contains("VIRTUAL TABLE INDEX"), "\(step)")
            }
        }
    }

    @Test func `the renditions of a page are one statement`() async throws {
        try await observing { catalog, statements in
            try await catalog.write { transaction in
                for number in 0..<9 { try transaction.insert(makeVideo("v\(number)")) }
            }
            statements.withLock { $0 = [] }
            _ = try await catalog.read { try $0.videos(VideoQuery(audience: .administrator)) }
            #expect(statements.withLock { $0.filter { $0.contains("FROM renditions") }.count } == 1)
        }
    }

    @Test func `a view rewrites the two indexes by views and no other`() async throws {
        try await observing { catalog, _ in
            let touched = try await catalog.database.read { connection in
                try connection.query("EXPLAIN UPDATE videos SET views = views + 1 WHERE id = 'v'") { row in
                    try row.text(1) == "IdxInsert" ? 1 : 0
                }
            }
            // The row itself is an index as well: the table has no row ids.
            #expect(touched.reduce(0, +) == 3)
        }
    }

    /// What SQLite says it does for `query`.
    private func plan(_ query: VideoQuery) async throws -> [String] {
        try await observing { catalog, statements in
            statements.withLock { $0 = [] }
            _ = try await catalog.read { try $0.videos(query) }
            let selects = statements.withLock { $0.filter { $0.contains("SELECT") } }
            #expect(!selects.isEmpty)
            return try await catalog.database.read { connection in
                try selects.flatMap { sql in
                    let blanks = [(any SQLBindable)?](repeating: nil, count: sql.count { $0 == "?" })
                    return try connection.query("EXPLAIN QUERY PLAN \(sql)", blanks) { try $0.text(3) }
                }
            }
        }
    }

    private func observing<R>(_ body: (SQLiteCatalog, borrowing Mutex<[String]>) async throws -> R) async throws -> R {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let statements = Statements()
        let options = DatabaseOptions(observer: { sql in statements.texts.withLock { $0.append(sql) } })
        let catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"), options: options)
        return try await body(catalog, statements.texts)
    }

    private final class Statements: Sendable {
        let texts = Mutex<[String]>([])
    }
}
