internal import Bytes
internal import HTTPWire

/// A policy whose signature has been checked, together with the exact bytes that proved it.
///
/// Only the signature is remembered as good; dates, address and resource are evaluated on every request. Belongs to the loop
/// of its verifier.
final class VerifiedPolicy {
    private let expires: Int64
    private let notBefore: Int64?
    private let network: IPNetwork?
    /// Nil stands for every resource.
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
    private var cookieField: [UInt8] = []
    /// The same of the query, and what was left of it without the signing parameters.
    private var query: [UInt8] = []
    private var strippedQuery: [UInt8] = []

    init(_ policy: CloudFrontPolicy, identity: Hash128, parameters: CompleteParameters, url: ResourceURL) {
        expires = policy.expires
        notBefore = policy.notBefore
        network = policy.source
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
    func wasProven(by parameters: CompleteParameters, url: ResourceURL) -> Bool {
        isCanned == parameters.isCanned && Self.equal(signature, parameters.signature)
            && Self.equal(proof, parameters.proof) && Self.equal(keyPairId, parameters.keyPairId)
            && hashEquals(parameters.hash) && isSame(url)
    }

    /// Whether this is byte for byte the `Cookie` field that proved it last, for a canned policy with the same URL.
    func wasProven(byCookies field: UnsafeRawBufferPointer, url: ResourceURL) -> Bool {
        !cookieField.isEmpty && Self.equal(cookieField, field) && isSame(url)
    }

    /// Whether this is byte for byte the query that proved it last, for a canned policy with the same URL, which then takes
    /// what is left of the query.
    func wasProven(byQuery sent: UnsafeRawBufferPointer, url: ResourceURL) -> Bool {
        guard !query.isEmpty, Self.equal(query, sent) else { return false }
        strippedQuery.withUnsafeBytes { url.take(stripped: $0) }
        return isSame(url)
    }

    private func isSame(_ url: ResourceURL) -> Bool {
        !isCanned || Self.equal(self.url, url.bytes)
    }

    /// Remembers the `Cookie` field that has just proved it, unless that is much more than its parameters: what else a client
    /// sends is not worth the memory. Whether it did.
    func keep(cookies field: UnsafeRawBufferPointer) -> Bool {
        guard field.count <= Self.mostKeptBytes else { return false }
        Self.replace(&cookieField, field)
        return true
    }

    /// The same of the query.
    func keep(query sent: UnsafeRawBufferPointer, url: ResourceURL) -> Bool {
        guard sent.count <= Self.mostKeptBytes else { return false }
        Self.replace(&query, sent)
        Self.replace(&strippedQuery, url.query ?? UnsafeRawBufferPointer(start: nil, count: 0))
        return true
    }

    private static let mostKeptBytes = 4_096

    private static func replace(_ kept: inout [UInt8], _ bytes: UnsafeRawBufferPointer) {
        kept.removeAll(keepingCapacity: true)
        kept.append(contentsOf: bytes)
    }

    private func hashEquals(_ other: UnsafeRawBufferPointer?) -> Bool {
        guard let hash else { return other == nil }
        return other.map { Self.equal(hash, $0) } ?? false
    }

    private static func equal(_ kept: [UInt8], _ received: UnsafeRawBufferPointer) -> Bool {
        kept.withUnsafeBytes { ByteSearch.equal($0, received) }
    }

    /// Judges a request that came with this policy.
    func evaluate(
        _ request: borrowing AccessRequest, url: ResourceURL, source: AccessGrant.Source
    ) -> AccessDecision {
        guard request.nowEpochSeconds < expires else { return .denied(AccessDenial(.accessDenied, .expired)) }
        if let notBefore, request.nowEpochSeconds <= notBefore {
            return .denied(AccessDenial(.accessDenied, .notYetValid))
        }
        if let network {
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
