internal import Synchronization

/// The access keys that may sign calls: one ring, which every API of the origin looks into.
///
/// Any number of keys of one role, or of one edge, are good side by side; that is how one takes another's place while calls
/// go on. Any thread.
public final class AccessKeyRing: Sendable {
    /// Who signed a request, and the claim that was proven.
    public struct Signature: Sendable {
        /// The key that signed.
        public let key: AccessKey
        /// What was proven.
        public let authorization: SigV4Authorization

        /// Whether the signature stands in the URL, which whoever has the URL may use.
        public var isPresigned: Bool { authorization.form != .header }
    }

    private struct State {
        var configured: [AccessKey]
        var ofAccounts: [String: AccessKey] = [:]
        /// When keys of accounts last signed, in epoch seconds, until somebody takes it.
        var uses: [String: Int64] = [:]

        func key(_ id: String) -> AccessKey? { configured.first { $0.id == id } ?? ofAccounts[id] }
    }

    private let state: Mutex<State>

    /// A ring of the installation's own keys; of two with one id the first counts.
    public init(_ keys: [AccessKey] = []) {
        state = Mutex(State(configured: keys))
    }

    /// From the next call on these are the installation's own keys, and no others. A call that was accepted goes on.
    public func replace(with keys: [AccessKey]) {
        state.withLock { $0.configured = keys }
    }

    /// From the next call on these are the keys of service accounts, and no others. Against a key of the installation's own
    /// with the same id one does not count.
    public func replaceAccounts(with keys: [AccessKey]) {
        state.withLock { state in
            state.ofAccounts = Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// When each key of a service account last signed, in epoch seconds, of those that did since this was asked last.
    public func takeUses() -> [String: Int64] {
        state.withLock { state in
            defer { state.uses = [:] }
            return state.uses
        }
    }

    /// What the first key of the installation's own of a role signs with; nil when there is none.
    public func credentials(of role: AccessKey.Role, region: String, service: String) -> SigV4Credentials? {
        guard let key = state.withLock({ state in state.configured.first { $0.role == role } }) else { return nil }
        return SigV4Credentials(
            accessKeyId: key.id, secretAccessKey: key.secret, region: region, service: service)
    }

    /// Who signed `request` for `service` in one of `regions`, or why nobody did.
    public func signature(
        of request: SigV4Request, payload: SigV4Authorization.Payload, regions: [String], service: String,
        nowEpochSeconds: Int64
    ) throws(SigV4Error) -> Signature {
        let authorization = try SigV4Authorization.parse(request)
        guard let key = key(id: authorization.accessKeyId) else { throw .unknownAccessKey }
        let region = regions.contains(authorization.scope.region) ? authorization.scope.region : regions.first ?? ""
        try authorization.verify(
            request, secretAccessKey: key.secret, region: region, service: service, payload: payload,
            nowEpochSeconds: nowEpochSeconds)
        note(key, usedAt: nowEpochSeconds)
        return Signature(key: key, authorization: authorization)
    }

    func key(id: String) -> AccessKey? { state.withLock { $0.key(id) } }

    /// Remembers when the key of a service account signed.
    func note(_ key: AccessKey, usedAt epochSeconds: Int64) {
        guard key.account != nil else { return }
        state.withLock { $0.uses[key.id] = epochSeconds }
    }
}
