internal import AccessSigning
internal import Audit
internal import HTTPWire

/// What the holder of a signature may do in which bucket.
struct S3Access {
    /// Who it is, for the audit log.
    let holder: AuditParty
    private let role: AccessKey.Role
    private let isPresigned: Bool
    private let configuration: S3Configuration

    init(_ signature: AccessKeyRing.Signature, _ configuration: S3Configuration) {
        self.init(signature.key, isPresigned: signature.isPresigned, configuration)
    }

    /// `isPresigned` says that somebody else than the holder of the key may send what it has signed.
    init(_ key: AccessKey, isPresigned: Bool, _ configuration: S3Configuration) {
        holder = .holder(ofKey: key.id, account: key.account)
        role = key.role
        self.isPresigned = isPresigned
        self.configuration = configuration
    }

    /// Edges and workers sign what they send themselves: a URL that one of them has signed is somebody else's way past the
    /// edge.
    private var mayDoAnything: Bool { role == .admin || !isPresigned }

    func mayRead(_ bucket: String) -> Bool {
        guard mayDoAnything else { return false }
        return switch role {
        case .admin: true
        case .edge: bucket == configuration.mediaBucket
        case .viewer, .creator: false
        case .worker: bucket == configuration.mediaBucket || bucket == configuration.uploadBucket
        }
    }

    /// Whether it may have what lies in no store: an edge does, which hands it to nobody without a viewer's signature.
    var mayReadSecrets: Bool { role == .edge && !isPresigned }

    func mayWrite(_ bucket: String) -> Bool {
        guard mayDoAnything else { return false }
        return switch role {
        case .admin: true
        case .edge, .viewer, .creator: false
        case .worker: bucket == configuration.mediaBucket
        }
    }

    /// Whether it may make buckets.
    var mayManageBuckets: Bool { role == .admin }

    func may(_ method: HTTPMethod, in bucket: String) -> Bool {
        method == .get || method == .head ? mayRead(bucket) : mayWrite(bucket)
    }
}
