import JSON

/// How the servers of every origin stand, for an operator who asks.
struct OriginReport {
    let document: JSONValue

    /// - Parameter now: monotonic nanoseconds.
    init(_ snapshot: EdgeSnapshot, at now: UInt64) {
        let origins = snapshot.origins.map { origin -> JSONValue in
            [
                "id": .string(origin.id), "usable": .bool(origin.isUsable(at: now)),
                "checked": .bool(origin.healthCheck != nil),
                "servers": .array(origin.servers.map { Self.report($0.health, at: now) }),
            ]
        }
        let groups = snapshot.distributions.flatMap { served in
            let name: (String) -> JSONValue = { id in
                .string(served.distribution.originName(id, isDefault: served.isDefault))
            }
            return served.distribution.originGroups.map { group -> JSONValue in
                ["id": name(group.id), "members": .array(group.originIds.map(name))]
            }
        }
        document = ["origins": .array(origins), "groups": .array(groups)]
    }

    private static func report(_ health: ServerHealth, at now: UInt64) -> JSONValue {
        var fields: JSONObject = [
            "server": .string(health.server), "outstanding": .integer(Int64(health.outstanding)),
        ]
        switch health.condition {
        case .usable: fields["state"] = "usable"
        case .down: fields["state"] = "down"
        case .ejected(let end):
            fields["state"] = end > now ? "ejected" : "on trial"
            if end > now { fields["secondsLeft"] = .number((Double(end - now) / 1e9).rounded(.up)) }
        }
        return .object(fields)
    }
}
