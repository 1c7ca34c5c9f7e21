internal import Catalog
internal import Crypto
internal import JSON

/// How a large file is cut into the parts of an upload.
struct PartPlan {
    /// What files up to this size, in bytes, are not: 64 MiB go well at once.
    private static let threshold: Int64 = 64 << 20
    private static let usualPartBytes: Int64 = 16 << 20
    private static let maximumParts: Int64 = 1_000

    /// Bytes of every part but the last.
    let partBytes: Int64
    let count: Int64

    /// Nil for a file that is better sent at once.
    init?(size: Int64) {
        guard size > Self.threshold else { return nil }
        let mebibyte: Int64 = 1 << 20
        let needed = (size + Self.maximumParts - 1) / Self.maximumParts
        partBytes = max(Self.usualPartBytes, (needed + mebibyte - 1) / mebibyte * mebibyte)
        count = (size + partBytes - 1) / partBytes
    }

    /// The upload as the catalog has it: whoever holds the URLs can send no part larger than was said.
    func upload(of video: Video, to bucket: String) -> MultipartUpload {
        let object = StoredObject(
            bucket: bucket, key: video.uploadKey, blob: "", size: 0, etag: "", contentType: video.contentType,
            createdAt: video.createdAt)
        return MultipartUpload(id: SecureRandom.hex(16), object: object, maximumPartBytes: partBytes)
    }

    /// What a client needs to send the parts and to put them together; of those that have `arrived` also what they are.
    func json(of upload: MultipartUpload, arrived: [UploadPart], _ url: UploadURL) -> JSONValue {
        let arrived = Dictionary(uniqueKeysWithValues: arrived.map { (Int64($0.number), $0) })
        let parts = (1...count).map { number -> JSONValue in
            var part: JSONObject = [
                "partNumber": .integer(number),
                "url": .string(url.signed("PUT", query: "partNumber=\(number)&uploadId=\(upload.id)")),
            ]
            if let stored = arrived[number] {
                part["size"] = .integer(stored.size)
                part["etag"] = .string("\"\(stored.etag)\"")
            }
            return .object(part)
        }
        return [
            "uploadId": .string(upload.id), "partSize": .integer(partBytes), "parts": .array(parts),
            "completeUrl": .string(url.signed("POST", query: "uploadId=\(upload.id)")),
        ]
    }
}
