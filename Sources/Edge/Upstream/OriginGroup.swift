import HTTPClient
import HTTPWire

/// One server of an origin.
struct OriginServer: Sendable {
    let endpoint: Endpoint
    let health: ServerHealth
}

/// The origins a route may ask, in order. An origin on its own is a group of one.
final class OriginGroup: Sendable {
    let id: String
    let members: [OriginTarget]
    /// Statuses for which the next member is asked.
    let failoverStatuses: Set<Int>

    init(_ origin: OriginTarget) {
        id = origin.id
        members = [origin]
        failoverStatuses = []
    }

    init(_ declaration: OriginGroupDeclaration, origins: [String: OriginTarget]) {
        id = declaration.id
        members = declaration.originIds.compactMap { origins[$0] }
        failoverStatuses = declaration.failoverStatuses
    }

    /// Whether every request carries the edge's own signature, so that nothing of a client's identity reaches an origin.
    var signsRequests: Bool { members.allSatisfy(\.signsRequests) }

    /// Whether at least one of the origins should get requests at that monotonic time.
    func isWell(at now: UInt64) -> Bool {
        members.contains { $0.isUsable(at: now) }
    }

    /// How a request is tried, as things stand at that monotonic time.
    func plan(for request: UpstreamRequest, at now: UInt64) -> AttemptPlan {
        AttemptPlan(
            members: members.map {
                .init(servers: $0.servers.count, attempts: $0.connectAttempts, isUsable: $0.isUsable(at: now))
            },
            statuses: failoverStatuses,
            isSafe: request.method == .get || request.method == .head || request.method == .options,
            hasBody: request.hasBody)
    }
}
