/// Where a presentation's files go.
///
/// Paths are relative, such as "720p/00001.m4s".
protocol Destination: Sendable {
    /// Stores a file; when it returns, readers see the whole file.
    func put(_ path: String, _ bytes: [UInt8], as kind: FileKind) async throws
}

/// What a file is, which decides its media type and how long caches may keep it.
enum FileKind: Sendable {
    case initialization
    case segment
    case growingPlaylist
    case finalPlaylist

    var contentType: String {
        switch self {
        case .initialization: "video/mp4"
        case .segment: "video/iso.segment"
        case .growingPlaylist, .finalPlaylist: "application/vnd.apple.mpegurl"
        }
    }

    /// Segments never change; a growing list is worth asking for every second, a final one seldom.
    var cacheControl: String {
        switch self {
        case .initialization, .segment: "public, max-age=31536000, immutable"
        case .growingPlaylist: "public, max-age=1"
        case .finalPlaylist: "public, max-age=3600, stale-if-error=86400"
        }
    }
}
