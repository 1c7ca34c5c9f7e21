/// What one client, or one signed grant, may take of a behavior. Nothing is limited that is `nil`.
struct BehaviorLimits: Sendable, Equatable {
    /// Requests of one client address; IPv6 by its first 64 bits, because one host has all addresses of the rest.
    var requestsPerAddress: TokenBucket?
    /// Requests under one grant, from whatever address.
    var requestsPerGrant: TokenBucket?
    var streamsPerGrant: Streams?
    /// Bytes of each response body.
    var bandwidthPerResponse: TokenBucket?
    /// Bytes of all response bodies under one grant.
    var bandwidthPerGrant: TokenBucket?

    /// How many client addresses may use a grant at the same time: within so many seconds.
    struct Streams: Sendable, Equatable {
        let quantity: Int
        let windowSeconds: Int
    }

    var needGrant: Bool { requestsPerGrant != nil || streamsPerGrant != nil || bandwidthPerGrant != nil }

    /// Whether something is to be done while a body goes out.
    var watchBodies: Bool { bandwidthPerResponse != nil || bandwidthPerGrant != nil || streamsPerGrant != nil }
}

extension BehaviorLimits {
    /// Whether a limit of this kind is set.
    func has(_ kind: LimitKind) -> Bool {
        switch kind {
        case .requestsPerAddress: requestsPerAddress != nil
        case .requestsPerGrant: requestsPerGrant != nil
        case .streamsPerGrant: streamsPerGrant != nil
        case .bandwidthPerResponse: bandwidthPerResponse != nil
        case .bandwidthPerGrant: bandwidthPerGrant != nil
        }
    }
}

/// One limit, as metrics name it.
enum LimitKind: String, CaseIterable, Sendable {
    case requestsPerAddress = "requests_per_address"
    case requestsPerGrant = "requests_per_grant"
    case streamsPerGrant = "streams_per_grant"
    case bandwidthPerResponse = "bandwidth_per_response"
    case bandwidthPerGrant = "bandwidth_per_grant"

    /// Those beyond which a request is refused; the others hold bodies back.
    static let refusing: Set<LimitKind> = [.requestsPerAddress, .requestsPerGrant, .streamsPerGrant]
}
