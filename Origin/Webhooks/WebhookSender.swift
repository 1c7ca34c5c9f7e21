public import Catalog
internal import HTTPWire
internal import JSON
internal import Outbound
internal import Queues

/// Delivers messages to webhooks in the background, several at a time and one to each webhook.
///
/// What is to be delivered is in the queue, so a crash loses nothing; one between a receiver's answer and the note of it sends
/// the message again, under the same id.
public final class WebhookSender: Sendable {
    let webhooks: Webhooks
    let receiver: FairReceiver
    private var queue: MessageQueue { receiver.queue }
    private let catalog: any CatalogStore
    private let post: any WebhookPosting
    let options: WebhookOptions
    private let now: @Sendable () -> Int64
    private let log: @Sendable (WebhookEvent) -> Void

    /// A sender of what `webhooks` wait for.
    ///
    /// `now` gives epoch milliseconds, `chance` spreads retries, from 0 to 1; `log` hears what an operator wants to know. None
    /// may block.
    public init(
        _ webhooks: Webhooks, catalog: any CatalogStore, post: any WebhookPosting, options: WebhookOptions,
        now: @escaping @Sendable () -> Int64,
        chance: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
        log: @escaping @Sendable (WebhookEvent) -> Void = { _ in }
    ) {
        self.webhooks = webhooks
        self.catalog = catalog
        self.post = post
        self.options = options
        self.now = now
        self.log = log
        let queue = MessageQueue(
            .webhookDeliveries, policy: options.queuePolicy, catalog: catalog, now: now, chance: chance)
        receiver = FairReceiver(queue, catalog: catalog, slots: options.concurrency, perGroup: 1, now: now)
    }

    /// Delivers until the task is cancelled; one task runs it.
    public func run() async {
        await receiver.run(webhooks.bell) {
            await self.deliver($0)
        } failed: {
            log(.catalogFailed(reason: "\($0)"))
        }
    }

    /// Forgets deliveries that were over long ago, a few once a minute, until the task is cancelled; one task runs it.
    public func keepTidy() async {
        while !Task.isCancelled {
            do { try await tidy() } catch { log(.catalogFailed(reason: "\(error)")) }
            try? await Task.sleep(for: .seconds(60))
        }
    }

    /// Delivers one message, or notes why not; false when nobody answered.
    func deliver(_ message: QueueMessage) async -> Bool {
        do {
            guard let outcome = try await attempt(message) else { return true }
            try await note(outcome, message)
            return outcome.failure == nil
        } catch {
            // The message comes back by itself.
            log(.catalogFailed(reason: "\(error)"))
            return true
        }
    }

    /// What an attempt came to.
    private struct Outcome: Sendable {
        var delivery: WebhookDelivery
        var answer: WebhookAnswer?
        var failure: String?

        var isTaken: Bool { answer.map { (200..<300).contains($0.status) } ?? false }
        /// The receiver wants no more of this (RFC 9110 §15.5.11).
        var isGone: Bool { answer?.status == 410 }
    }

    /// Nil when there is nothing to be delivered any more.
    private func attempt(_ message: QueueMessage) async throws -> Outcome? {
        guard let id = (try? JSONValue.parse(Array(message.body.utf8)))?["delivery"]?.string,
            let (delivery, webhook) = try await catalog.read({ reader -> (WebhookDelivery, Webhook)? in
                guard let delivery = try reader.webhookDelivery(id: id), delivery.state != .delivered,
                    let webhook = try reader.webhook(id: delivery.webhookId)
                else { return nil }
                return (delivery, webhook)
            })
        else {
            _ = try await catalog.write { try $0.delete(message) }
            return nil
        }
        guard webhook.isEnabled else {
            try await giveUp(delivery, message, "the webhook is disabled")
            return nil
        }
        let seconds = now() / 1_000
        do {
            let secrets = try webhooks.secrets(of: webhook, now: now())
            let url = try options.rule.url(webhook.url)
            var headers = Headers()
            headers.set("Content-Type", "application/json")
            headers.set("webhook-id", delivery.eventId)
            headers.set("webhook-timestamp", "\(seconds)")
            headers.set(
                "webhook-signature",
                WebhookSignature.field(
                    id: delivery.eventId, timestamp: seconds, body: delivery.payload, secrets: secrets))
            let answer = try await post.post(
                Array(delivery.payload.utf8), to: url, headers: headers, within: options.timeout)
            return Outcome(delivery: delivery, answer: answer)
        } catch {
            // An origin that stops has asked nobody; the message comes back by itself.
            if Task.isCancelled { return nil }
            return Outcome(delivery: delivery, failure: "\(error)")
        }
    }

    private func note(_ outcome: Outcome, _ message: QueueMessage) async throws {
        let now = now()
        let (queue, isTaken) = (queue, outcome.isTaken)
        let saved = try await catalog.write { transaction -> WebhookDelivery? in
            guard var delivery = try transaction.webhookDelivery(id: outcome.delivery.id) else {
                _ = try transaction.delete(message)
                return nil
            }
            delivery.attempts += 1
            delivery.attemptedAt = now
            delivery.nextAttemptAt = nil
            delivery.status = outcome.answer?.status
            delivery.answer = outcome.answer?.beginning
            delivery.failure = outcome.failure
            if isTaken || outcome.isGone {
                guard try transaction.delete(message) else { return nil }
                delivery.state = isTaken ? .delivered : .dead
                if outcome.isGone, var webhook = try transaction.webhook(id: delivery.webhookId) {
                    webhook.isEnabled = false
                    try transaction.save(webhook)
                }
            } else {
                let reason = outcome.failure ?? "the receiver answered \(outcome.answer?.status ?? 0)"
                switch try queue.fail(message, because: reason, in: transaction) {
                case .willRetry(let time):
                    delivery.state = .pending
                    delivery.nextAttemptAt = time
                case .dead: delivery.state = .dead
                case .lost: return nil
                }
            }
            try transaction.save(delivery)
            return delivery
        }
        if let saved {
            log(.attempted(webhookId: saved.webhookId, deliveryId: saved.id, state: saved.state, status: saved.status))
        }
    }

    private func giveUp(_ delivery: WebhookDelivery, _ message: QueueMessage, _ reason: String) async throws {
        var dead = delivery
        dead.state = .dead
        dead.failure = reason
        dead.nextAttemptAt = nil
        let saved = dead
        try await catalog.write { transaction in
            if try transaction.delete(message) { try transaction.save(saved) }
        }
    }

    func tidy() async throws {
        let time = now() - options.keptMilliseconds
        try await catalog.write { transaction in
            _ = try transaction.pruneWebhookDeliveries(madeBefore: time, limit: 500)
            _ = try transaction.deleteDead(in: .webhookDeliveries, diedBefore: time, limit: 500)
        }
    }
}
