internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let commentColumns =
        "id, video_id, parent_id, author_id, author_name, text, state, created_at, edited_at"

    func comment(id: String) throws -> VideoComment? {
        try connection.first("SELECT \(Self.commentColumns) FROM comments WHERE id = ?", [id], readComment)
    }

    func comments(_ query: CommentQuery) throws -> Page<VideoComment> {
        let (condition, value): (String, String?) =
            switch query.part {
            case .answers(let parentId): ("parent_id IS ?", parentId)
            case .state(let state): ("state = ? AND state <> 'visible'", state.rawValue)
            }
        let found = try connection.query(
            """
            SELECT \(Self.commentColumns) FROM comments
            WHERE video_id = ? AND \(condition) AND (created_at, id) < (?, ?)
                AND (state = 'visible' OR author_id = ? OR ?)
            ORDER BY created_at DESC, id DESC LIMIT ?
            """,
            [
                query.videoId, value, query.after?.value ?? .max, query.after?.id ?? "", query.readerId, query.showsAll,
                query.limit + 1,
            ], readComment)
        return Page(found, limit: query.limit) { PageKey(value: $0.createdAt, id: $0.id) }
    }

    func answerCount(commentId: String, limit: Int) throws -> Int {
        try connection.first(
            "SELECT count(*) FROM (SELECT 1 FROM comments WHERE parent_id = ? AND state = 'visible' LIMIT ?)",
            [commentId, limit]
        ) { try $0.int(0) } ?? 0
    }

    func commentCount(authorId: String, since time: Int64) throws -> Int {
        try connection.first(
            "SELECT count(*) FROM comments WHERE author_id = ? AND created_at > ?", [authorId, time]
        ) { try $0.int(0) } ?? 0
    }

    func commentRule(videoId: String) throws -> CommentRule {
        try connection.first("SELECT rule FROM comment_rules WHERE video_id = ?", [videoId]) { try $0.choice(0) }
            ?? .open
    }

    func insert(_ comment: VideoComment) throws {
        try connection.execute(
            "INSERT INTO comments (\(Self.commentColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                comment.id, comment.videoId, comment.parentId, comment.authorId, comment.authorName, comment.text,
                comment.state.rawValue, comment.createdAt, comment.editedAt,
            ])
    }

    func save(_ comment: VideoComment) throws {
        try connection.execute(
            "UPDATE comments SET text = ?, state = ?, edited_at = ? WHERE id = ?",
            [comment.text, comment.state.rawValue, comment.editedAt, comment.id])
    }

    func deleteComment(id: String) throws {
        try connection.execute("DELETE FROM comments WHERE id = ?", [id])
    }

    func setCommentRule(_ rule: CommentRule, videoId: String) throws {
        try connection.execute(
            "INSERT INTO comment_rules VALUES (?, ?) ON CONFLICT (video_id) DO UPDATE SET rule = excluded.rule",
            [videoId, rule.rawValue])
    }

    private func readComment(_ row: Row) throws -> VideoComment {
        var comment = VideoComment(
            id: try row.text(0), videoId: try row.text(1), parentId: try row.optionalText(2),
            authorId: try row.text(3), authorName: try row.text(4), text: try row.text(5), state: try row.choice(6),
            createdAt: try row.integer(7))
        comment.editedAt = try row.optionalInteger(8)
        return comment
    }
}
