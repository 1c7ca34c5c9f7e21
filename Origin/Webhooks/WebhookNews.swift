public import Catalog
internal import Crypto
internal import HTTPWire
internal import JSON

extension CatalogTransaction {
    /// Stores a video, and what its change means to those who want to hear of it: in one transaction, so that nothing is lost
    /// and nothing told that did not happen. Of a video in the trash nobody hears.
    public func saveAndTell(_ video: Video, now: Int64) throws {
        let before = try self.video(id: video.id)
        try save(video)
        guard video.deletedAt == nil else { return }
        let events = Webhook.Event.told(by: before, video)
        guard !events.isEmpty else { return }
        let listeners = try webhooks(hearingOf: video.ownerId)
        for event in events {
            let eventId = WebhookDelivery.newId()
            let payload = event.payload(of: video, now: now)
            for webhook in listeners where webhook.events.contains(event) {
                try send(
                    WebhookDelivery(
                        id: WebhookDelivery.newId(), webhookId: webhook.id, eventId: eventId, event: event.rawValue,
                        payload: payload, createdAt: now))
            }
        }
    }

    /// Adds a delivery and the message that has it made.
    func send(_ delivery: WebhookDelivery) throws {
        try insert(delivery)
        try enqueue(delivery, now: delivery.createdAt)
    }

    /// Has a delivery made, now.
    func enqueue(_ delivery: WebhookDelivery, now: Int64) throws {
        let body: JSONObject = ["delivery": .string(delivery.id)]
        try send(to: .webhookDeliveries, group: delivery.webhookId, now: now) { _ in
            String(decoding: JSONValue.object(body).serialized(), as: UTF8.self)
        }
    }
}

extension WebhookDelivery {
    /// An id of a delivery or an event: 128 bits that nobody can guess.
    static func newId() -> String { "msg_" + SecureRandom.hex(16) }
}

extension Webhook.Event {
    /// What a change of a video means to others. A video that failed and is tried again may become playable, ready or failed
    /// once more.
    static func told(by before: Video?, _ after: Video) -> [Webhook.Event] {
        var events: [Webhook.Event] = []
        if after.playable, before?.playable != true { events.append(.playable) }
        if after.status == .ready, before?.status != .ready { events.append(.ready) }
        if after.status == .failed, before?.status != .failed { events.append(.failed) }
        return events
    }

    /// The message, JSON: what the video is at this moment.
    func payload(of video: Video, now: Int64) -> String {
        var data: JSONObject = [
            "videoId": .string(video.id), "ownerId": .string(video.ownerId), "title": .string(video.title),
            "status": .string(video.status.rawValue), "playable": .bool(video.playable),
            "visibility": .string(video.visibility.rawValue),
        ]
        if let seconds = video.durationSeconds { data["durationSeconds"] = .number(seconds) }
        if let failure = video.failure {
            data["failure"] = ["reason": .string(failure.reason), "detail": .string(failure.detail)]
        }
        return Self.payload(rawValue, data, now: now)
    }

    /// A message of `type`.
    static func payload(_ type: String, _ data: JSONObject, now: Int64) -> String {
        let message: JSONObject = [
            "type": .string(type), "timestamp": .string(ISO8601.extended(milliseconds: now)), "data": .object(data),
        ]
        return String(decoding: JSONValue.object(message).serialized(), as: UTF8.self)
    }
}
