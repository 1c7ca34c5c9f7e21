internal import Audit
internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import Jobs

extension APIServices {
    /// Dead letters that one call lets be received again, at most: few enough that nobody waits for it.
    private static let redriveLimit = 1_000

    /// `GET /admin/queues`: how much is in each.
    func listQueues() async throws -> Response {
        let now = now()
        let items = try await catalog.read { reader in
            try QueueName.allCases.map { JSONValue.object(try reader.depth(of: $0, now: now).json($0, now: now)) }
        }
        return APIServices.json(.ok, ["items": .array(items)])
    }

    /// `GET /admin/queues/{queue}/dead`: a page of dead letters, those that died last first.
    func listDeadLetters(_ request: Request) async throws -> Response {
        let queue = try Self.queue(request)
        let query = try APIQuery(request)
        let limit = try query.limit(default: 50, maximum: 100)
        let after = try PageKey.from(query)
        let page = try await catalog.read { try $0.deadMessages(in: queue, limit: limit, after: after) }
        return APIServices.json(.ok, .page(page.items.map(\.json), next: page.next))
    }

    /// `DELETE /admin/queues/{queue}/dead/{messageId}`
    func deleteDeadLetter(_ request: Request) async throws -> Response {
        let (queue, now) = (try Self.queue(request), now())
        guard let id = Int64(request[parameter: "messageId"]) else { throw Problem.deadLetterNotFound }
        let isDeleted = try await catalog.write { transaction in
            guard try transaction.deleteDead(in: queue, id: id) else { return false }
            let act = AuditAct(.deadLetterDeleted, of: .queue(queue.rawValue), ["messageId": .string("\(id)")])
            try transaction.record(act, at: now)
            return true
        }
        guard isDeleted else { throw Problem.deadLetterNotFound }
        return Response(status: .noContent)
    }

    /// `POST /admin/queues/{queue}/redrive`: lets dead letters be received again, those that are named or the oldest.
    func redriveQueue(_ request: Request) async throws -> Response {
        let (queue, now) = (try Self.queue(request), now())
        let input = APIInput(request)
        let ids = try input["messageIds"].map { _ in
            try input.texts("messageIds", limit: Self.redriveLimit, characters: 20)
        }?.enumerated().map { index, text throws(Problem) -> Int64 in
            guard let id = Int64(text) else { throw .unprocessable("messageIds[\(index)]", "is no id of a message.") }
            return id
        }
        let count = try await catalog.write { transaction in
            let count = try transaction.redrive(queue, ids: ids, now: now, limit: Self.redriveLimit)
            guard count > 0 else { return 0 }
            let act = AuditAct(.deadLettersRedriven, of: .queue(queue.rawValue), ["count": .integer(Int64(count))])
            try transaction.record(act, at: now)
            return count
        }
        jobs.uploadStored()
        return APIServices.json(.ok, ["redriven": .integer(Int64(count))])
    }

    private static func queue(_ request: Request) throws(Problem) -> QueueName {
        guard let queue = QueueName(rawValue: request[parameter: "queue"]) else {
            throw Problem(.notFound, "queue_not_found", "There is no such queue.")
        }
        return queue
    }
}

extension Problem {
    fileprivate static let deadLetterNotFound = Problem(
        .notFound, "dead_letter_not_found", "There is no such dead letter in this queue.")
}

extension QueueDepth {
    fileprivate func json(_ queue: QueueName, now: Int64) -> JSONObject {
        var object: JSONObject = [
            "queue": .string(queue.rawValue), "waiting": .integer(Int64(waiting)), "hidden": .integer(Int64(hidden)),
            "dead": .integer(Int64(dead)),
        ]
        if let oldestSentAt {
            object["oldestSentAt"] = .string(ISO8601.extended(milliseconds: oldestSentAt))
            object["oldestSeconds"] = .integer(max(0, now - oldestSentAt) / 1_000)
        }
        return object
    }
}

extension QueueMessage {
    /// A dead letter as administrators see it: the body as JSON, or as text where it is none.
    fileprivate var json: JSONObject {
        var object: JSONObject = [
            "messageId": .string("\(id)"), "sentAt": .string(ISO8601.extended(milliseconds: sentAt)),
            "receives": .integer(Int64(receives)),
            "body": (try? JSONValue.parse(Array(body.utf8))) ?? .string(body),
        ]
        if let deadAt { object["deadAt"] = .string(ISO8601.extended(milliseconds: deadAt)) }
        if let reason { object["reason"] = .string(reason) }
        return object
    }
}
