internal import Catalog
internal import HTTPWire
internal import S3Wire

/// A call about an upload in parts, told from others by its query.
enum MultipartCall: Equatable {
    /// `POST ?uploads`
    case create
    /// `PUT ?partNumber&uploadId`
    case putPart(Int, of: String)
    /// `GET ?uploadId`
    case listParts(of: String)
    /// `POST ?uploadId`
    case complete(String)
    /// `DELETE ?uploadId`
    case abort(String)

    /// Nil for a call about the object itself, a part of one that is whole (`GET ?partNumber`) included.
    init?(_ method: HTTPMethod, _ query: Query) throws(S3Error) {
        if query.contains("uploads") {
            guard method == .post else { throw .methodNotAllowed }
            self = .create
            return
        }
        guard let id = query.first("uploadId") else {
            guard !query.contains("partNumber") || method == .get || method == .head else {
                throw .invalidArgument("A part needs an uploadId.")
            }
            return nil
        }
        switch method {
        case .put: self = .putPart(try Self.partNumber(query.first("partNumber")), of: id)
        case .get: self = .listParts(of: id)
        case .post: self = .complete(id)
        case .delete: self = .abort(id)
        default: throw .methodNotAllowed
        }
    }

    /// Reads the number of a part.
    static func partNumber(_ text: String?) throws(S3Error) -> Int {
        guard let number = text.flatMap({ PartNumber.parse($0, upTo: MultipartUpload.maximumParts) }) else {
            throw .invalidPartNumber
        }
        return number
    }
}
