internal import HTTPServer
internal import HTTPWire
internal import XML

/// What a query names of a bucket, other than its objects.
enum BucketSubresource: String, CaseIterable {
    case accelerate
    case acl
    case cors
    case delete
    case encryption
    case lifecycle
    case location
    case logging
    case notification
    case objectLock = "object-lock"
    case ownershipControls
    case policy
    case policyStatus
    case publicAccessBlock
    case replication
    case requestPayment
    case tagging
    case versioning
    case website

    /// The first that a query names.
    init?(_ query: Query) {
        guard let found = query.items.lazy.compactMap({ BucketSubresource(rawValue: $0.name) }).first else {
            return nil
        }
        self = found
    }

    /// What S3 says of a bucket for which this was never set.
    ///
    /// Tools ask for these before they do what their users want, and take only S3's own answer for "none".
    func whenUnset(owner: (inout XMLDocument) -> Void) throws(S3Error) -> XMLDocument {
        var document = XMLDocument()
        switch self {
        case .versioning: document.emptyElement("VersioningConfiguration")
        case .logging: document.emptyElement("BucketLoggingStatus")
        case .notification: document.emptyElement("NotificationConfiguration")
        case .accelerate: document.emptyElement("AccelerateConfiguration")
        case .requestPayment:
            document.element("RequestPaymentConfiguration", namespace: S3Gateway.namespace) {
                $0.element("Payer", "BucketOwner")
            }
        case .acl: owner(&document)
        case .cors: throw Self.none("NoSuchCORSConfiguration", "CORS configuration")
        case .encryption: throw Self.none("ServerSideEncryptionConfigurationNotFoundError", "encryption configuration")
        case .lifecycle: throw Self.none("NoSuchLifecycleConfiguration", "lifecycle configuration")
        case .objectLock: throw Self.none("ObjectLockConfigurationNotFoundError", "object lock configuration")
        case .ownershipControls: throw Self.none("OwnershipControlsNotFoundError", "ownership controls")
        case .policy, .policyStatus: throw Self.none("NoSuchBucketPolicy", "bucket policy")
        case .publicAccessBlock: throw Self.none("NoSuchPublicAccessBlockConfiguration", "public access block")
        case .replication: throw Self.none("ReplicationConfigurationNotFoundError", "replication configuration")
        case .tagging: throw Self.none("NoSuchTagSet", "tag set")
        case .website: throw Self.none("NoSuchWebsiteConfiguration", "website configuration")
        case .delete, .location: throw .methodNotAllowed
        }
        return document
    }

    private static func none(_ code: String, _ what: String) -> S3Error {
        S3Error(code, 404, "The bucket has no \(what).")
    }
}

extension S3Gateway {
    /// Answers for what can be asked of a bucket and set for it.
    func answer(
        _ subresource: BucketSubresource, of bucket: String, _ request: Request, _ payload: SignedPayload
    ) async throws -> Response {
        switch (subresource, request.method) {
        case (.cors, .get), (.cors, .put), (.cors, .delete):
            return try await answerBucketDocument(CORSConfiguration.self, of: bucket, request, payload)
        case (.lifecycle, .get), (.lifecycle, .put), (.lifecycle, .delete):
            return try await answerBucketDocument(LifecycleConfiguration.self, of: bucket, request, payload)
        case (.delete, .post): return try await deleteObjects(in: bucket, request, payload)
        case (.location, .get):
            var document = XMLDocument()
            document.element("LocationConstraint", namespace: S3Gateway.namespace) {
                $0.appendText(self.configuration.region)
            }
            return Response(document)
        case (_, .get): return Response(try subresource.whenUnset { $0.fullControlOfOwner() })
        default: throw S3Error.notImplemented("\(request.method.name) of the subresource '\(subresource.rawValue)'")
        }
    }
}
