/// Which videos a list shows and in which order.
public struct VideoQuery: Sendable, Equatable {
    /// The order of a list.
    public enum Sort: String, Sendable, CaseIterable {
        /// Latest upload first.
        case newest
        /// First upload first.
        case oldest
        /// Most watched first; of what a search finds, the `VideoQuery.rankedMatches` that fit best.
        case views
        /// What fits a search best first, which is without one the newest.
        case relevance
    }

    /// Whose eyes the list is for.
    public enum Audience: Sendable, Equatable {
        /// Everybody: public videos that play.
        case everyone
        /// One account: what everybody sees, and everything of its own.
        case account(String)
        /// An administrator: everything.
        case administrator
    }

    /// How many of what a search finds are put in the order of their views: a common word finds too many.
    public static let rankedMatches = 1_000

    /// Whose eyes the list is for.
    public var audience: Audience
    /// Only this owner's videos.
    public var ownerId: String?
    /// Only titles and descriptions that have all these words, the last of which may be the beginning of one; accents and
    /// case do not count. Nothing is found by a text without letters and figures.
    public var text: String?
    /// The order.
    public var sort: Sort
    /// How many, 1 to 100.
    public var limit: Int
    /// Where the page before this one, with the same text and order, ended.
    public var after: PageKey?

    /// Whether the list has what is not public, of this owner or of everybody.
    func showsUnlisted(of ownerId: String?) -> Bool {
        switch audience {
        case .everyone: false
        case .account(let id): id == ownerId
        case .administrator: true
        }
    }

    /// Makes a query.
    public init(
        audience: Audience, ownerId: String? = nil, text: String? = nil, sort: Sort = .newest, limit: Int = 24,
        after: PageKey? = nil
    ) {
        self.audience = audience
        self.ownerId = ownerId
        self.text = text
        self.sort = sort
        self.limit = limit
        self.after = after
    }
}

/// Reads videos.
public protocol VideoReader {
    /// The video, be it in the trash, or nil.
    func video(id: String) throws -> Video?
    /// The video whose upload lands at this key, or nil.
    func video(uploadKey: String) throws -> Video?
    /// One page of a list.
    func videos(_ query: VideoQuery) throws -> Page<Video>
    /// One page of what an owner has deleted and can bring back, the latest first.
    func trash(ownerId: String, limit: Int, after: PageKey?) throws -> Page<Video>
    /// Those that were deleted at this time or before, in epoch milliseconds, the first first.
    func videosInTrash(until: Int64, limit: Int) throws -> [Video]
}

extension VideoReader {
    /// The video, unless it is in the trash; nil then, and when there is none.
    public func videoOutsideTrash(id: String) throws -> Video? {
        try video(id: id).flatMap { $0.deletedAt == nil ? $0 : nil }
    }
}

/// Changes videos.
public protocol VideoWriter {
    /// Adds a video; its id and upload key must be new.
    func insert(_ video: Video) throws
    /// Stores every field of a video that exists, but for `views` and `likes`, which are only added to.
    func save(_ video: Video) throws
    /// Removes a video with its job and views; false when there was none.
    func deleteVideo(id: String) throws -> Bool
}
