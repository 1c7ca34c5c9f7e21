import AccessLog
import Bytes
import EventLoop
import HTTPWire
import JSON
import SegmentStore

/// What the edge would do with a URL and why, for an operator who asks.
struct Explanation {
    let document: JSONValue

    /// `nil` for what the edge would refuse as a target. A path is of the default distribution, a whole URL of the one that
    /// answers for its host. Opens a reader of its own; not for a loop's thread.
    ///
    /// - Parameter client: who would ask, to be told whether it is served.
    init?(
        url: String, client: SocketAddress? = nil, snapshot: EdgeSnapshot, store: SegmentStore
    ) throws(StoreError) {
        let reference = PurgeReference(url)
        let parts = reference.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first.flatMap({ RequestTarget.normalise(String($0)) }),
            let served = reference.host.map(snapshot.distribution(forHost:)) ?? snapshot.distributions[0]
        else { return nil }
        let objectPath = path == "/" ? served.distribution.rootPath ?? path : path
        let behavior = served.behavior(for: objectPath)
        let key = served.cacheKey(path: path, query: parts.count == 2 ? String(parts[1]) : nil)
        var fields: JSONObject = [
            "distribution": .string(served.distribution.id),
            "behavior": .string(behavior.name), "origin": .string(behavior.originId),
            "needsSignature": .bool(behavior.needsSignature),
            "cachePolicy": .string(behavior.cachePolicy?.id ?? CachePolicy.disabledId),
        ]
        if objectPath != path { fields["defaultRootObject"] = .string(objectPath) }
        if let policy = behavior.originRequest { fields["originRequestPolicy"] = .string(policy.id) }
        if let keyed = behavior.keyFields {
            fields["keyHeaders"] = .string(String(decoding: keyed.headers, as: UTF8.self))
            fields["keyCookies"] = .bool(keyed.cookies != .none)
        }
        for member in Self.clients(of: behavior, client, in: snapshot).members { fields[member.key] = member.value }
        if behavior.cachePolicy != nil {
            fields["cacheKey"] = .string(Self.withoutSecrets(key))
            let reader = try store.makeReader()
            if let object = reader.lookup(key: key), object.flags.contains(.varies) {
                fields["state"] = "varies"
                fields["variesBy"] = .string(String(decoding: reader.head(of: object), as: UTF8.self))
            } else if let object = reader.lookup(key: key) {
                let now = WallClock.epochSeconds()
                fields["state"] = .string(
                    object.isFresh(at: now) ? "fresh" : object.softPurged ? "soft-purged" : "stale")
                fields["bytes"] = .integer(Int64(object.length))
                fields["status"] = .integer(Int64(object.status))
                fields["storedSecondsAgo"] = .integer(now - object.storedAt)
                fields["freshSecondsLeft"] = .integer(object.freshUntil - now)
                fields["staleIfErrorSecondsLeft"] = .integer(object.staleIfErrorUntil - now)
                fields["tags"] = .array(reader.tags(of: object).map { .string(String(decoding: $0, as: UTF8.self)) })
            } else if behavior.keyFields != nil {
                fields["state"] = "depends on the request's fields"
            } else {
                fields["state"] = "absent"
            }
        }
        document = .object(fields)
    }

    /// Answers are pasted into tickets.
    private static func withoutSecrets(_ key: [UInt8]) -> String {
        var scratch = GrowableBuffer()
        return key.withUnsafeBytes {
            String(decoding: SecretParameters().redacted(address: $0, using: &scratch), as: UTF8.self)
        }
    }
}
