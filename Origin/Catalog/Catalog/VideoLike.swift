/// Reads who likes what.
public protocol LikeReader {
    /// Whether the account likes the video.
    func isLiked(videoId: String, by accountId: String) throws -> Bool
}

/// Records who likes what; `Video.likes` follows.
public protocol LikeWriter {
    /// The account likes the video, which must exist; nothing happens where it did before.
    func like(videoId: String, by accountId: String, at time: Int64) throws
    /// The account does not like the video, or no longer.
    func unlike(videoId: String, by accountId: String) throws
}
