import SQLiteDatabase
import Testing

@testable import Catalog

func makeComment(
    _ id: String, on video: String = "v", by author: String = "anna", answering parent: String? = nil,
    state: VideoComment.State = .visible, createdAt: Int64 = 1
) -> VideoComment {
    VideoComment(
        id: id, videoId: video, parentId: parent, authorId: author, authorName: author, text: "text of \(id)",
        state: state, createdAt: createdAt)
}

@Suite struct CommentTableTests {
    @Test func `every field of a comment survives`() async throws {
        try await withCatalog { catalog in
            let stored = try await catalog.write { transaction in
                try transaction.insert(makeVideo("v"))
                try transaction.insert(makeComment("c"))
                var answer = makeComment("d", by: "ben", answering: "c", state: .pending, createdAt: 5)
                try transaction.insert(answer)
                answer.text = "other words"
                answer.state = .hidden
                answer.editedAt = 9
                try transaction.save(answer)
                return (try transaction.comment(id: "d"), answer)
            }
            #expect(stored.0 == stored.1)
        }
    }

    @Test func `lists have threads, newest first, and of what is not visible the reader's own`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { transaction in
                try transaction.insert(makeVideo("v"))
                try transaction.insert(makeVideo("other"))
                for number in 0..<7 {
                    try transaction.insert(makeComment("c\(number)", createdAt: Int64(number / 2)))
                }
                try transaction.insert(makeComment("waiting", by: "ben", state: .pending, createdAt: 9))
                try transaction.insert(makeComment("gone", state: .hidden, createdAt: 10))
                try transaction.insert(makeComment("elsewhere", on: "other"))
                for number in 0..<3 {
                    try transaction.insert(makeComment("a\(number)", answering: "c0", createdAt: Int64(20 + number)))
                }
            }
            func ids(_ query: CommentQuery) async throws -> [String] {
                var query = query
                var seen: [String] = []
                repeat {
                    let page = try await catalog.read { [query] in try $0.comments(query) }
                    seen += page.items.map(\.id)
                    query.after = page.next
                } while query.after != nil
                return seen
            }
            let all = ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]
            #expect(try await ids(CommentQuery(videoId: "v", limit: 2)) == all)
            #expect(try await ids(CommentQuery(videoId: "v", readerId: "ben", limit: 3)) == ["waiting"] + all)
            #expect(try await ids(CommentQuery(videoId: "v", showsAll: true)) == ["gone", "waiting"] + all)
            #expect(
                try await ids(CommentQuery(videoId: "v", part: .answers(to: "c0"), limit: 1)) == ["a2", "a1", "a0"])
            #expect(try await ids(CommentQuery(videoId: "v", part: .state(.pending), showsAll: true)) == ["waiting"])
            #expect(try await ids(CommentQuery(videoId: "v", part: .state(.pending), readerId: "anna")) == [])
            #expect(try await catalog.read { try $0.answerCount(commentId: "c0", limit: 9) } == 3)
            #expect(try await catalog.read { try $0.answerCount(commentId: "c0", limit: 2) } == 2)
            #expect(try await catalog.read { try $0.commentCount(authorId: "anna", since: 10) } == 3)
            try await catalog.write { try $0.deleteComment(id: "c0") }
            #expect(try await catalog.read { try $0.comment(id: "a1") } == nil, "answers go along")
        }
    }

    @Test func `a video takes comments unless it was said otherwise`() async throws {
        try await withCatalog { catalog in
            try await catalog.write { try $0.insert(makeVideo("v")) }
            for rule in [CommentRule.open, .moderated, .closed, .open] {
                try await catalog.write { try $0.setCommentRule(rule, videoId: "v") }
                #expect(try await catalog.read { try $0.commentRule(videoId: "v") } == rule)
            }
            #expect(try await catalog.read { try $0.commentRule(videoId: "none") } == .open)
        }
    }

    /// One page of each list that grows without end, looked at as SQLite carries it out.
    @Test func `no list sorts or reads all there is`() async throws {
        try await withCatalog { catalog in
            for (sql, index) in [
                (
                    "SELECT id FROM comments WHERE video_id = 'v' AND parent_id IS NULL AND (created_at, id) < (5, 'x') "
                        + "AND (state = 'visible' OR author_id = 'a' OR 0) ORDER BY created_at DESC, id DESC LIMIT 9",
                    "comments_by_thread (video_id=? AND parent_id=? AND (created_at,id)<(?,?))"
                ),
                (
                    "SELECT id FROM comments WHERE video_id = 'v' AND state = 'pending' AND state <> 'visible' "
                        + "AND (created_at, id) < (5, 'x') ORDER BY created_at DESC, id DESC LIMIT 9",
                    "comments_by_state (video_id=? AND state=? AND (created_at,id)<(?,?))"
                ),
                (
                    "SELECT video_id FROM watch_history WHERE account_id = 'a' AND (watched_at, video_id) < (5, 'x') "
                        + "ORDER BY watched_at DESC, video_id DESC LIMIT 9",
                    "watch_history_by_time (account_id=? AND (watched_at,video_id)<(?,?))"
                ),
                (
                    "SELECT channel_id FROM subscriptions WHERE account_id = 'a' AND (created_at, channel_id) < (5, 'x') "
                        + "ORDER BY created_at DESC, channel_id DESC LIMIT 9",
                    "subscriptions_by_time (account_id=? AND (created_at,channel_id)<(?,?))"
                ),
            ] {
                let plan = try await catalog.database.read { connection in
                    try connection.query("EXPLAIN QUERY PLAN \(sql)") { try $0.text(3) }.joined(separator: "\n")
                }
                #expect(plan.contains(index) && !plan.contains("TEMP B-TREE"), "\(plan)")
            }
        }
    }
}
