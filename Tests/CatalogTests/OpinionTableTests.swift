import SQLiteDatabase
import TestKit
import Testing

@testable import Catalog

@Suite struct OpinionTableTests {
    private func videos(_ catalog: SQLiteCatalog, _ ids: String..., owner: String = "owner") async throws {
        try await catalog.write { transaction in
            for (number, id) in ids.enumerated() {
                try transaction.insert(
                    makeVideo(
                        id, owner: owner, visibility: .public, playable: true,
                        createdAt: Int64(10 * number + owner.count)))
            }
        }
    }

    @Test func `a like counts once, and not at all once it is taken back`() async throws {
        try await withCatalog { catalog in
            try await videos(catalog, "v")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        try await catalog.write { try $0.like(videoId: "v", by: "a\(number % 20)", at: 1) }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await catalog.read { try $0.video(id: "v")?.likes } == 20)
            try await catalog.write { transaction in
                for account in ["a0", "a0", "nobody"] { try transaction.unlike(videoId: "v", by: account) }
            }
            #expect(try await catalog.read { try $0.video(id: "v")?.likes } == 19)
            let likes = try await catalog.read { reader in
                try ["a0", "a1"].map { try reader.isLiked(videoId: "v", by: $0) }
            }
            #expect(likes == [false, true])
        }
    }

    @Test func `saving a video from an earlier read takes no view and no like away`() async throws {
        try await withCatalog { catalog in
            try await videos(catalog, "v")
            let read = try #require(try await catalog.read { try $0.video(id: "v") })
            try await catalog.write { transaction in
                try transaction.like(videoId: "v", by: "a", at: 1)
                try transaction.record([makeSession("v", "s")])
                try transaction.save(read)
            }
            let video = try #require(try await catalog.read { try $0.video(id: "v") })
            #expect((video.likes, video.views) == (1, 1))
        }
    }

    @Test func `subscribers are counted, and a channel is there once it shows something`() async throws {
        try await withCatalog { catalog in
            try await videos(catalog, "v", "w", owner: "anna")
            try await catalog.write { transaction in
                try transaction.insert(makeVideo("hidden", owner: "anna", visibility: .private, playable: true))
                try transaction.insert(makeVideo("x", owner: "cleo", visibility: .unlisted, playable: true))
                for account in ["ben", "ben", "dora"] { try transaction.subscribe(account, to: "anna", at: 5) }
            }
            let channel = try await catalog.read { try $0.channel(of: "anna") }
            #expect(channel == Channel(accountId: "anna", name: "Owner", videos: 2, subscribers: 2))
            #expect(try await catalog.read { try $0.channel(of: "cleo") } == nil)
            try await catalog.write { transaction in
                for account in ["ben", "ben", "nobody"] { try transaction.unsubscribe(account, from: "anna") }
            }
            #expect(try await catalog.read { try $0.channel(of: "anna")?.subscribers } == 1)
            #expect(try await catalog.read { try $0.isSubscribed("ben", to: "anna") } == false)
            #expect(try await catalog.read { try $0.subscriptionCount(of: "dora") } == 1)
        }
    }

    @Test func `a feed merges channels page by page, newest first`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                for number in 0..<30 {
                    try transaction.insert(
                        makeVideo(
                            "v\(number)", owner: "owner-\(number % 4)",
                            visibility: number % 7 == 0 ? .private : .public,
                            playable: true, createdAt: Int64(number / 2)))
                }
                for owner in ["owner-0", "owner-1", "owner-2", "silent"] {
                    try transaction.subscribe("anna", to: owner, at: 1)
                }
            }
            var seen: [String] = []
            var after: PageKey?
            repeat {
                let page = try await catalog.read { [after] in try $0.feed(of: "anna", limit: 4, after: after) }
                #expect(page.items.count <= 4)
                seen += page.items
                after = page.next
            } while after != nil
            let expected = (0..<30).filter { $0 % 4 != 3 && $0 % 7 != 0 }
                .sorted { ($0 / 2, "v\($0)") > ($1 / 2, "v\($1)") }.map { "v\($0)" }
            #expect(seen == expected)
            #expect(try await catalog.read { try $0.feed(of: "ben", limit: 4, after: nil).items }.isEmpty)
        }
    }

    @Test func `a view of today weighs two of yesterday, whichever was written first`() async throws {
        let day: Int64 = 86_400_000
        for isTurned in [false, true] {
            try await withCatalog { catalog in
                try await videos(catalog, "old", "new", "both")
                var views = [("old", 1, 3, day), ("new", 2, 2, 2 * day), ("both", 3, 1, day), ("both", 4, 2, 2 * day)]
                if isTurned { views.reverse() }
                for (video, session, count, time) in views {
                    let sessions = (0..<count).map { makeSession(video, "\(session)-\($0)", startedAt: time) }
                    try await catalog.write { try $0.record(sessions) }
                }
                // 1.5, 2 and 2.5 views of the second day.
                #expect(try await catalog.read { try $0.trending(limit: 9) } == ["both", "new", "old"])
                #expect(try await catalog.read { try $0.trending(limit: 2) } == ["both", "new"])
            }
        }
    }

    @Test func `only what everybody sees is trending, and heat does not overflow`() async throws {
        try await withCatalog { catalog in
            try await videos(catalog, "v")
            try await catalog.write { transaction in
                try transaction.insert(makeVideo("private", visibility: .private, playable: true))
                try transaction.insert(makeVideo("waiting", visibility: .public))
                for (id, time) in [("private", 1), ("waiting", 1), ("v", Int64(4_000_000_000_000))] {
                    try transaction.record([makeSession(id, "s", startedAt: time)])
                }
            }
            #expect(try await catalog.read { try $0.trending(limit: 9) } == ["v"])
        }
    }

    @Test func `what an account thinks goes with it, and with a video what was thought of it`() async throws {
        try await withCatalog { catalog in
            try await videos(catalog, "v", owner: "anna")
            try await videos(catalog, "w", owner: "cleo")
            _ = try await catalog.database.write { connection in
                try connection.execute(
                    """
                    INSERT INTO identity_users (id, pool_id, username, username_key, attributes, status, is_enabled,
                        totp_enabled, totp_preferred, created_at, updated_at)
                    VALUES ('ben', 'p', 'ben', 'ben', '{}', 'CONFIRMED', 1, 0, 0, 1, 1)
                    """)
            }
            try await catalog.write { transaction in
                for video in ["v", "w"] { try transaction.like(videoId: video, by: "ben", at: 1) }
                try transaction.subscribe("ben", to: "anna", at: 1)
                try transaction.insert(makeComment("c", on: "w", by: "ben"))
                try transaction.insert(makeComment("d", on: "v", by: "cleo"))
                _ = try transaction.deleteVideo(id: "v")
            }
            #expect(try await catalog.read { try $0.comment(id: "d") } == nil)
            #expect(try await catalog.read { try $0.video(id: "w")?.likes } == 1)
            _ = try await catalog.database.write { try $0.execute("DELETE FROM identity_users WHERE id = 'ben'") }
            #expect(try await catalog.read { try $0.video(id: "w")?.likes } == 0)
            #expect(try await catalog.read { try $0.comment(id: "c") } == nil)
            #expect(try await catalog.read { try $0.subscriptionCount(of: "ben") } == 0)
        }
    }
}
