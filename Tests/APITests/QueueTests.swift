import Audit
import Catalog
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import API

@Suite struct QueueTests {
    /// A dead letter of a message that is no event; its id.
    private func deadLetter(_ bench: Bench) async throws -> String {
        let now = bench.clock.now
        let id = try await bench.catalog.write { transaction in
            let id = try transaction.send(to: .objectEvents, group: "", now: now) { _ in "no JSON" }
            for message in try transaction.visibleMessages(in: .objectEvents, group: "", now: now, limit: 99)
            where message.id == id { _ = try transaction.bury(message, at: now, reason: "broken") }
            return id
        }
        return "\(id)"
    }

    @Test func `administrators see how much is in a queue`() async throws {
        let bench = try await Bench()
        _ = try await deadLetter(bench)
        let now = bench.clock.now
        try await bench.catalog.write { transaction in
            _ = try transaction.send(to: .objectEvents, group: "", now: now) { _ in "{}" }
        }
        bench.clock.advance(seconds: 3)
        #expect(await bench.call(.get, "/admin/queues", as: "token-anna").status == .forbidden)
        let queue = await bench.call(.get, "/admin/queues", as: "token-admin").json["items"]?[0]
        #expect(queue?["queue"] == "object-events" && queue?["waiting"] == 1 && queue?["hidden"] == 0)
        #expect(queue?["dead"] == 1 && queue?["oldestSeconds"] == 3)
        #expect(queue?["oldestSentAt"]?.string?.hasSuffix("Z") == true)
    }

    @Test func `dead letters are shown, redriven and deleted, and the log tells of it`() async throws {
        let bench = try await Bench()
        let letters = [try await deadLetter(bench), try await deadLetter(bench), try await deadLetter(bench)]
        let page = await bench.call(.get, "/admin/queues/object-events/dead?limit=2", as: "token-admin").json
        #expect(page["items"]?[0]?["messageId"]?.string == letters[2])
        #expect(page["items"]?[0]?["reason"] == "broken" && page["items"]?[0]?["body"] == "no JSON")
        let key = page["lastEvaluatedKey"]?.string ?? ""
        let rest = await bench.call(.get, "/admin/queues/object-events/dead?startKey=\(key)", as: "token-admin").json
        #expect(rest["items"]?.array?.count == 1 && rest["lastEvaluatedKey"] == nil)

        let redrive = "/admin/queues/object-events/redrive"
        let named = await bench.call(.post, redrive, as: "token-admin", ["messageIds": [.string(letters[0])]])
        #expect(named.json == ["redriven": 1])
        let one = "/admin/queues/object-events/dead/\(letters[1])"
        #expect(await bench.call(.delete, one, as: "token-admin").status == .noContent)
        #expect(await bench.call(.delete, one, as: "token-admin").code == "dead_letter_not_found")
        #expect(await bench.call(.post, redrive, as: "token-admin").json == ["redriven": 1])
        #expect(await bench.call(.post, redrive, as: "token-admin").json == ["redriven": 0])
        let told = try await bench.catalog.read { try $0.auditLines(after: 0, limit: 100) }.map(\.document)
            .filter { $0["subject"] == "queue:object-events" }.map { $0["action"]?.string }
        #expect(told == ["dead_letters_redriven", "dead_letter_deleted", "dead_letters_redriven"])
    }

    @Test(arguments: [
        (HTTPMethod.get, "/admin/queues/none/dead", 404, "queue_not_found"),
        (.post, "/admin/queues/none/redrive", 404, "queue_not_found"),
        (.delete, "/admin/queues/object-events/dead/x", 404, "dead_letter_not_found"),
        (.get, "/admin/queues/object-events/dead?limit=0", 400, "invalid_request"),
    ])
    func `what is not there is refused by name`(
        _ method: HTTPMethod, _ path: String, _ status: Int, _ code: String
    ) async throws {
        let response = await (try await Bench()).call(method, path, as: "token-admin")
        #expect((response.status.code, response.code) == (status, code))
    }

    @Test func `an id that is none is named by its place`() async throws {
        let path = "/admin/queues/object-events/redrive"
        let response = await (try await Bench()).call(.post, path, as: "token-admin", ["messageIds": ["1", "x"]])
        #expect(response.json["detail"]?.string?.hasPrefix("messageIds[1]") == true)
    }
}
