/// Why something is not done to an upload.
public struct TusRefusal: Error, Sendable, Equatable {
    /// The kinds, by the names that callers get.
    public enum Code: String, Sendable {
        /// There is none, or it is somebody else's.
        case notFound = "upload_not_found"
        /// It took too long, and is being removed.
        case expired = "upload_expired"
        /// The bytes belong elsewhere than behind those that are there.
        case wrongOffset = "wrong_offset"
        /// Another request brings bytes at this moment.
        case busy = "upload_busy"
        /// All bytes are there.
        case finished = "upload_finished"
        /// It was made of others, and takes no bytes of its own.
        case isFinal = "upload_is_final"
        /// A part that bytes are missing of.
        case unfinished = "upload_unfinished"
        /// What is to be joined is no part of this account's.
        case noPartial = "partial_not_found"
        /// More bytes than were announced, or than there may be.
        case tooLarge = "upload_too_large"
        /// Another length than the one that was said, or fewer bytes than are there.
        case wrongLength = "wrong_length"
        /// The bytes are not those that were sent; they are thrown away.
        case checksumMismatch = "checksum_mismatch"
        /// There is no room.
        case storageFull = "storage_full"
        /// Too much at once.
        case overloaded = "overloaded"
    }

    /// The kind.
    public let code: Code
    /// A sentence for whoever asked.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static let notFound = TusRefusal(.notFound, "There is no such upload, or it is not yours.")
    static let expired = TusRefusal(.expired, "The upload took more than a week; begin a new one.")
    static let busy = TusRefusal(.busy, "Another request is sending bytes of this upload; ask for the offset.")
    static let finished = TusRefusal(.finished, "All bytes are there; what became of them is a video.")
    static let isFinal = TusRefusal(.isFinal, "The upload was made of others and takes no bytes of its own.")
    static let noPartial = TusRefusal(.noPartial, "One of the uploads to be joined is no part of yours.")
    static let unfinished = TusRefusal(.unfinished, "One of the uploads to be joined lacks bytes.")
    static let wrongLength = TusRefusal(
        .wrongLength, "Upload-Length is another than before, or less than what is there already.")
    static let checksumMismatch = TusRefusal(
        .checksumMismatch, "The bytes are not those of Upload-Checksum; they were thrown away.")

    static func wrongOffset(_ offset: Int64) -> TusRefusal {
        TusRefusal(.wrongOffset, "The next byte is number \(offset); Upload-Offset must say so.")
    }

    static func tooLarge(_ bytes: Int64) -> TusRefusal {
        TusRefusal(.tooLarge, "The upload may have no more than \(bytes) bytes.")
    }
}
