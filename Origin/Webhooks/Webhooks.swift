internal import Audit
public import Catalog
public import Crypto
public import EventLoop
internal import JSON
public import Outbound

/// The webhooks of all accounts, for those who set them up.
public final class Webhooks: Sendable {
    /// How long the secret before signs as well once there is a new one, in milliseconds: a day.
    public static let oldSecretMilliseconds: Int64 = 86_400_000

    /// Rung when there is something to deliver.
    public let bell = Doorbell()
    private let catalog: any CatalogStore
    private let sealer: Sealer
    private let rule: OutboundRule
    private let mostPerAccount: Int
    private let now: @Sendable () -> Int64

    /// The webhooks in `catalog`.
    ///
    /// - Parameters:
    ///   - sealingKeys: what secrets are sealed under, kept outside the catalog.
    ///   - rule: where messages may be sent.
    ///   - mostPerAccount: how many an account may have.
    ///   - now: epoch milliseconds; must not block.
    public init(
        catalog: any CatalogStore, sealingKeys: SealingKeys, rule: OutboundRule, mostPerAccount: Int = 10,
        now: @escaping @Sendable () -> Int64
    ) {
        self.catalog = catalog
        self.rule = rule
        self.mostPerAccount = mostPerAccount
        self.now = now
        sealer = Sealer(sealingKeys, purpose: "weir webhooks")
    }

    /// Seals secrets under the key that seals now.
    public var sealedValues: SealedValueRewrapping {
        let rewrap: @Sendable (SealedValue) throws -> [UInt8]? = { [sealer] value in
            try sealer.rewrapped(value.sealed, binding: value.owner)
        }
        return [.webhookSecret: rewrap, .oldWebhookSecret: rewrap]
    }

    /// What can be said of a webhook when it is made or changed; nil leaves it as it is.
    public struct Change: Sendable {
        /// Where messages are posted.
        public var url: String?
        /// What it is told.
        public var events: Set<Webhook.Event>?
        /// What its owner says of it.
        public var description: String?
        /// Whether it is told anything.
        public var isEnabled: Bool?

        /// Nothing is said.
        public init() {}
    }

    /// Makes a webhook; its secret is told here and never again.
    public func create(
        ownerId: String, scope: Webhook.Scope, _ change: Change
    ) async throws -> (webhook: Webhook, secret: String) {
        guard let url = change.url else { throw WebhookRefusal(.invalidURL, "is required") }
        let (id, secret, now) = (SecureRandom.hex(12), WebhookSignature.newSecret(), now())
        var webhook = Webhook(
            id: id, ownerId: ownerId, scope: scope, url: url, events: Webhook.Event.allCases, description: "",
            sealedSecret: try sealer.seal(Array(secret.utf8), binding: id), createdAt: now)
        try apply(change, to: &webhook)
        let (made, most) = (webhook, mostPerAccount)
        try await catalog.write { transaction in
            guard try transaction.webhookCount(ownerId: ownerId) < most else {
                throw WebhookRefusal(.tooMany, "There are \(most) webhooks; delete one first.")
            }
            try transaction.insert(made)
            try transaction.record(AuditAct(.webhookCreated, of: .webhook(id)), at: now)
        }
        return (made, secret)
    }

    /// Changes a webhook; what is said of it counts for messages that wait as well.
    public func change(id: String, of ownerId: String?, _ change: Change) async throws -> Webhook {
        try await self.change(id, of: ownerId, .webhookChanged) { webhook in try self.apply(change, to: &webhook) }
    }

    /// Gives a webhook a new secret, which is told here and never again. The one before signs as well for a day.
    public func rotateSecret(id: String, of ownerId: String?) async throws -> (webhook: Webhook, secret: String) {
        let secret = WebhookSignature.newSecret()
        let until = now() + Self.oldSecretMilliseconds
        let webhook = try await change(id, of: ownerId, .webhookSecretRotated) { [sealer] webhook in
            webhook.sealedOldSecret = webhook.sealedSecret
            webhook.oldSecretUntil = until
            webhook.sealedSecret = try sealer.seal(Array(secret.utf8), binding: webhook.id)
        }
        return (webhook, secret)
    }

    /// Removes a webhook with what waits for it.
    public func delete(id: String, of ownerId: String?) async throws {
        let now = now()
        try await catalog.write { transaction in
            _ = try Self.webhook(id, of: ownerId, in: transaction)
            _ = try transaction.deleteWebhook(id: id)
            try transaction.record(AuditAct(.webhookDeleted, of: .webhook(id)), at: now)
        }
    }

    /// The webhook, if it is this account's; with nil for the account, anybody's.
    public func webhook(id: String, of ownerId: String?) async throws -> Webhook {
        try await catalog.read { try Self.webhook(id, of: ownerId, in: $0) }
    }

    /// Sends a message that says nothing, to try a receiver.
    public func test(id: String, of ownerId: String?) async throws -> WebhookDelivery {
        let now = now()
        let delivery = WebhookDelivery(
            id: WebhookDelivery.newId(), webhookId: id, eventId: WebhookDelivery.newId(), event: "webhook.test",
            payload: Webhook.Event.payload("webhook.test", ["webhookId": .string(id)], now: now), createdAt: now)
        try await catalog.write { transaction in
            let webhook = try Self.webhook(id, of: ownerId, in: transaction)
            guard webhook.isEnabled else { throw WebhookRefusal.isDisabled }
            try transaction.send(delivery)
        }
        bell.ring()
        return delivery
    }

    /// Makes a delivery once more that was taken or given up: the same message under the same id, with all its attempts.
    public func replay(deliveryId: String, id: String, of ownerId: String?) async throws -> WebhookDelivery {
        let now = now()
        let replayed = try await catalog.write { transaction in
            let webhook = try Self.webhook(id, of: ownerId, in: transaction)
            guard webhook.isEnabled else { throw WebhookRefusal.isDisabled }
            guard var delivery = try transaction.webhookDelivery(id: deliveryId), delivery.webhookId == id else {
                throw WebhookRefusal(.deliveryNotFound, "There is no such delivery of this webhook.")
            }
            guard delivery.state != .pending else {
                throw WebhookRefusal(.deliveryPending, "The delivery is under way; it is tried again by itself.")
            }
            delivery.state = .pending
            delivery.nextAttemptAt = now
            try transaction.save(delivery)
            try transaction.enqueue(delivery, now: now)
            return delivery
        }
        bell.ring()
        return replayed
    }

    /// The secrets that sign at `now`, the newest first.
    func secrets(of webhook: Webhook, now: Int64) throws -> [String] {
        var sealed = [webhook.sealedSecret]
        if let old = webhook.sealedOldSecret, let until = webhook.oldSecretUntil, now < until { sealed.append(old) }
        return try sealed.map { String(decoding: try sealer.open($0, binding: webhook.id), as: UTF8.self) }
    }

    private func apply(_ change: Change, to webhook: inout Webhook) throws {
        if let url = change.url {
            do {
                _ = try rule.url(url)
            } catch {
                throw WebhookRefusal(.invalidURL, error.description)
            }
            webhook.url = url
        }
        if let events = change.events { webhook.events = Webhook.Event.allCases.filter(events.contains) }
        if let description = change.description { webhook.description = description }
        if let isEnabled = change.isEnabled { webhook.isEnabled = isEnabled }
    }

    private func change(
        _ id: String, of ownerId: String?, _ action: AuditAct.Action,
        _ body: @escaping @Sendable (inout Webhook) throws -> Void
    ) async throws -> Webhook {
        let now = now()
        return try await catalog.write { transaction in
            var webhook = try Self.webhook(id, of: ownerId, in: transaction)
            try body(&webhook)
            try transaction.save(webhook)
            try transaction.record(AuditAct(action, of: .webhook(id)), at: now)
            return webhook
        }
    }

    private static func webhook(
        _ id: String, of ownerId: String?, in reader: any CatalogReader
    ) throws -> Webhook {
        guard let webhook = try reader.webhook(id: id), ownerId == nil || webhook.ownerId == ownerId else {
            throw WebhookRefusal(.notFound, "There is no such webhook, or it is not yours.")
        }
        return webhook
    }
}
