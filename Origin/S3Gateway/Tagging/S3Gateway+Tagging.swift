internal import Catalog
internal import HTTPServer
internal import HTTPWire

extension S3Gateway {
    /// GET, PUT and DELETE of `?tagging`; another version of the object has tags of its own.
    func answerTagging(
        _ bucket: String, _ key: String, _ request: Request, _ payload: SignedPayload
    ) async throws -> Response {
        switch request.method {
        case .get:
            let tags = try await catalog.read { reader in
                try reader.tags(ofObjectWithBlob: Self.existing(reader.object(bucket: bucket, key: key)).blob)
            }
            return Response(ObjectTags.document(tags))
        case .put:
            let tags = try ObjectTags(await readCheckedDocument(request, payload))
            try await setTags(tags, bucket, key)
            return Response(status: .ok)
        case .delete:
            try await setTags(ObjectTags(), bucket, key)
            return Response(status: .noContent)
        default: throw S3Error.methodNotAllowed
        }
    }

    /// GET of `?acl`: the same for every object that is there.
    func answerAccessList(_ bucket: String, _ key: String, _ request: Request) async throws -> Response {
        guard request.method == .get else { throw S3Error.notImplemented("Setting an access control list") }
        _ = try await catalog.read { try Self.existing($0.object(bucket: bucket, key: key)) }
        return Response(try BucketSubresource.acl.whenUnset { $0.fullControlOfOwner() })
    }

    private func setTags(_ tags: ObjectTags, _ bucket: String, _ key: String) async throws {
        try await catalog.write { transaction in
            let object = try Self.existing(transaction.object(bucket: bucket, key: key))
            try transaction.setTags(tags.values, ofObjectWithBlob: object.blob)
        }
    }

    private static func existing(_ object: StoredObject?) throws -> StoredObject {
        guard let object else { throw S3Error.noSuchKey }
        return object
    }
}
