internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import XML

/// A document that may be set for a bucket, as S3's XML has it.
protocol BucketSetting: Sendable {
    static var kind: BucketDocument { get }
    /// What is said where nothing is set.
    static var subresource: BucketSubresource { get }
    /// Reads what a client sends, and what was stored.
    init(_ root: XMLElement) throws(S3Error)
    /// What is stored and given back.
    var document: XMLDocument { get }
}

extension BucketSetting {
    /// The setting of a bucket; nil when there is none.
    static func of(_ bucket: String, _ reader: any CatalogReader) throws -> Self? {
        guard let text = try reader.document(kind, ofBucket: bucket) else { return nil }
        return try Self(XMLElement.parse(Array(text.utf8)))
    }
}

extension S3Gateway {
    /// GET, PUT and DELETE of a setting.
    func answerBucketDocument<Setting: BucketSetting>(
        _ type: Setting.Type, of bucket: String, _ request: Request, _ payload: SignedPayload
    ) async throws -> Response {
        switch request.method {
        case .get:
            guard let setting = try await catalog.read({ try Setting.of(bucket, $0) }) else {
                return Response(try Setting.subresource.whenUnset { _ in })
            }
            return Response(setting.document)
        case .put:
            let text = try Setting(await readCheckedDocument(request, payload)).document.text
            try await catalog.write { try $0.setDocument(Setting.kind, ofBucket: bucket, to: text) }
            return Response(status: .ok)
        default:
            try await catalog.write { try $0.setDocument(Setting.kind, ofBucket: bucket, to: nil) }
            return Response(status: .noContent)
        }
    }
}
