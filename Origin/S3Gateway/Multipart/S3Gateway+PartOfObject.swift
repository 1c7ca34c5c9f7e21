internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire

extension S3Gateway {
    /// The bytes of one part of an object (`?partNumber` of GET and HEAD), told in the response; an object that came at once is
    /// one part.
    func part(
        _ text: String, of object: StoredObject, asked headers: Headers, describing response: inout Response
    ) async throws -> ByteRange {
        let number = try MultipartCall.partNumber(text)
        guard !headers.contains("range") else {
            throw S3Error.invalidRequest("Cannot specify both Range header and partNumber query parameter")
        }
        let blob = object.blob
        let (piece, count) = try await catalog.read { try $0.objectPiece(blob: blob, at: number - 2) }
        let range: ByteRange
        if number == 1 {
            range = ByteRange(start: 0, count: Int(count > 0 ? object.ownSize ?? object.size : object.size))
        } else if let piece {
            range = ByteRange(start: Int(piece.start), count: Int(piece.size))
        } else {
            throw S3Error("InvalidPartNumber", 416, "The requested partnumber is not satisfiable")
        }
        if range.count > 0 { response.describe(range, of: Int(object.size)) }
        if count > 0 { response.headers.set("x-amz-mp-parts-count", "\(count + 1)") }
        return range
    }
}

extension Response {
    /// Makes it an answer of some of an object's bytes.
    mutating func describe(_ range: ByteRange, of size: Int) {
        status = .partialContent
        headers.set("Content-Range", "bytes \(range.start)-\(range.end - 1)/\(size)")
    }
}
