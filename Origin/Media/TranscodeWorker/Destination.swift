/// Where a presentation's files go.
///
/// Paths are relative, such as "720p/00001.m4s".
protocol Destination: Sendable {
    /// Stores a file whose SHA-256 in hex is `hash`; when it returns, readers see the whole file.
    func put(_ path: String, _ bytes: [UInt8], hash: String, as kind: FileKind) async throws
}

/// What a file is, which decides its media type.
enum FileKind: Sendable {
    case initialization
    case segment
    case picture
    case text

    /// That of the segment at `path`.
    init(segment path: String) {
        self = path.hasSuffix(".jpg") ? .picture : path.hasSuffix(".vtt") ? .text : .segment
    }

    var contentType: String {
        switch self {
        case .initialization: "video/mp4"
        case .segment: "video/iso.segment"
        case .picture: "image/jpeg"
        case .text: "text/vtt"
        }
    }

    /// Neither ever changes: what is made again has the same bytes.
    static let cacheControl = "public, max-age=31536000, immutable"
}
