internal import Audit
internal import Bytes
internal import Catalog
internal import HTTPWire
internal import Identity
internal import JSON

extension VideoComment {
    /// The comment as whoever sees it is told.
    func json(answers: Int) -> JSONObject {
        var object: JSONObject = [
            "commentId": .string(id), "videoId": .string(videoId), "authorId": .string(authorId),
            "authorName": .string(PublicName.of(authorName)), "text": .string(text),
            "state": .string(state.rawValue), "createdAt": .string(ISO8601.extended(milliseconds: createdAt)),
            "answers": .integer(Int64(answers)),
        ]
        if let parentId { object["parentId"] = .string(parentId) }
        if let editedAt { object["editedAt"] = .string(ISO8601.extended(milliseconds: editedAt)) }
        return object
    }

    /// What waits and what is hidden exists for its author, and whoever decides of the comments of `video`.
    func isVisible(to caller: Caller, of video: Video) -> Bool {
        state == .visible || authorId == caller.id || video.isModerated(by: caller)
    }
}

extension Video {
    /// Whether the caller decides which of its comments others see: its owner, or an administrator.
    func isModerated(by caller: Caller) -> Bool { caller.id == ownerId || caller.role == .admin }
}

extension APIInput {
    /// What a comment says.
    func commentText() throws(Problem) -> String {
        let text = ASCII.trimmed(try text("text", limit: 10_000, isMultiline: true) ?? "")
        guard !text.allSatisfy(\.isWhitespace) else { throw .unprocessable("text", "is required.") }
        return text
    }
}

extension AuditAct {
    /// What was done to somebody's comment by somebody else.
    init(_ action: Action, _ comment: VideoComment) {
        self.init(
            action, of: .comment(comment.id),
            [
                "author": .string(comment.authorId), "video": .string(comment.videoId),
                "state": .string(comment.state.rawValue),
            ])
    }
}

extension Problem {
    static let commentNotFound = Problem(
        .notFound, "comment_not_found", "There is no such comment, or it is not for you.")
    static let notTheirComment = Problem(
        .forbidden, "forbidden",
        "Text is changed by its author alone; state by the video's owner and accounts with the role admin.")
    static let commentsClosed = Problem(.conflict, "comments_closed", "This video takes no comments any more.")
}
