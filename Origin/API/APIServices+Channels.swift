internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON

extension APIServices {
    /// Channels that an account follows at most: a feed asks each of them.
    private static let maximumSubscriptions = 1_000

    /// `GET /channels/{userId}`: what an account shows everybody, once it has a video that everybody sees.
    func getChannel(_ request: Request, for caller: Caller?) async throws -> Response {
        let id = request[parameter: "userId"]
        let (channel, isSubscribed) = try await catalog.read { reader in
            (try reader.channel(of: id), try caller.map { try reader.isSubscribed($0.id, to: id) })
        }
        guard var answer = channel?.json else { throw Problem.channelNotFound }
        if let isSubscribed { answer["subscribed"] = .bool(isSubscribed) }
        return APIServices.json(.ok, answer)
    }

    /// `PUT /channels/{userId}/subscription`: the caller follows the channel; once, however often it is said.
    func subscribe(_ request: Request, by caller: Caller) async throws -> Response {
        let (id, now) = (request[parameter: "userId"], now())
        guard id != caller.id else {
            throw Problem(.conflict, "own_channel", "Nobody follows themselves; your videos are in the list of videos.")
        }
        try await catalog.write { transaction in
            guard try transaction.channel(of: id) != nil else { throw Problem.channelNotFound }
            if try transaction.isSubscribed(caller.id, to: id) { return }
            guard try transaction.subscriptionCount(of: caller.id) < Self.maximumSubscriptions else {
                throw Problem(
                    .conflict, "too_many_subscriptions",
                    "An account follows at most \(Self.maximumSubscriptions) channels; leave one first.")
            }
            try transaction.subscribe(caller.id, to: id, at: now)
        }
        return Response(status: .noContent)
    }

    /// `DELETE /channels/{userId}/subscription`: no longer, or never did.
    func unsubscribe(_ request: Request, by caller: Caller) async throws -> Response {
        let id = request[parameter: "userId"]
        try await catalog.write { try $0.unsubscribe(caller.id, from: id) }
        return Response(status: .noContent)
    }

    /// `GET /me/subscriptions`: the channels that the caller follows, last subscribed first. Those that show nothing at present
    /// are left out.
    func listSubscriptions(_ request: Request, of caller: Caller) async throws -> Response {
        let query = try APIQuery(request)
        let limit = try query.limit(default: 24, maximum: 100)
        let after = try PageKey.from(query)
        let (items, next) = try await catalog.read { reader in
            let page = try reader.subscriptions(of: caller.id, limit: limit, after: after)
            let items = try page.items.compactMap { subscription -> JSONObject? in
                guard var item = try reader.channel(of: subscription.channelId)?.json else { return nil }
                item["subscribedAt"] = .string(ISO8601.extended(milliseconds: subscription.createdAt))
                return item
            }
            return (items, page.next)
        }
        return APIServices.json(.ok, .page(items, next: next))
    }

    /// `GET /me/feed`: the videos of the channels that the caller follows, newest first.
    func listFeed(_ request: Request, of caller: Caller) async throws -> Response {
        let query = try APIQuery(request)
        let limit = try query.limit(default: 24, maximum: 100)
        let after = try PageKey.from(query)
        let (videos, next) = try await catalog.read { reader in
            let page = try reader.feed(of: caller.id, limit: limit, after: after)
            return (try page.items.compactMap { try reader.video(id: $0) }, page.next)
        }
        let thumbnails = try await thumbnails(for: request)
        let items = try videos.map { $0.json(for: caller, thumbnail: try thumbnails.url(of: $0)) }
        return APIServices.json(.ok, .page(items, next: next))
    }
}

extension Channel {
    fileprivate var json: JSONObject {
        [
            "userId": .string(accountId), "name": .string(PublicName.of(name)), "videos": .integer(videos),
            "subscribers": .integer(subscribers),
        ]
    }
}

/// What strangers are told of an account's name, which may be a mail address: what stands before the `@`.
enum PublicName {
    static func of(_ name: String) -> String {
        let shown = name.prefix { $0 != "@" }
        return shown.isEmpty ? "?" : String(shown)
    }
}

extension Problem {
    fileprivate static let channelNotFound = Problem(
        .notFound, "channel_not_found", "There is no such channel, or it shows nothing.")
}
