import Catalog
import Crypto
import HTTPWire
import JSON
import Outbound
import Queues
import Synchronization
import TestKit

@testable import Webhooks

/// Webhooks over a catalog of their own, with a clock that the test moves and a receiver that answers what it is told to.
final class Bench: Sendable {
    let catalog: SQLiteCatalog
    let webhooks: Webhooks
    let sender: WebhookSender
    let receiver = Receiver()
    let clock = ManualClock(milliseconds: 1_795_000_000_000)
    private let folder = TemporaryDirectory()

    /// What arrived, and what is answered to it.
    final class Receiver: WebhookPosting {
        struct Message: Sendable, Equatable {
            let url: String
            let id: String
            let timestamp: String
            let signature: String
            let body: String
        }

        private let state = Mutex((answers: [WebhookAnswer?](), messages: [Message]()))

        var messages: [Message] { state.withLock { $0.messages } }

        /// Answers so, one after the other; nil for silence. Then 204.
        func will(_ answers: WebhookAnswer?...) { state.withLock { $0.answers += answers } }

        func post(
            _ body: [UInt8], to url: HTTPURL, headers: Headers, within limit: Duration
        ) async throws -> WebhookAnswer {
            let message = Message(
                url: url.text, id: headers.first("webhook-id") ?? "",
                timestamp: headers.first("webhook-timestamp") ?? "",
                signature: headers.first("webhook-signature") ?? "", body: String(decoding: body, as: UTF8.self))
            let answer = state.withLock { state -> WebhookAnswer? in
                state.messages.append(message)
                return state.answers.isEmpty
                    ? WebhookAnswer(status: 204, beginning: "") : state.answers.removeFirst()
            }
            guard let answer else { throw Silence() }
            return answer
        }
    }

    struct Silence: Error {}

    init(concurrency: Int = 16) throws {
        let clock = clock
        catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        webhooks = Webhooks(
            catalog: catalog, sealingKeys: try SealingKeys([[UInt8](repeating: 5, count: 32)]), rule: OutboundRule(),
            mostPerAccount: 3, now: { clock.now })
        sender = WebhookSender(
            webhooks, catalog: catalog, post: receiver,
            options: WebhookOptions(concurrency: concurrency), now: { clock.now }, chance: { 0.5 })
    }

    /// Makes a webhook.
    func make(
        of owner: String = "anna", scope: Webhook.Scope = .own, url: String = "https://a.test/hook",
        events: Set<Webhook.Event>? = nil
    ) async throws -> (webhook: Webhook, secret: String) {
        var change = Webhooks.Change()
        change.url = url
        change.events = events
        return try await webhooks.create(ownerId: owner, scope: scope, change)
    }

    /// Lets a video become what `change` makes of it.
    func change(_ id: String = "v", of owner: String = "anna", _ change: @escaping @Sendable (inout Video) -> Void)
        async throws
    {
        let now = clock.now
        try await catalog.write { transaction in
            if try transaction.video(id: id) == nil {
                try transaction.insert(
                    Video(
                        id: id, ownerId: owner, ownerName: "O", title: "T", fileName: "f", contentType: "video/mp4",
                        uploadKey: "\(id)/original", declaredSize: 1, visibility: .private, createdAt: now))
            }
            guard var video = try transaction.video(id: id) else { return }
            change(&video)
            try transaction.saveAndTell(video, now: now)
        }
    }

    /// Delivers what is due, and returns how many messages that were.
    @discardableResult
    func deliver() async throws -> Int {
        try await deliver(try await sender.receiver.receive())
    }

    /// Delivers what was received.
    @discardableResult
    func deliver(_ messages: [QueueMessage], by other: WebhookSender? = nil) async throws -> Int {
        let sender = other ?? sender
        for message in messages { sender.receiver.end(message, isAnswered: await sender.deliver(message)) }
        return messages.count
    }

    func deliveries(_ webhook: Webhook) async throws -> [WebhookDelivery] {
        try await catalog.read { try $0.webhookDeliveries(webhookId: webhook.id, limit: 100, after: nil).items }
    }

    var depth: QueueDepth {
        get async throws {
            try await catalog.read { [now = clock.now] in try $0.depth(of: .webhookDeliveries, now: now) }
        }
    }
}

extension String {
    /// A member of a message.
    func said(_ name: String) -> JSONValue? { (try? JSONValue.parse(Array(utf8)))?[name] }
}
