internal import Bytes

/// A policy whose signature has been checked, together with the exact bytes that proved it.
///
/// Only the signature is remembered as good; dates, address and resource are evaluated on every request. Belongs to the loop
/// of its verifier.
final class VerifiedPolicy {
    private let policy: CloudFrontPolicy
    private let pattern: ResourcePattern?
    private let isCanned: Bool
    /// Of the grant.
    private let identity: Hash128
    private let proof: [UInt8]
    private let signature: [UInt8]
    private let keyPairId: [UInt8]
    private let hash: [UInt8]?
    /// The URL that a canned policy was rebuilt from; empty for a custom one.
    private let url: [UInt8]
    /// The `Cookie` field in which the parameters came last, whole, so that the next one need not be taken apart.
    private var field: [UInt8] = []

    init(
        _ policy: CloudFrontPolicy, identity: Hash128, parameters: CompleteParameters, url: borrowing ResourceURL
    ) {
        self.policy = policy
        self.identity = identity
        isCanned = parameters.isCanned
        pattern = isCanned ? nil : policy.resource.map(ResourcePattern.init)
        proof = Array(parameters.proof)
        signature = Array(parameters.signature)
        keyPairId = Array(parameters.keyPairId)
        hash = parameters.hash.map { Array($0) }
        self.url = isCanned ? Array(url.bytes) : []
    }

    /// Whether these parameters are byte for byte the ones that were verified, for a canned policy with the same URL.
    func wasProven(by parameters: CompleteParameters, url: borrowing ResourceURL) -> Bool {
        isCanned == parameters.isCanned && Self.equal(signature, parameters.signature)
            && Self.equal(proof, parameters.proof) && Self.equal(keyPairId, parameters.keyPairId)
            && hashEquals(parameters.hash) && (!isCanned || Self.equal(self.url, url.bytes))
    }

    /// Whether this is byte for byte the `Cookie` field that proved it last, for a canned policy with the same URL.
    func wasProven(byField field: UnsafeRawBufferPointer, url: borrowing ResourceURL) -> Bool {
        Self.equal(self.field, field) && !field.isEmpty && (!isCanned || Self.equal(self.url, url.bytes))
    }

    /// Remembers the `Cookie` field that has just proved it, unless that is much more than its parameters: what else a client
    /// sends is not worth the memory.
    func keep(_ field: UnsafeRawBufferPointer) {
        guard field.count <= Self.mostFieldBytes else { return }
        self.field.removeAll(keepingCapacity: true)
        self.field.append(contentsOf: field)
    }

    private static let mostFieldBytes = 4_096

    private func hashEquals(_ other: UnsafeRawBufferPointer?) -> Bool {
        guard let hash else { return other == nil }
        return other.map { Self.equal(hash, $0) } ?? false
    }

    private static func equal(_ kept: [UInt8], _ received: UnsafeRawBufferPointer) -> Bool {
        kept.withUnsafeBytes { ByteSearch.equal($0, received) }
    }

    /// Judges a request that came with this policy.
    func evaluate(
        _ request: borrowing AccessRequest, url: borrowing ResourceURL, source: AccessGrant.Source
    ) -> AccessDecision {
        guard request.nowEpochSeconds < policy.expires else { return .denied(AccessDenial(.accessDenied, .expired)) }
        if let notBefore = policy.notBefore, request.nowEpochSeconds <= notBefore {
            return .denied(AccessDenial(.accessDenied, .notYetValid))
        }
        if let network = policy.source {
            guard let peer = request.peer, network.contains(peer) else {
                return .denied(AccessDenial(.accessDenied, .address))
            }
        }
        if let pattern, !pattern.matches(url) { return .denied(AccessDenial(.accessDenied, .resource)) }
        return .allowed(AccessGrant(identity: identity, source: source))
    }
}

/// The parameters of a candidate that has all of them.
struct CompleteParameters {
    /// The policy, or the expiry of a canned one.
    let proof: UnsafeRawBufferPointer
    let isCanned: Bool
    let signature: UnsafeRawBufferPointer
    let keyPairId: UnsafeRawBufferPointer
    let hash: UnsafeRawBufferPointer?

    init(_ parameters: SigningParameters) throws(AccessDenial) {
        guard let keyPairId = parameters.keyPairId else { throw AccessDenial(.missingKey, .keyMissing) }
        guard !parameters.isAmbiguous else { throw AccessDenial(.accessDenied, .ambiguous) }
        guard let proof = parameters.policy ?? parameters.expires, let signature = parameters.signature else {
            throw AccessDenial(.accessDenied, .incomplete)
        }
        self.proof = proof
        isCanned = parameters.policy == nil
        self.signature = signature
        self.keyPairId = keyPairId
        hash = parameters.hash
    }
}

/// The last policy that was verified on a connection, so that a player's next request costs a comparison.
///
/// Held by the connection; belongs to the verifier that filled it and is ignored by every other.
public struct AccessMemo {
    var policy: VerifiedPolicy?
    var generation: UInt64 = 0

    /// An empty memo.
    public init() {}
}

/// The policies one loop has verified, bounded; the oldest goes first.
struct VerifiedPolicyCache {
    private let hasher: SipHash128
    private let capacity: Int
    private var policies: [Hash128: VerifiedPolicy] = [:]
    private var order: [Hash128] = []
    private var oldest = 0

    init(capacity: Int, key: (UInt64, UInt64)) {
        precondition(capacity > 0, "a cache holds at least one policy")
        self.capacity = capacity
        hasher = SipHash128(key: key)
        policies.reserveCapacity(capacity)
        order.reserveCapacity(capacity)
    }

    func find(_ parameters: CompleteParameters, url: borrowing ResourceURL) -> VerifiedPolicy? {
        guard let policy = policies[hasher.hash(parameters.signature)], policy.wasProven(by: parameters, url: url)
        else {
            return nil
        }
        return policy
    }

    mutating func insert(_ policy: VerifiedPolicy, signature: UnsafeRawBufferPointer) {
        let key = hasher.hash(signature)
        guard policies.updateValue(policy, forKey: key) == nil else { return }
        if order.count < capacity {
            order.append(key)
        } else {
            policies.removeValue(forKey: order[oldest])
            order[oldest] = key
            oldest = (oldest + 1) % capacity
        }
    }
}
