internal import Bytes

/// `Upload-Checksum`: what the bytes of one request are held against.
public struct UploadChecksum: Sendable, Equatable {
    /// How it is made.
    public enum Algorithm: String, Sendable, CaseIterable {
        /// SHA-1, which every server has by the protocol.
        case sha1
        /// SHA-256.
        case sha256
        /// MD5.
        case md5
        /// CRC-32 of ISO 3309, as four bytes, the most significant first.
        case crc32

        var byteCount: Int {
            switch self {
            case .sha1: 20
            case .sha256: 32
            case .md5: 16
            case .crc32: 4
            }
        }
    }

    /// How it is made.
    public let algorithm: Algorithm
    /// What it must be.
    public let bytes: [UInt8]

    /// Reads the field: the algorithm's name and the checksum in base64.
    public init(_ text: String) throws(TusSyntaxError) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2 else { throw TusSyntaxError("must be an algorithm and a checksum in base64.") }
        guard let algorithm = Algorithm(rawValue: String(words[0])) else {
            let known = Algorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw TusSyntaxError("must name one of \(known).")
        }
        guard let bytes = Base64.decode(String(words[1])), bytes.count == algorithm.byteCount else {
            throw TusSyntaxError("must have \(algorithm.byteCount) bytes in base64.")
        }
        self.algorithm = algorithm
        self.bytes = bytes
    }
}
