/// Where somebody wants to be told of videos.
public struct Webhook: Sendable, Equatable {
    /// Which videos it hears of.
    public enum Scope: String, Sendable, CaseIterable {
        /// Its owner's.
        case own
        /// Everybody's.
        case all
    }

    /// What can be told; the raw values are what receivers get.
    public enum Event: String, Sendable, CaseIterable {
        /// A video can be watched from now on.
        case playable = "video.playable"
        /// Everything of a video is published and checked.
        case ready = "video.ready"
        /// A video will not become one.
        case failed = "video.failed"
    }

    /// Part of URLs.
    public let id: String
    /// Whose it is: the id of an account.
    public let ownerId: String
    /// Which videos it hears of.
    public let scope: Scope
    /// Where messages are posted.
    public var url: String
    /// What it is told, in the order of `Event`.
    public var events: [Event]
    /// What its owner says of it; may be empty.
    public var description: String
    /// Whether it is told anything.
    public var isEnabled: Bool
    /// What messages are signed with; only the origin can open it.
    public var sealedSecret: [UInt8]
    /// What they were signed with before, which signs as well for a while.
    public var sealedOldSecret: [UInt8]?
    /// Until when, in epoch milliseconds as all times here.
    public var oldSecretUntil: Int64?
    /// When it was made.
    public let createdAt: Int64

    /// A webhook that is told from now on.
    public init(
        id: String, ownerId: String, scope: Scope, url: String, events: [Event], description: String,
        sealedSecret: [UInt8], createdAt: Int64
    ) {
        self.id = id
        self.ownerId = ownerId
        self.scope = scope
        self.url = url
        self.events = events
        self.description = description
        isEnabled = true
        self.sealedSecret = sealedSecret
        self.createdAt = createdAt
    }
}

/// One message to one webhook.
public struct WebhookDelivery: Sendable, Equatable {
    /// Where it stands.
    public enum State: String, Sendable, CaseIterable {
        /// It was not taken yet, and is tried again.
        case pending
        /// The receiver has taken it.
        case delivered
        /// It was given up.
        case dead
    }

    /// Part of URLs.
    public let id: String
    /// The webhook.
    public let webhookId: String
    /// The same for every delivery of one event: what receivers tell duplicates by.
    public let eventId: String
    /// What is told, as in `video.ready`.
    public let event: String
    /// The message, byte for byte.
    public let payload: String
    /// Where it stands.
    public var state: State
    /// How often it was tried.
    public var attempts: Int
    /// When it was made; epoch milliseconds as all times here.
    public let createdAt: Int64
    /// When it was tried last.
    public var attemptedAt: Int64?
    /// When it is tried next; nil unless it is pending.
    public var nextAttemptAt: Int64?
    /// The status that was answered last; nil without an answer.
    public var status: Int?
    /// The first bytes of that answer.
    public var answer: String?
    /// Why there was no answer.
    public var failure: String?

    /// A message that nobody has tried to deliver.
    public init(id: String, webhookId: String, eventId: String, event: String, payload: String, createdAt: Int64) {
        self.id = id
        self.webhookId = webhookId
        self.eventId = eventId
        self.event = event
        self.payload = payload
        state = .pending
        attempts = 0
        self.createdAt = createdAt
        nextAttemptAt = createdAt
    }
}

/// Reads the webhooks and what was sent to them.
public protocol WebhookReader {
    /// One webhook.
    func webhook(id: String) throws -> Webhook?
    /// An account's webhooks, or everybody's, newest first.
    func webhooks(ownerId: String?, limit: Int, after: PageKey?) throws -> Page<Webhook>
    /// How many an account has.
    func webhookCount(ownerId: String) throws -> Int
    /// Those that are told of this account's videos, whatever it is.
    func webhooks(hearingOf ownerId: String) throws -> [Webhook]
    /// One delivery.
    func webhookDelivery(id: String) throws -> WebhookDelivery?
    /// A webhook's deliveries, newest first.
    func webhookDeliveries(webhookId: String, limit: Int, after: PageKey?) throws -> Page<WebhookDelivery>
}

/// Changes them.
public protocol WebhookWriter {
    /// Adds a webhook.
    func insert(_ webhook: Webhook) throws
    /// Replaces what can change of one.
    func save(_ webhook: Webhook) throws
    /// Removes one with its deliveries; false when there is none.
    func deleteWebhook(id: String) throws -> Bool
    /// Adds a delivery.
    func insert(_ delivery: WebhookDelivery) throws
    /// Replaces what can change of one.
    func save(_ delivery: WebhookDelivery) throws
    /// Removes deliveries that are over and were made before `time`; returns how many.
    func pruneWebhookDeliveries(madeBefore time: Int64, limit: Int) throws -> Int
}

/// The tables of the webhooks.
enum WebhookSchema {
    // Lists of events are words with spaces between them.
    static let tables = """
        CREATE TABLE webhooks (
            id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, scope TEXT NOT NULL CHECK (scope IN ('own', 'all')),
            url TEXT NOT NULL, events TEXT NOT NULL, description TEXT NOT NULL, enabled INTEGER NOT NULL,
            sealed_secret BLOB NOT NULL, sealed_old_secret BLOB, old_secret_until INTEGER, created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX webhooks_by_creation ON webhooks (created_at, id);
        CREATE INDEX webhooks_by_owner ON webhooks (owner_id, created_at, id);
        CREATE INDEX webhooks_of_all ON webhooks (scope) WHERE scope = 'all';
        CREATE TABLE webhook_deliveries (
            id TEXT PRIMARY KEY, webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
            event_id TEXT NOT NULL, event TEXT NOT NULL, payload TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'dead')), attempts INTEGER NOT NULL,
            created_at INTEGER NOT NULL, attempted_at INTEGER, next_attempt_at INTEGER, status INTEGER, answer TEXT,
            failure TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, created_at, id);
        CREATE INDEX webhook_deliveries_over ON webhook_deliveries (created_at) WHERE state <> 'pending';
        """
}
