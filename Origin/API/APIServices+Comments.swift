internal import Audit
internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON

extension APIServices {
    /// Comments that one account may write in a minute.
    private static let commentsPerMinute = 10
    /// Answers that are counted.
    private static let countedAnswers = 1_000

    /// `GET /videos/{videoId}/comments`: newest first; of `parent` its answers, of `state` what waits or is hidden, for those
    /// who decide of it.
    func listComments(_ request: Request, for caller: Caller?) async throws -> Response {
        let video = try await visibleVideo(request, for: caller)
        let input = try APIQuery(request)
        let state: VideoComment.State? = try input.choice("state")
        var query = CommentQuery(
            videoId: video.id, part: .answers(to: input.text("parent")), readerId: caller?.id,
            showsAll: caller.map { video.isModerated(by: $0) } ?? false,
            limit: try input.limit(default: 24, maximum: 100), after: try PageKey.from(input))
        if let state, state != .visible { query.part = .state(state) }
        let (items, next) = try await catalog.read { [query] reader in
            let page = try reader.comments(query)
            let items = try page.items.map { comment in
                comment.json(answers: try reader.answerCount(commentId: comment.id, limit: Self.countedAnswers))
            }
            return (items, page.next)
        }
        return APIServices.json(.ok, .page(items, next: next))
    }

    /// `POST /videos/{videoId}/comments`: a comment, or an answer to one.
    func createComment(_ request: Request, by caller: Caller) async throws -> Response {
        let video = try await visibleVideo(request, for: caller)
        let input = APIInput(request)
        let text = try input.commentText()
        let parentId = try input.text("parentId", limit: 64)
        let now = now()
        let comment = try await catalog.write { transaction in
            // It may have been deleted since it was looked at.
            guard try transaction.videoOutsideTrash(id: video.id) != nil else { throw Problem.videoNotFound }
            let rule = try transaction.commentRule(videoId: video.id)
            guard rule != .closed else { throw Problem.commentsClosed }
            if let parentId {
                guard let parent = try transaction.comment(id: parentId), parent.videoId == video.id,
                    parent.parentId == nil, parent.isVisible(to: caller, of: video)
                else { throw Problem.unprocessable("parentId", "is no comment of this video that can be answered.") }
            }
            let written = try transaction.commentCount(authorId: caller.id, since: now - 60_000)
            guard written < Self.commentsPerMinute else {
                throw Problem.tooManyComments(perMinute: Self.commentsPerMinute)
            }
            let comment = VideoComment(
                id: VideoID.random(), videoId: video.id, parentId: parentId, authorId: caller.id,
                authorName: caller.name, text: text,
                state: rule == .moderated && !video.isModerated(by: caller) ? .pending : .visible, createdAt: now)
            try transaction.insert(comment)
            return comment
        }
        return APIServices.json(.created, comment.json(answers: 0))
    }

    /// `PATCH /comments/{commentId}`: the author changes the text, whoever decides of the video's comments the state.
    func editComment(_ request: Request, by caller: Caller) async throws -> Response {
        let input = APIInput(request)
        let text = try input["text"] == nil ? nil : input.commentText()
        let state: VideoComment.State? = try input.choice("state")
        let (id, now) = (request[parameter: "commentId"], now())
        let (comment, answers) = try await catalog.write { transaction in
            var (comment, video) = try Self.comment(id, for: caller, in: transaction)
            if let text {
                guard comment.authorId == caller.id else { throw Problem.notTheirComment }
                comment.text = text
                comment.editedAt = now
                // What was approved is not what stands there now.
                if comment.state == .visible, !video.isModerated(by: caller),
                    try transaction.commentRule(videoId: video.id) == .moderated
                {
                    comment.state = .pending
                }
            }
            if let state {
                guard video.isModerated(by: caller) else { throw Problem.notTheirComment }
                comment.state = state
            }
            try transaction.save(comment)
            if state != nil, comment.authorId != caller.id {
                try transaction.record(AuditAct(.commentModerated, comment), at: now)
            }
            return (comment, try transaction.answerCount(commentId: id, limit: Self.countedAnswers))
        }
        return APIServices.json(.ok, comment.json(answers: answers))
    }

    /// `DELETE /comments/{commentId}`: with its answers, by its author or whoever decides of the video's comments.
    func deleteComment(_ request: Request, by caller: Caller) async throws -> Response {
        let (id, now) = (request[parameter: "commentId"], now())
        try await catalog.write { transaction in
            let (comment, video) = try Self.comment(id, for: caller, in: transaction)
            guard comment.authorId == caller.id || video.isModerated(by: caller) else { throw Problem.notTheirComment }
            try transaction.deleteComment(id: id)
            if comment.authorId != caller.id { try transaction.record(AuditAct(.commentDeleted, comment), at: now) }
        }
        return Response(status: .noContent)
    }

    /// `PUT /videos/{videoId}/comment-rule`: whether there are new comments, and whether somebody looks at them first.
    func setCommentRule(_ request: Request, by caller: Caller) async throws -> Response {
        let video = try await editableVideo(request, by: caller)
        guard let rule: CommentRule = try APIInput(request).choice("rule") else {
            throw Problem.unprocessable("rule", "is required.")
        }
        try await catalog.write { transaction in
            guard try transaction.videoOutsideTrash(id: video.id) != nil else { throw Problem.videoNotFound }
            try transaction.setCommentRule(rule, videoId: video.id)
        }
        return Response(status: .noContent)
    }

    /// The comment with its video; for who may not see either the same answer as for one that does not exist.
    private static func comment(
        _ id: String, for caller: Caller, in reader: any CatalogReader
    ) throws -> (VideoComment, Video) {
        guard let comment = try reader.comment(id: id), let video = try reader.video(id: comment.videoId),
            video.isVisible(to: caller), comment.isVisible(to: caller, of: video)
        else { throw Problem.commentNotFound }
        return (comment, video)
    }
}
