/// What somebody says about a video.
public struct VideoComment: Sendable, Equatable {
    /// Who sees it besides its author, the video's owner and administrators.
    public enum State: String, Sendable, CaseIterable {
        /// Whoever may see the video.
        case visible
        /// Nobody yet.
        case pending
        /// Nobody any longer.
        case hidden
    }

    /// A name that nobody can guess.
    public let id: String
    /// What it is about.
    public let videoId: String
    /// The comment it answers, which answers none itself.
    public let parentId: String?
    /// The author's `sub`.
    public let authorId: String
    /// The author's name when it was written.
    public let authorName: String
    /// What is said.
    public var text: String
    /// Who sees it.
    public var state: State
    /// Epoch milliseconds.
    public let createdAt: Int64
    /// Epoch milliseconds of the last change of the text; nil for one that stands as it was written.
    public var editedAt: Int64?

    /// A comment as it is written.
    public init(
        id: String, videoId: String, parentId: String?, authorId: String, authorName: String, text: String,
        state: State, createdAt: Int64
    ) {
        self.id = id
        self.videoId = videoId
        self.parentId = parentId
        self.authorId = authorId
        self.authorName = authorName
        self.text = text
        self.state = state
        self.createdAt = createdAt
    }
}

/// Whether a video may be commented.
public enum CommentRule: String, Sendable, CaseIterable {
    /// Everybody sees comments at once.
    case open
    /// The video's owner looks at them first.
    case moderated
    /// There are no new ones.
    case closed
}

/// Which comments a list shows, newest first.
public struct CommentQuery: Sendable, Equatable {
    /// What of a video is asked for.
    public enum Part: Sendable, Equatable {
        /// What answers a comment, or where it is nil no other.
        case answers(to: String?)
        /// All in this state, which is not `visible`.
        case state(VideoComment.State)
    }

    /// The video.
    public var videoId: String
    /// What of it.
    public var part: Part
    /// Whose own are shown in every state.
    public var readerId: String?
    /// Whether those of all are.
    public var showsAll: Bool
    /// How many, at least 1.
    public var limit: Int
    /// Where the page before this one ended.
    public var after: PageKey?

    /// Makes a query.
    public init(
        videoId: String, part: Part = .answers(to: nil), readerId: String? = nil, showsAll: Bool = false,
        limit: Int = 24, after: PageKey? = nil
    ) {
        self.videoId = videoId
        self.part = part
        self.readerId = readerId
        self.showsAll = showsAll
        self.limit = limit
        self.after = after
    }
}

/// Reads comments.
public protocol CommentReader {
    /// The comment, or nil.
    func comment(id: String) throws -> VideoComment?
    /// A page of a list.
    func comments(_ query: CommentQuery) throws -> Page<VideoComment>
    /// How many visible answers a comment has, counted up to `limit`.
    func answerCount(commentId: String, limit: Int) throws -> Int
    /// How many comments an account has written since `time`.
    func commentCount(authorId: String, since time: Int64) throws -> Int
    /// Whether a video may be commented; `open` unless it was said otherwise.
    func commentRule(videoId: String) throws -> CommentRule
}

/// Changes comments.
public protocol CommentWriter {
    /// Adds a comment to a video that exists.
    func insert(_ comment: VideoComment) throws
    /// Stores text, state and time of change of a comment that exists.
    func save(_ comment: VideoComment) throws
    /// Removes a comment with what answers it.
    func deleteComment(id: String) throws
    /// Says whether a video, which must exist, may be commented.
    func setCommentRule(_ rule: CommentRule, videoId: String) throws
}
