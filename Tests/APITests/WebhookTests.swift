import Audit
import Catalog
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import API

@Suite struct WebhookTests {
    private let url: JSONValue = "https://receiver.test/hook"

    private func make(_ bench: Bench, as account: String = "token-anna") async -> JSONValue {
        await bench.call(.post, "/webhooks", as: account, ["url": url]).json
    }

    @Test func `a creator makes, sees, changes and deletes a webhook, and its secret is told once`() async throws {
        let bench = try await Bench()
        let made = await bench.call(
            .post, "/webhooks", as: "token-anna", ["url": url, "events": ["video.ready"], "description": "mine"])
        #expect(made.status == .created && made.json["secret"]?.string?.hasPrefix("whsec_") == true)
        let path = "/webhooks/\(made.json["webhookId"]?.string ?? "")"
        let shown = await bench.call(.get, path, as: "token-anna").json
        #expect(shown["events"] == ["video.ready"] && shown["scope"] == "own" && shown["enabled"] == true)
        #expect(shown["secret"] == nil && shown["ownerId"] == "sub-anna")
        let changed = await bench.call(
            .patch, path, as: "token-anna", ["events": ["video.failed", "video.playable"], "enabled": false])
        #expect(changed.json["events"] == ["video.playable", "video.failed"] && changed.json["enabled"] == false)
        #expect(await bench.call(.get, "/webhooks", as: "token-anna").json["items"]?.array?.count == 1)
        #expect(await bench.call(.delete, path, as: "token-anna").status == .noContent)
        #expect(await bench.call(.get, path, as: "token-anna").code == "webhook_not_found")
        let told = try await bench.catalog.read { try $0.auditLines(after: 0, limit: 100) }.map(\.document)
            .filter { $0["subject"]?.string?.hasPrefix("webhook:") == true }.map { $0["action"]?.string }
        #expect(told == ["webhook_created", "webhook_changed", "webhook_deleted"])
    }

    @Test func `a webhook is nobody else's but an administrator's`() async throws {
        let bench = try await Bench()
        let path = "/webhooks/\(await make(bench)["webhookId"]?.string ?? "")"
        let calls: [(HTTPMethod, String)] = [
            (.get, path), (.patch, path), (.delete, path), (.post, path + "/secret"), (.post, path + "/test"),
            (.get, path + "/deliveries"), (.post, path + "/deliveries/msg_1/replay"),
        ]
        for (method, path) in calls {
            let answer = await bench.call(method, path, as: "token-ben", method == .get ? nil : [:])
            #expect(answer.code == "webhook_not_found", "\(method) \(path)")
        }
        #expect(await bench.call(.get, "/webhooks", as: "token-ben").json["items"] == [])
        #expect(await bench.call(.get, "/webhooks?all=true", as: "token-ben").json["items"] == [])
        #expect(await bench.call(.get, "/webhooks?all=true", as: "token-admin").json["items"]?.array?.count == 1)
        #expect(await bench.call(.get, "/webhooks", as: "token-admin").json["items"] == [])
        #expect(await bench.call(.get, path, as: "token-admin").status == .ok)
    }

    @Test func `only administrators hear of everybody's videos`() async throws {
        let bench = try await Bench()
        let body: JSONValue = ["url": url, "scope": "all"]
        #expect(await bench.call(.post, "/webhooks", as: "token-anna", body).json["requiredRole"] == "admin")
        #expect(await bench.call(.post, "/webhooks", as: "token-admin", body).json["scope"] == "all")
    }

    @Test func `what a video becomes waits for its owner's webhook`() async throws {
        let bench = try await Bench()
        let id = await make(bench)["webhookId"]?.string ?? ""
        let video = try await bench.playing()
        let deliveries = await bench.call(.get, "/webhooks/\(id)/deliveries", as: "token-anna").json["items"]
        #expect(deliveries?[0]?["event"] == "video.playable" && deliveries?[0]?["state"] == "pending")
        #expect(deliveries?[0]?["payload"]?["data"]?["videoId"]?.string == video)
        let delivery = deliveries?[0]?["deliveryId"]?.string ?? ""
        let replay = await bench.call(.post, "/webhooks/\(id)/deliveries/\(delivery)/replay", as: "token-anna")
        #expect(replay.code == "delivery_pending")
    }

    @Test func `a ready video is told in the transaction that makes it ready`() async throws {
        let bench = try await Bench()
        let id = await make(bench)["webhookId"]?.string ?? ""
        let video = await bench.upload()
        try await bench.arrive(video)
        try await bench.transcode(video, until: .ready)
        let events = await bench.call(.get, "/webhooks/\(id)/deliveries", as: "token-anna").json["items"]?.array
        #expect(Set((events ?? []).compactMap { $0["event"]?.string }) == ["video.playable", "video.ready"])
        #expect(try await bench.catalog.read { try $0.depth(of: .webhookDeliveries, now: .max).waiting } == 2)
    }

    @Test func `a new secret is told, with the end of the one before`() async throws {
        let bench = try await Bench()
        let made = await make(bench)
        let path = "/webhooks/\(made["webhookId"]?.string ?? "")"
        let rotated = await bench.call(.post, path + "/secret", as: "token-anna").json
        #expect(rotated["secret"] != made["secret"] && rotated["oldSecretUntil"]?.string?.isEmpty == false)
        bench.clock.advance(seconds: 86_400)
        #expect(await bench.call(.get, path, as: "token-anna").json["oldSecretUntil"] == nil)
    }

    @Test func `a test is a delivery, unless the webhook is disabled`() async throws {
        let bench = try await Bench()
        let path = "/webhooks/\(await make(bench)["webhookId"]?.string ?? "")"
        let tested = await bench.call(.post, path + "/test", as: "token-anna")
        #expect(tested.status == .accepted && tested.json["event"] == "webhook.test")
        _ = await bench.call(.patch, path, as: "token-anna", ["enabled": false])
        #expect(await bench.call(.post, path + "/test", as: "token-anna").code == "webhook_disabled")
    }

    @Test(
        arguments: [
            ["url": 7], ["url": ""], [:],
            ["url": "https://receiver.test/", "events": []],
            ["url": "https://receiver.test/", "events": ["video.made"]],
            ["url": "https://receiver.test/", "enabled": "yes"], ["url": "https://receiver.test/", "scope": "mine"],
        ] as [JSONValue])
    func `what is not as described is refused`(_ body: JSONValue) async throws {
        let response = await (try await Bench()).call(.post, "/webhooks", as: "token-anna", body)
        #expect((response.status, response.code) == (.badRequest, "invalid_request"))
    }

    @Test(arguments: [
        "http://127.0.0.1/", "http://169.254.169.254/", "file:///etc/passwd", "https://u:p@receiver.test/",
    ])
    func `an address that nothing is sent to is refused by its name`(_ url: String) async throws {
        let response = await (try await Bench()).call(.post, "/webhooks", as: "token-anna", ["url": .string(url)])
        #expect((response.status, response.code) == (.unprocessableContent, "invalid_url"))
        #expect(response.json["errors"]?[0]?["path"] == "$.url")
    }

    @Test(arguments: ["all=null", "all=1", "all=", "all=true&all=true"])
    func `what is no truth value is none`(_ query: String) async throws {
        let response = await (try await Bench()).call(.get, "/webhooks?\(query)", as: "token-anna")
        #expect((response.status, response.code) == (.badRequest, "invalid_request"))
        #expect(response.json["parameter"] == "all")
    }

    @Test func `an account has as many as it may`() async throws {
        let bench = try await Bench()
        for _ in 0..<3 { #expect(await make(bench)["webhookId"] != nil) }
        #expect(await make(bench)["code"] == "too_many_webhooks")
        #expect(await make(bench, as: "token-ben")["webhookId"] != nil)
        let page = await bench.call(.get, "/webhooks?limit=2", as: "token-anna").json
        let next = page["lastEvaluatedKey"]?.string ?? ""
        let rest = await bench.call(.get, "/webhooks?limit=2&startKey=\(next)", as: "token-anna").json
        #expect(page["items"]?.array?.count == 2 && rest["items"]?.array?.count == 1)
    }
}
