internal import Bytes
public import Crypto
internal import Synchronization

/// Decides whether a request may see what it asks for, by CloudFront's signed cookies or signed URL.
///
/// One per loop and set of trusted keys; confined to that loop. A request whose parameters were verified before, on its
/// connection or on its loop, costs comparisons and no allocation. After a change of keys make a new verifier: memos
/// of the old one do not count for it.
public final class SignedAccessVerifier {
    private struct TrustedKey {
        let sha1: SignatureVerifier
        let sha256: SignatureVerifier
    }

    private static let generations = Atomic<UInt64>(1)

    private let generation: UInt64
    /// By the bytes of the key pair id: two strings that differ can compare equal.
    private let keys: [[UInt8]: TrustedKey]
    private let url = ResourceURL()
    private var cache: VerifiedPolicyCache
    private var seen: SeenFields
    /// What convinced the last check, whatever it decided.
    public private(set) var lastProof = AccessProof.none

    /// A verifier that trusts `keys`, by key pair id, and remembers up to `memoCapacity` verified policies.
    public init(keys: [String: PublicKey], memoCapacity: Int = 4096) {
        self.keys = keys.reduce(into: [:]) { trusted, entry in
            trusted[Array(entry.key.utf8)] = TrustedKey(
                sha1: SignatureVerifier(key: entry.value, digest: .sha1),
                sha256: SignatureVerifier(key: entry.value, digest: .sha256))
        }
        generation = Self.generations.wrappingAdd(1, ordering: .relaxed).newValue
        let random = SecureRandom.bytes(16)
        let halves = random.withUnsafeBytes {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        cache = VerifiedPolicyCache(capacity: memoCapacity, key: halves)
        seen = SeenFields(capacity: memoCapacity, key: halves)
    }

    /// Checks one request, with the memo of its connection.
    ///
    /// A signing parameter in the query decides alone; otherwise up to four sets of cookies are tried and the first
    /// that allows wins. The denial of the first set is the one reported.
    ///
    /// - Parameter cookies: asked only if the `Cookie` field is not, byte for byte, the one that proved the memo's policy.
    public func check(
        _ request: borrowing AccessRequest, cookies: () -> SignedCookies, memo: inout AccessMemo
    ) -> AccessDecision {
        lastProof = .none
        guard url.begin(request) else { return Self.notUnambiguous }
        if let query = request.query {
            if let policy = known(byQuery: query, memo) {
                remember(policy, &memo)
                return policy.evaluate(request, url: url, source: .query)
            }
            guard url.strip(query) else { return Self.notUnambiguous }
            if let parameters = SigningParameters(query: query) {
                return check(parameters, from: .query, request, &memo)
            }
        }
        if let field = request.cookieField, let policy = known(byCookies: field, memo) {
            let decision = policy.evaluate(request, url: url, source: .cookies)
            // Any set of a field that allows wins, so the other sets need not be looked at.
            if decision.isAllowed {
                remember(policy, &memo)
                return decision
            }
        }
        let cookies = cookies()
        guard cookies.setCount > 0 else { return .denied(AccessDenial(.missingKey, .keyMissing)) }
        let first = check(cookies[0], from: .cookies, request, &memo)
        if first.isAllowed { return first }
        for index in 1..<max(1, cookies.setCount) {
            let other = check(cookies[index], from: .cookies, request, &memo)
            if other.isAllowed { return other }
        }
        return first
    }

    private static var notUnambiguous: AccessDecision { .denied(AccessDenial(.accessDenied, .url)) }

    /// The policy that this very query has proven before, on the connection or on the loop.
    private func known(byQuery query: UnsafeRawBufferPointer, _ memo: borrowing AccessMemo) -> VerifiedPolicy? {
        if memo.generation == generation, let policy = memo.policy, policy.wasProven(byQuery: query, url: url) {
            lastProof = .connection
            return policy
        }
        guard let policy = seen.find(query), policy.wasProven(byQuery: query, url: url) else { return nil }
        lastProof = .loop
        return policy
    }

    /// The same of a `Cookie` field.
    private func known(byCookies field: UnsafeRawBufferPointer, _ memo: borrowing AccessMemo) -> VerifiedPolicy? {
        if memo.generation == generation, let policy = memo.policy, policy.wasProven(byCookies: field, url: url) {
            lastProof = .connection
            return policy
        }
        guard let policy = seen.find(field), policy.wasProven(byCookies: field, url: url) else { return nil }
        lastProof = .loop
        return policy
    }

    private func remember(_ policy: VerifiedPolicy, _ memo: inout AccessMemo) {
        if memo.generation == generation, memo.policy === policy { return }
        memo.policy = policy
        memo.generation = generation
    }

    private func check(
        _ parameters: SigningParameters, from source: AccessGrant.Source, _ request: borrowing AccessRequest,
        _ memo: inout AccessMemo
    ) -> AccessDecision {
        do throws(AccessDenial) {
            let parameters = try CompleteParameters(parameters)
            let policy = try policy(of: parameters)
            remember(policy, &memo)
            keep(policy, source, request)
            return policy.evaluate(request, url: url, source: source)
        } catch {
            return .denied(error)
        }
    }

    private func policy(of parameters: CompleteParameters) throws(AccessDenial) -> VerifiedPolicy {
        lastProof = .loop
        if let known = cache.find(parameters, url: url) { return known }
        lastProof = .none
        let policy = try verify(parameters)
        lastProof = .signature
        cache.insert(policy, signature: parameters.signature)
        return policy
    }

    /// Remembers in what the policy came.
    private func keep(_ policy: VerifiedPolicy, _ source: AccessGrant.Source, _ request: borrowing AccessRequest) {
        switch source {
        case .cookies:
            guard let field = request.cookieField, policy.keep(cookies: field) else { return }
            seen.insert(policy, field)
        case .query:
            guard let query = request.query, policy.keep(query: query, url: url) else { return }
            seen.insert(policy, query)
        }
    }

    /// The order matters: nothing that a stranger wrote is parsed before its signature is known to be good.
    private func verify(_ parameters: CompleteParameters) throws(AccessDenial) -> VerifiedPolicy {
        // Once, in a query as in a cookie: there are libraries that escape a tilde in either.
        func value(_ raw: UnsafeRawBufferPointer) throws(AccessDenial) -> [UInt8] {
            guard let decoded: [UInt8] = PercentEncoding.decode(raw) else {
                throw AccessDenial(.accessDenied, .encoding)
            }
            return decoded
        }
        let keyPairId = try value(parameters.keyPairId)
        guard let key = keys[keyPairId] else {
            throw AccessDenial(.invalidKey, .keyUnknown)
        }
        let verifier =
            switch try parameters.hash.map(value).map(CloudFrontHash.init(name:)) ?? .sha1 {
            case .sha1: key.sha1
            case .sha256: key.sha256
            case nil: throw AccessDenial(.accessDenied, .unknownHash)
            }
        guard let signature = Base64.decode(try value(parameters.signature), alphabet: .cloudFront) else {
            throw AccessDenial(.accessDenied, .encoding)
        }
        guard let proof: [UInt8] = PercentEncoding.decode(parameters.proof) else {
            throw AccessDenial(.malformedPolicy, .encoding)
        }
        let message: [UInt8]
        var canned: CloudFrontPolicy?
        if parameters.isCanned {
            let expires = try expiry(proof)
            canned = CloudFrontPolicy(resource: nil, expires: expires)
            let resource = String(decoding: url.bytes, as: UTF8.self)
            message = Array(CloudFrontPolicy.cannedText(url: resource, expires: expires).utf8)
        } else {
            guard let text = Base64.decode(proof, alphabet: .cloudFront) else {
                throw AccessDenial(.malformedPolicy, .encoding)
            }
            message = text
        }
        let matches = signature.withUnsafeBytes { signature in
            message.withUnsafeBytes { verifier.verify(signature: signature, message: $0) }
        }
        guard matches else { throw AccessDenial(.accessDenied, .signature) }
        guard let policy = canned ?? CloudFrontPolicy(parsing: message) else {
            throw AccessDenial(.malformedPolicy, .policy)
        }
        return VerifiedPolicy(
            policy, identity: AccessGrant.identity(keyPairId: keyPairId, message: message), parameters: parameters,
            url: url)
    }

    private func expiry(_ digits: [UInt8]) throws(AccessDenial) -> Int64 {
        guard let seconds = ASCII.parseDecimal(digits), seconds <= UInt64(CloudFrontPolicy.maximumEpochSeconds),
            digits.count == 1 || digits.first != UInt8(ascii: "0")
        else { throw AccessDenial(.malformedPolicy, .policy) }
        return Int64(seconds)
    }
}
