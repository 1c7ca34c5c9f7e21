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

    private let keys: Mutex<[AccessKey]>

    /// A ring of keys; of two with one id the first counts.
    public init(_ keys: [AccessKey] = []) {
        self.keys = Mutex(keys)
    }

    /// From the next call on these keys are good and no others. A call that was accepted goes on.
    public func replace(with keys: [AccessKey]) {
        self.keys.withLock { $0 = keys }
    }

    /// What the first key of a role signs with; nil when there is none.
    public func credentials(of role: AccessKey.Role, region: String, service: String) -> SigV4Credentials? {
        guard let key = keys.withLock({ keys in keys.first { $0.role == role } }) else { return nil }
        return SigV4Credentials(
            accessKeyId: key.id, secretAccessKey: key.secret, region: region, service: service)
    }

    /// Who signed `request` for `service` in one of `regions`, or why nobody did.
    public func signature(
        of request: SigV4Request, payload: SigV4Authorization.Payload, regions: [String], service: String,
        nowEpochSeconds: Int64
    ) throws(SigV4Error) -> Signature {
        let authorization = try SigV4Authorization.parse(request)
        let found = keys.withLock { keys in keys.first { $0.id == authorization.accessKeyId } }
        guard let key = found else { throw .unknownAccessKey }
        let region = regions.contains(authorization.scope.region) ? authorization.scope.region : regions.first ?? ""
        try authorization.verify(
            request, secretAccessKey: key.secret, region: region, service: service, payload: payload,
            nowEpochSeconds: nowEpochSeconds)
        return Signature(key: key, authorization: authorization)
    }
}
