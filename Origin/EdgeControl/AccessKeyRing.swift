internal import AccessSigning
internal import Crypto
internal import HTTPServer
internal import HTTPWire

/// The access keys that may sign calls, each with what it is for.
public struct AccessKeyRing: Sendable {
    /// What a key is for.
    public enum Role: String, Sendable {
        /// Everything.
        case admin
        /// Reading media and following the control log.
        case edge
        /// Reading uploads and writing media.
        case worker
    }

    /// One key.
    public struct Key: Sendable {
        /// The public name.
        public let id: String
        /// The secret; never logged.
        public let secret: String
        /// What it is for.
        public let role: Role

        /// A key of its parts.
        public init(id: String, secret: String, role: Role) {
            self.id = id
            self.secret = secret
            self.role = role
        }
    }

    private let keys: [String: Key]

    /// A ring of keys; of two with one id the first counts.
    public init(_ keys: [Key]) {
        self.keys = Dictionary(keys.map { ($0.id, $0) }) { first, _ in first }
    }

    /// The key that signed `request` and its body for a service in one of `regions`, or why none did.
    func signer(
        of request: Request, body: [UInt8], regions: [String], service: String, nowEpochSeconds: Int64
    ) throws(SigV4Error) -> Key {
        let signed = SigV4Request(
            method: request.method.name, path: request.path, query: request.query,
            headers: request.headers.map { (name: $0.name, value: $0.value) })
        let authorization = try SigV4Authorization.parse(signed)
        let region = regions.contains(authorization.scope.region) ? authorization.scope.region : regions[0]
        guard let key = keys[authorization.accessKeyId] else { throw .unknownAccessKey }
        try authorization.verify(
            signed, secretAccessKey: key.secret, region: region, service: service,
            payload: .hash(SigV4.payloadHash(body)), nowEpochSeconds: nowEpochSeconds)
        return key
    }
}
