internal import Catalog
internal import Objects
internal import S3Wire

/// An upload put together: which of its parts, and what they make.
struct UploadCompletion {
    /// The parts that were asked for, in order.
    let parts: [UploadPart]
    /// The object they make, with the blob of the first of them.
    let object: StoredObject

    /// Holds what was asked for against what has come. `stored` are all parts of `upload`; the object's time is `now`.
    init(
        _ upload: MultipartUpload, _ stored: [UploadPart], as request: CompletionRequest, now: Int64
    ) throws(S3Error) {
        let byNumber = Dictionary(uniqueKeysWithValues: stored.map { ($0.number, $0) })
        var parts: [UploadPart] = []
        for asked in request.parts {
            guard let part = byNumber[asked.number], asked.agrees(with: part) else {
                throw .invalidPart(asked.number)
            }
            parts.append(part)
        }
        for part in parts.dropLast() where part.size < MultipartUpload.minimumPartBytes {
            throw .entityTooSmall(part: part.number, bytes: part.size)
        }
        var object = upload.object(of: parts, now: now)
        if let checksum = upload.checksum, let value = checksum.ofWhole(parts) {
            object.checksums = [checksum.algorithm: value]
        }
        self.object = object
        self.parts = parts
    }
}

extension CompletionRequest.Part {
    fileprivate func agrees(with part: UploadPart) -> Bool {
        etag == part.etag
            && part.checksums.allSatisfy { name, value in
                let asked = ChecksumAlgorithm(rawValue: name).flatMap { checksums[$0.element] }
                return asked == nil || asked == value
            }
    }
}
