internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import Identity
internal import JSON
internal import Webhooks

extension APIServices {
    /// `GET /webhooks`: the caller's, or for administrators everybody's with `all=true`.
    func listWebhooks(_ request: Request, by caller: Caller) async throws -> Response {
        let query = try APIQuery(request)
        let limit = try query.limit(default: 50, maximum: 100)
        let after = try PageKey.from(query)
        let isOfAll = try query.flag("all") && caller.role == .admin
        let page = try await catalog.read {
            try $0.webhooks(ownerId: isOfAll ? nil : caller.id, limit: limit, after: after)
        }
        let now = now()
        return APIServices.json(.ok, .page(page.items.map { $0.json(now: now) }, next: page.next))
    }

    /// `POST /webhooks`: a webhook, whose secret is told here and never again.
    func createWebhook(_ request: Request, by caller: Caller) async throws -> Response {
        let input = APIInput(request)
        let scope: Webhook.Scope = try input.choice("scope") ?? .own
        guard scope == .own || caller.role == .admin else { throw Problem.needs(.admin, not: caller.role) }
        guard input["url"] != nil else { throw Problem.unprocessable("url", "is required.") }
        let (webhook, secret) = try await webhooks.create(ownerId: caller.id, scope: scope, try input.webhookChange())
        return Self.told(secret, of: webhook, .created, now: now())
    }

    /// `GET /webhooks/{webhookId}`
    func getWebhook(_ request: Request, by caller: Caller) async throws -> Response {
        let webhook = try await webhooks.webhook(id: request[parameter: "webhookId"], of: caller.webhookOwner)
        return APIServices.json(.ok, webhook.json(now: now()))
    }

    /// `PATCH /webhooks/{webhookId}`
    func changeWebhook(_ request: Request, by caller: Caller) async throws -> Response {
        let change = try APIInput(request).webhookChange()
        let webhook = try await webhooks.change(
            id: request[parameter: "webhookId"], of: caller.webhookOwner, change)
        return APIServices.json(.ok, webhook.json(now: now()))
    }

    /// `DELETE /webhooks/{webhookId}`
    func deleteWebhook(_ request: Request, by caller: Caller) async throws -> Response {
        try await webhooks.delete(id: request[parameter: "webhookId"], of: caller.webhookOwner)
        return Response(status: .noContent)
    }

    /// `POST /webhooks/{webhookId}/secret`: a new secret; the one before signs as well for a day.
    func rotateWebhookSecret(_ request: Request, by caller: Caller) async throws -> Response {
        let (webhook, secret) = try await webhooks.rotateSecret(
            id: request[parameter: "webhookId"], of: caller.webhookOwner)
        return Self.told(secret, of: webhook, .ok, now: now())
    }

    /// `POST /webhooks/{webhookId}/test`
    func testWebhook(_ request: Request, by caller: Caller) async throws -> Response {
        let delivery = try await webhooks.test(id: request[parameter: "webhookId"], of: caller.webhookOwner)
        return APIServices.json(.accepted, delivery.json)
    }

    /// `GET /webhooks/{webhookId}/deliveries`: newest first.
    func listWebhookDeliveries(_ request: Request, by caller: Caller) async throws -> Response {
        let query = try APIQuery(request)
        let limit = try query.limit(default: 50, maximum: 100)
        let after = try PageKey.from(query)
        let id = try await webhooks.webhook(id: request[parameter: "webhookId"], of: caller.webhookOwner).id
        let page = try await catalog.read { try $0.webhookDeliveries(webhookId: id, limit: limit, after: after) }
        return APIServices.json(.ok, .page(page.items.map(\.json), next: page.next))
    }

    /// `POST /webhooks/{webhookId}/deliveries/{deliveryId}/replay`
    func replayWebhookDelivery(_ request: Request, by caller: Caller) async throws -> Response {
        let delivery = try await webhooks.replay(
            deliveryId: request[parameter: "deliveryId"], id: request[parameter: "webhookId"], of: caller.webhookOwner)
        return APIServices.json(.accepted, delivery.json)
    }

    private static func told(_ secret: String, of webhook: Webhook, _ status: HTTPStatus, now: Int64) -> Response {
        var answer = webhook.json(now: now)
        answer["secret"] = .string(secret)
        return APIServices.json(status, answer)
    }
}

extension Caller {
    /// Whose webhooks the caller may see and change; nil for everybody's.
    fileprivate var webhookOwner: String? { role == .admin ? nil : id }
}

extension APIInput {
    fileprivate func webhookChange() throws(Problem) -> Webhooks.Change {
        var change = Webhooks.Change()
        change.url = try text("url", limit: 2_048)
        change.description = try text("description", limit: 500)
        change.isEnabled = try bool("enabled")
        guard self["events"] != nil else { return change }
        var events: Set<Webhook.Event> = []
        for (index, text) in try texts("events", limit: Webhook.Event.allCases.count, characters: 32).enumerated() {
            guard let event = Webhook.Event(rawValue: text) else {
                throw .unprocessable(
                    "events[\(index)]",
                    "must be one of \(Webhook.Event.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            events.insert(event)
        }
        guard !events.isEmpty else { throw .unprocessable("events", "must name one event at least.") }
        change.events = events
        return change
    }
}

extension Webhook {
    /// The webhook as its owner sees it; never a secret.
    fileprivate func json(now: Int64) -> JSONObject {
        var object: JSONObject = [
            "webhookId": .string(id), "ownerId": .string(ownerId), "scope": .string(scope.rawValue),
            "url": .string(url), "events": .array(events.map { .string($0.rawValue) }),
            "description": .string(description), "enabled": .bool(isEnabled),
            "createdAt": .string(ISO8601.extended(milliseconds: createdAt)),
        ]
        if let oldSecretUntil, now < oldSecretUntil {
            object["oldSecretUntil"] = .string(ISO8601.extended(milliseconds: oldSecretUntil))
        }
        return object
    }
}

extension WebhookDelivery {
    /// The delivery as the webhook's owner sees it.
    fileprivate var json: JSONObject {
        var object: JSONObject = [
            "deliveryId": .string(id), "eventId": .string(eventId), "event": .string(event),
            "state": .string(state.rawValue), "attempts": .integer(Int64(attempts)),
            "createdAt": .string(ISO8601.extended(milliseconds: createdAt)),
            "payload": (try? JSONValue.parse(Array(payload.utf8))) ?? .string(payload),
        ]
        if let attemptedAt { object["attemptedAt"] = .string(ISO8601.extended(milliseconds: attemptedAt)) }
        if let nextAttemptAt { object["nextAttemptAt"] = .string(ISO8601.extended(milliseconds: nextAttemptAt)) }
        if let status { object["status"] = .integer(Int64(status)) }
        if let answer { object["answer"] = .string(answer) }
        if let failure { object["failure"] = .string(failure) }
        return object
    }
}

extension WebhookRefusal: Refusal {
    var status: HTTPStatus {
        switch code {
        case .invalidURL: .unprocessableContent
        case .notFound, .deliveryNotFound: .notFound
        case .tooMany, .disabled, .deliveryPending: .conflict
        }
    }

    var member: String? { code == .invalidURL ? "url" : nil }
}
