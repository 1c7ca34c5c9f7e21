import Bytes
import Catalog
import Crypto
import JSON
import Queues
import TestKit
import Testing

@testable import Webhooks

@Suite struct WebhookSenderTests {
    private let error = WebhookAnswer(status: 500, beginning: "no")

    private func signature(_ message: Bench.Receiver.Message, _ secret: String) throws -> String {
        let key = try #require(Base64.decode(String(secret.dropFirst(6))))
        let signed = Array("\(message.id).\(message.timestamp).\(message.body)".utf8)
        return "v1," + Base64.encode(HMAC.sha256(key: key, message: signed))
    }

    @Test func `a message is signed as Standard Webhooks has it`() {
        let field = WebhookSignature.field(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: #"{"test": 2432232314}"#,
            secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
        #expect(field == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func `a message that is taken is delivered once`() async throws {
        let bench = try Bench()
        let (webhook, secret) = try await bench.make()
        try await bench.change { $0.playable = true }
        #expect(try await bench.deliver() == 1)
        #expect(try await bench.deliver() == 0)
        let message = try #require(bench.receiver.messages.first)
        #expect(message.url == "https://a.test:443/hook" && message.timestamp == "1795000000")
        let expected = try signature(message, secret)
        #expect(message.signature == expected)
        let delivery = try #require(try await bench.deliveries(webhook).first)
        #expect(delivery.eventId == message.id && delivery.payload == message.body)
        #expect((delivery.state, delivery.attempts, delivery.status) == (.delivered, 1, 204))
        #expect(delivery.nextAttemptAt == nil && delivery.attemptedAt == bench.clock.now)
        #expect(try await bench.depth == QueueDepth(waiting: 0, hidden: 0, dead: 0, oldestSentAt: nil))
    }

    @Test func `a message that is not taken comes again under the same id, later and later`() async throws {
        let bench = try Bench()
        let webhook = try await bench.make().webhook
        bench.receiver.will(error, nil)
        try await bench.change { $0.playable = true }
        try await bench.deliver()
        var delivery = try await bench.deliveries(webhook)[0]
        #expect((delivery.state, delivery.status, delivery.answer) == (.pending, 500, "no"))
        #expect(delivery.nextAttemptAt == bench.clock.now + 5_000)
        #expect(try await bench.deliver() == 0)
        bench.clock.advance(seconds: 5)
        #expect(try await bench.deliver() == 1)
        delivery = try await bench.deliveries(webhook)[0]
        #expect((delivery.state, delivery.status, delivery.failure) == (.pending, nil, "Silence()"))
        #expect(delivery.nextAttemptAt == bench.clock.now + 20_000)
        bench.clock.advance(seconds: 20)
        #expect(try await bench.deliver() == 1)
        delivery = try await bench.deliveries(webhook)[0]
        #expect((delivery.state, delivery.attempts) == (.delivered, 3))
        #expect(Set(bench.receiver.messages.map(\.id)).count == 1)
        #expect(Set(bench.receiver.messages.map(\.timestamp)).count == 3)
    }

    @Test func `a message that nobody takes is given up after three days, and can be replayed`() async throws {
        let bench = try Bench()
        let webhook = try await bench.make().webhook
        try await bench.change { $0.playable = true }
        let begun = bench.clock.now
        for _ in 0..<11 {
            bench.receiver.will(error)
            #expect(try await bench.deliver() == 1)
            if let next = try await bench.deliveries(webhook)[0].nextAttemptAt {
                bench.clock.advance(milliseconds: Int(next - bench.clock.now))
            }
        }
        let hours = (bench.clock.now - begun) / 3_600_000
        #expect((72...84).contains(hours))
        let dead = try await bench.deliveries(webhook)[0]
        #expect((dead.state, dead.attempts, dead.nextAttemptAt) == (.dead, 11, nil))
        #expect(try await bench.depth.dead == 1)
        #expect(try await bench.webhooks.replay(deliveryId: dead.id, id: webhook.id, of: "anna").state == .pending)
        await #expect(throws: WebhookRefusal.self) {
            try await bench.webhooks.replay(deliveryId: dead.id, id: webhook.id, of: "anna")
        }
        #expect(try await bench.deliver() == 1)
        #expect(try await bench.deliveries(webhook)[0].state == .delivered)
        #expect(Set(bench.receiver.messages.map(\.id)).count == 1)
    }

    @Test func `a receiver that says it is gone is told nothing more`() async throws {
        let bench = try Bench()
        let webhook = try await bench.make().webhook
        bench.receiver.will(WebhookAnswer(status: 410, beginning: ""))
        try await bench.change { $0.playable = true }
        try await bench.deliver()
        #expect(try await bench.deliveries(webhook)[0].state == .dead)
        #expect(try await bench.webhooks.webhook(id: webhook.id, of: nil).isEnabled == false)
    }

    @Test func `a redirect is no taking`() async throws {
        let bench = try Bench()
        let webhook = try await bench.make().webhook
        bench.receiver.will(WebhookAnswer(status: 302, beginning: ""))
        try await bench.change { $0.playable = true }
        try await bench.deliver()
        #expect(try await bench.deliveries(webhook)[0].state == .pending)
    }

    @Test func `each webhook has one message under way, and a silent one takes no turn from the others`() async throws {
        let bench = try Bench(concurrency: 2)
        let silent = try await bench.make(url: "https://silent.test/").webhook
        for id in ["1", "2", "3"] { try await bench.change(id) { $0.playable = true } }
        bench.clock.advance(milliseconds: 1)
        let good = try await bench.make(of: "ben", url: "https://good.test/").webhook
        for id in ["4", "5"] { try await bench.change(id, of: "ben") { $0.playable = true } }
        let first = try await bench.sender.receiver.receive()
        #expect(first.map(\.group) == [silent.id, good.id])
        #expect(try await bench.sender.receiver.receive().isEmpty)
        bench.receiver.will(nil)
        try await bench.deliver(first)
        // The silent one rests, with its other messages.
        let second = try await bench.sender.receiver.receive()
        #expect(second.map(\.group) == [good.id])
        try await bench.deliver(second)
        #expect(try await bench.deliveries(good).allSatisfy { $0.state == .delivered })
        bench.clock.advance(seconds: 5)
        #expect(try await bench.sender.receiver.receive().map(\.group) == [silent.id])
    }

    @Test func `a sender that died sends its message again`() async throws {
        let bench = try Bench()
        let webhook = try await bench.make().webhook
        try await bench.change { $0.playable = true }
        _ = try await bench.sender.receiver.receive()
        let other = WebhookSender(
            bench.webhooks, catalog: bench.catalog, post: bench.receiver, options: WebhookOptions(),
            now: { [clock = bench.clock] in clock.now })
        #expect(try await other.receiver.receive().isEmpty)
        bench.clock.advance(seconds: 30)
        try await bench.deliver(try await other.receiver.receive(), by: other)
        #expect(try await bench.deliveries(webhook)[0].state == .delivered)
    }

    @Test func `what waits for a webhook goes with it`() async throws {
        let bench = try Bench()
        let webhook = try await bench.make().webhook
        try await bench.change { $0.playable = true }
        try await bench.webhooks.delete(id: webhook.id, of: "anna")
        try await bench.deliver()
        #expect(bench.receiver.messages.isEmpty)
        #expect(try await bench.depth.waiting + bench.depth.hidden == 0)
    }

    @Test func `a replaced secret signs beside the new one for a day`() async throws {
        let bench = try Bench()
        let (webhook, old) = try await bench.make()
        let new = try await bench.webhooks.rotateSecret(id: webhook.id, of: "anna").secret
        #expect(new != old)
        for _ in 0..<2 {
            _ = try await bench.webhooks.test(id: webhook.id, of: "anna")
            try await bench.deliver()
            bench.clock.advance(seconds: 86_400)
        }
        let messages = bench.receiver.messages
        let (both, one) = (
            [try signature(messages[0], new), try signature(messages[0], old)], try signature(messages[1], new)
        )
        #expect(messages[0].signature == both.joined(separator: " "))
        #expect(messages[1].signature == one)
        #expect(messages[0].body.said("type") == "webhook.test")
    }

    @Test func `secrets lie sealed, each for its webhook, and can be sealed anew`() async throws {
        let bench = try Bench()
        let (webhook, secret) = try await bench.make()
        _ = try await bench.webhooks.rotateSecret(id: webhook.id, of: "anna")
        let both = Webhooks(
            catalog: bench.catalog,
            sealingKeys: try SealingKeys([[UInt8](repeating: 4, count: 32), [UInt8](repeating: 5, count: 32)]),
            rule: bench.sender.options.rule, now: { 0 })
        for column in [SealedColumn.webhookSecret, .oldWebhookSecret] {
            try await bench.catalog.write { [values = both.sealedValues] transaction in
                for value in try transaction.sealedValues(column, after: "", limit: 9) {
                    let sealed = try #require(try values[column]?(value))
                    #expect(!String(decoding: value.sealed, as: UTF8.self).contains("whsec_"))
                    try transaction.replace(value, in: column, with: sealed)
                }
            }
        }
        let stored = try await both.webhook(id: webhook.id, of: nil)
        #expect(try both.secrets(of: stored, now: 0).last == secret)
        #expect(throws: CryptoError.self) { try bench.webhooks.secrets(of: stored, now: 0) }
    }

    @Test func `deliveries that were over long ago are forgotten, and those under way are not`() async throws {
        let bench = try Bench()
        let webhook = try await bench.make().webhook
        try await bench.change { $0.playable = true }
        try await bench.deliver()
        bench.receiver.will(error)
        _ = try await bench.webhooks.test(id: webhook.id, of: nil)
        try await bench.deliver()
        bench.clock.advance(seconds: 31 * 86_400)
        try await bench.sender.tidy()
        #expect(try await bench.deliveries(webhook).map(\.event) == ["webhook.test"])
    }
}
