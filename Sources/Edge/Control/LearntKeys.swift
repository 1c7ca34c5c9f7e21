import Crypto
import JSON

/// The key groups of the origin as of one place in its control log: always all of them, so that whoever has the last has
/// everything.
///
/// On disk it is one JSON document beside the position. A group that is named here is the origin's alone; of others the
/// configuration speaks.
final class LearntKeys: Sendable {
    /// The place in the log.
    let position: LogPosition
    /// By group, then by key pair id.
    let groups: [String: [String: PublicKey]]
    /// Keys of kinds that this version does not know.
    let unusable: [String]

    /// Why a document is no set of keys.
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// Reads `{"groups": {"GROUP": [{"id", "publicKey"}]}}`. Parses keys, so it is not for a loop's thread.
    init(_ document: JSONValue, at position: LogPosition) throws(Refused) {
        guard let object = document["groups"]?.object else { throw Refused(description: "keys without groups") }
        var groups: [String: [String: PublicKey]] = [:]
        var unusable: [String] = []
        for group in object.members {
            guard let keys = group.value.array else { throw Refused(description: "a key group that is no list") }
            var members: [String: PublicKey] = [:]
            for key in keys {
                guard let id = key["id"]?.string, let pem = key["publicKey"]?.string else {
                    throw Refused(description: "a key without id or publicKey")
                }
                guard let key = try? PublicKey(pem: pem) else {
                    unusable.append(id)
                    continue
                }
                members[id] = key
            }
            groups[group.key] = members
        }
        self.position = position
        self.groups = groups
        self.unusable = unusable
    }

    /// Reads what `stored` wrote; nil for anything else.
    convenience init?(stored bytes: [UInt8]) {
        guard let document = try? JSONValue.parse(bytes), let logId = document["log"]?.string,
            let sequence = document["sequence"]?.integer
        else { return nil }
        try? self.init(document, at: LogPosition(logId: logId, sequence: sequence))
    }

    /// The document for the disk.
    var stored: [UInt8] {
        var members: JSONObject = [:]
        for (id, keys) in groups.sorted(by: { $0.key < $1.key }) {
            members[id] = .array(
                keys.sorted { $0.key < $1.key }.map { ["id": .string($0.key), "publicKey": .string($0.value.pem)] })
        }
        let document: JSONValue = [
            "log": .string(position.logId), "sequence": .integer(position.sequence), "groups": .object(members),
        ]
        return document.serialized()
    }

    /// How many keys there are.
    var count: Int { groups.values.reduce(0) { $0 + $1.count } }

    /// The groups and their keys on one line, for the log.
    var summary: String {
        groups.sorted { $0.key < $1.key }
            .map { "\($0.key): \($0.value.keys.sorted().joined(separator: " "))" }.joined(separator: "; ")
    }

    /// Whether this is the truth where `other` is an answer about the same log.
    func covers(_ other: LogPosition) -> Bool {
        position.logId == other.logId && position.sequence >= other.sequence
    }
}

extension EdgeSnapshot {
    /// What opens the paths of a route, by key pair id: of each group that it trusts the origin's keys, if the origin has
    /// named the group and is followed, else the configured ones.
    func trustedKeys(of route: Route, learnt: LearntKeys?) -> [String: PublicKey] {
        let learnt = controlOrigin == nil ? nil : learnt
        return route.behavior.trustedKeyGroups.reduce(into: [:]) { trusted, group in
            trusted.merge(learnt?.groups[group] ?? keyGroups[group] ?? [:]) { first, _ in first }
        }
    }
}
