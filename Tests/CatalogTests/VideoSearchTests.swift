import SQLiteDatabase
import TestKit
import Testing

@testable import Catalog

@Suite struct VideoSearchTests {
    private let titles = [
        ("a", "Big Buck Bunny"), ("b", "A big tale of one buck and no bunny"), ("c", "Käsekuchen für Anfänger"),
        ("d", "Sintel"), ("e", "Bunny, big and buck"),
    ]

    @Test func `titles come before descriptions, words in a row before words apart, and new ones before old ones`()
        async throws
    {
        try await withLibrary { catalog in
            let cases = [
                ("big buck bunny", ["a", "e", "b"]), ("buck", ["e", "b", "a", "d"]), ("buck dragon", ["d"]),
            ]
            for (text, ids) in cases {
                let found = try await found(catalog, text)
                #expect(found == ids, "\(text)")
            }
        }
    }

    @Test(arguments: [
        ("BUN", ["e", "b", "a"]), ("kasekuchen fur", ["c"]), ("KÄSE", ["c"]), ("buck big", ["e", "b", "a"]),
        ("uck", []), ("big sintel", []), ("s", []), ("a", ["b", "d"]), ("sin", ["d"]),
    ])
    func `whole words are found, the last by its beginning, whatever case and accents`(
        _ text: String, _ ids: [String]
    ) async throws {
        try await withLibrary { catalog in
            let found = try await found(catalog, text)
            #expect(found == ids)
        }
    }

    @Test(arguments: [
        "\"", "\"\"", "*", "^big", "big AND", "NOT big", "NEAR(big buck)", "title:big", "audience : everyone", "(",
        "{title}",
        "big -buck", "big\0buck", "everyone", "o6f776e6572", "-", "\u{301}", "+", "big \"", "'", "AND", "\u{1F600}",
        String(repeating: "\"big ", count: 50), String(repeating: "-", count: 200), "100%", "_", "big\u{1F600}*",
    ])
    func `nothing that is typed is syntax`(_ text: String) async throws {
        try await withLibrary { catalog in
            for sort in VideoQuery.Sort.allCases {
                let ids = try await found(catalog, text, sort: sort)
                #expect(Set(ids).isSubset(of: ["a", "b", "d", "e"]))
            }
        }
    }

    @Test func `words of the audience are not found as text`() async throws {
        try await withLibrary { catalog in
            for audience in [VideoQuery.Audience.everyone, .administrator] {
                let found = try await found(catalog, "everyone", audience: audience)
                #expect(found == [])
            }
        }
    }

    @Test func `each searches among what they may see`() async throws {
        try await withLibrary { catalog in
            try await catalog.write { transaction in
                try transaction.insert(makeVideo("mine", owner: "service:x-1", title: "Bunny at home", playable: true))
                try transaction.insert(makeVideo("waiting", title: "Bunny to come", visibility: .public))
            }
            #expect(try await found(catalog, "bunny") == ["e", "b", "a"])
            #expect(
                try await found(catalog, "bunny", audience: .account("service:x-1")) == ["mine", "e", "b", "a"])
            #expect(try await found(catalog, "bunny", audience: .account("x")) == ["e", "b", "a"])
            #expect(
                try await found(catalog, "bunny", audience: .administrator) == ["waiting", "mine", "e", "b", "a"])
            for (audience, ids) in [
                (VideoQuery.Audience.everyone, [String]()), (.account("owner"), []),
                (.account("service:x-1"), ["mine"]),
                (.administrator, ["mine"]),
            ] {
                #expect(
                    try await found(catalog, "bunny", audience: audience, owner: "service:x-1") == ids,
                    "\(audience)")
            }
        }
    }

    @Test(arguments: VideoQuery.Sort.allCases)
    func `pages of a search cover what it finds once, in order`(_ sort: VideoQuery.Sort) async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                for number in 0..<40 {
                    let title = ["Red kite", "Kite in red", "Flying"][number % 3]
                    var video = makeVideo("v\(number)", title: title, visibility: .public, playable: true)
                    video.description = number % 4 == 0 ? "A kite, and it is red" : ""
                    video.views = Int64(number % 5)
                    try transaction.insert(video)
                }
            }
            var query = VideoQuery(audience: .everyone, text: "red kite", sort: sort, limit: 7)
            let whole = try await catalog.read { [query] reader in
                var all = query
                all.limit = 100
                return try reader.videos(all).items
            }
            var paged: [Video] = []
            repeat {
                let page = try await catalog.read { [query] in try $0.videos(query) }
                paged += page.items
                query.after = page.next
            } while query.after != nil
            #expect(paged == whole && Set(whole.map(\.id)).count == 30)
            let numbers = whole.compactMap { Int($0.id.dropFirst()) }
            switch sort {
            case .newest: #expect(numbers == numbers.sorted(by: >))
            case .oldest: #expect(numbers == numbers.sorted())
            case .views: #expect(whole.map(\.views) == whole.map(\.views).sorted(by: >))
            case .relevance: #expect(numbers.map { $0 % 3 } == numbers.map { $0 % 3 }.sorted())
            }
        }
    }

    @Test func `the index follows the rows through every change`() async throws {
        try await withLibrary { catalog in
            try await catalog.write { transaction in
                var video = try #require(try transaction.video(id: "a"))
                video.title = "Elephants Dream"
                try transaction.save(video)
                video.progress = 0.5
                try transaction.save(video)
                var hidden = try #require(try transaction.video(id: "e"))
                hidden.visibility = .private
                try transaction.save(hidden)
                var trashed = try #require(try transaction.video(id: "b"))
                trashed.deletedAt = 5
                try transaction.save(trashed)
                _ = try transaction.deleteVideo(id: "d")
            }
            #expect(try await found(catalog, "bunny") == [])
            #expect(try await found(catalog, "bunny", audience: .administrator) == ["e"])
            #expect(try await found(catalog, "elephants") == ["a"])
            #expect(try await found(catalog, "sintel", audience: .administrator) == [])
            try await catalog.write { transaction in
                var restored = try #require(try transaction.video(id: "b"))
                restored.deletedAt = nil
                try transaction.save(restored)
                var gone = try #require(try transaction.video(id: "c"))
                gone.deletedAt = 5
                try transaction.save(gone)
                _ = try transaction.deleteVideo(id: "c")
            }
            #expect(try await found(catalog, "bunny") == ["b"])
            try await checkIndex(catalog)
        }
    }

    @Test func `what was there before there was a search is found`() async throws {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.file("catalog.sqlite")
        let before = CatalogSchema.migrations.prefix { $0.name != "lists and searches" }
        let old = try Database(path: path, migrations: Array(before))
        try await old.write { connection in
            for (id, created) in [("late", 9), ("early", 3)] {
                try connection.execute(
                    """
                    INSERT INTO videos (id, owner_id, owner_name, title, description, file_name, content_type, upload_key,
                        declared_size, visibility, status, progress, playable, views, likes, created_at, updated_at)
                    VALUES (?, 'anna', 'Anna', 'Sheep', '', 'f', 'video/mp4', ?, 9, 'public', 'ready', 1, 1, 0, 0, ?, 1)
                    """, [id, "\(id)/original", created])
            }
        }
        let catalog = try SQLiteCatalog(path: path)
        #expect(try await found(catalog, "sheep") == ["late", "early"])
        try await checkIndex(catalog)
    }

    /// FTS5 compares its index with the rows.
    private func checkIndex(_ catalog: SQLiteCatalog) async throws {
        try await catalog.database.write { connection in
            _ = try connection.execute("INSERT INTO video_search (video_search) VALUES ('integrity-check')")
        }
    }

    private func withLibrary(_ body: (SQLiteCatalog) async throws -> Void) async throws {
        try await withCatalog { catalog in
            try await catalog.write { [titles] transaction in
                for (id, title) in titles {
                    var video = makeVideo(id, title: title, visibility: .public, playable: true)
                    video.description = id == "d" ? "A dragon, and the buck stops here" : ""
                    try transaction.insert(video)
                }
            }
            try await body(catalog)
        }
    }

    private func found(
        _ catalog: SQLiteCatalog, _ text: String, audience: VideoQuery.Audience = .everyone, owner: String? = nil,
        sort: VideoQuery.Sort = .relevance
    ) async throws -> [String] {
        let query = VideoQuery(audience: audience, ownerId: owner, text: text, sort: sort)
        return try await catalog.read { try $0.videos(query).items.map(\.id) }
    }
}
