internal import Catalog
internal import HTTPWire
internal import S3Wire

extension S3Error {
    static let noSuchUpload = S3Error(
        "NoSuchUpload", 404,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    )
    static let invalidPartOrder = S3Error(
        "InvalidPartOrder", 400,
        "The list of parts was not in ascending order. Parts must be ordered by part number.")
    static let tooManyParts = S3Error("TooManyParts", 400, "An upload has at most 10000 parts.")

    static let invalidPartNumber = S3Error.invalidArgument(
        "Part number must be an integer between 1 and \(MultipartUpload.maximumParts), inclusive")

    /// What is wrong with a list of parts.
    init(_ failure: CompletionRequest.Failure) {
        self =
            switch failure {
            case .malformed(let reason): .malformedXML(reason)
            case .partNumber: .invalidPartNumber
            case .partOrder: .invalidPartOrder
            case .tooManyParts: .tooManyParts
            }
    }

    static func invalidPart(_ number: Int) -> S3Error {
        S3Error(
            "InvalidPart", 400,
            "Part \(number) could not be found. It may not have been uploaded, or its entity tag or checksum is another one."
        )
    }
    static func entityTooSmall(part number: Int, bytes: Int64) -> S3Error {
        S3Error(
            "EntityTooSmall", 400,
            "Part \(number) has \(bytes) bytes; every part but the last must have at least 5242880.")
    }
}
