internal import Bytes
internal import Catalog
internal import HTTPWire

/// The object that a copy is made of: `x-amz-copy-source` and the conditions beside it.
struct CopySource: Sendable {
    let place: S3Place
    private let conditions: ReadConditions

    /// Reads `bucket/key` or `/bucket/key`, percent-encoded.
    init(_ headers: Headers) throws(S3Error) {
        let text = headers.first("x-amz-copy-source") ?? ""
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count <= 1 else { throw .notImplemented("A version of the object to copy") }
        guard case .object(let bucket, let key) = try S3Target(path: text.hasPrefix("/") ? text : "/\(text)") else {
            throw .invalidArgument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
        }
        place = S3Place(bucket: bucket, key: key)
        var fields = Headers()
        for name in ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"] {
            if let value = headers.joined("x-amz-copy-source-\(name)") { fields.set(name, value) }
        }
        conditions = ReadConditions(fields)
    }

    /// The source, if the reader may have it and its conditions hold.
    func object(in reader: any CatalogReader) throws -> StoredObject {
        guard let object = try reader.object(bucket: place.bucket, key: place.key) else { throw S3Error.noSuchKey }
        let verdict = try conditions.evaluate(etag: object.etag, modified: object.createdAt / 1_000)
        guard verdict == .proceed else { throw S3Error.preconditionFailed }
        try reader.checkIsReadable(object)
        return object
    }
}
