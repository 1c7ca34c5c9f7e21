/// What an account shows everybody.
public struct Channel: Sendable, Equatable {
    /// The account's `sub`.
    public let accountId: String
    /// The account's name as its newest listed video has it.
    public let name: String
    /// How many of its videos everybody sees in lists.
    public let videos: Int64
    /// How many accounts follow it.
    public let subscribers: Int64

    /// Makes a channel.
    public init(accountId: String, name: String, videos: Int64, subscribers: Int64) {
        self.accountId = accountId
        self.name = name
        self.videos = videos
        self.subscribers = subscribers
    }
}

/// That an account follows a channel.
public struct Subscription: Sendable, Equatable {
    /// Whose channel.
    public let channelId: String
    /// Epoch milliseconds.
    public let createdAt: Int64

    /// Makes a subscription.
    public init(channelId: String, createdAt: Int64) {
        self.channelId = channelId
        self.createdAt = createdAt
    }
}

/// Reads channels and who follows them.
public protocol ChannelReader {
    /// The channel of an account with at least one listed video, or nil.
    func channel(of accountId: String) throws -> Channel?
    /// Whether the account follows the channel.
    func isSubscribed(_ accountId: String, to channelId: String) throws -> Bool
    /// How many channels an account follows.
    func subscriptionCount(of accountId: String) throws -> Int
    /// A page of what an account follows, last subscribed first.
    func subscriptions(of accountId: String, limit: Int, after: PageKey?) throws -> Page<Subscription>
    /// A page of the listed videos of all channels that an account follows, newest first, by their ids.
    func feed(of accountId: String, limit: Int, after: PageKey?) throws -> Page<String>
}

/// Records who follows whom; `Channel.subscribers` follows.
public protocol ChannelWriter {
    /// The account follows the channel; nothing happens where it did before.
    func subscribe(_ accountId: String, to channelId: String, at time: Int64) throws
    /// The account does not follow the channel, or no longer.
    func unsubscribe(_ accountId: String, from channelId: String) throws
}
