internal import Bytes

/// Media types by file name.
public enum MIMEType {
    /// The type for the path's extension, any case; `application/octet-stream` if it has none that is known.
    public static func forPath(_ path: some StringProtocol) -> String {
        guard let dot = path.lastIndex(of: ".") else { return unknown }
        return types[ASCII.lowercased(String(path[path.index(after: dot)...]))] ?? unknown
    }

    /// What a file of unknown kind is served as.
    public static let unknown = "application/octet-stream"

    private static let types: [String: String] = [
        "m3u8": "application/vnd.apple.mpegurl",
        "mpd": "application/dash+xml",
        "m4s": "video/iso.segment",
        "mp4": "video/mp4",
        "m4v": "video/mp4",
        "m4a": "audio/mp4",
        "cmfv": "video/mp4",
        "cmfa": "audio/mp4",
        "ts": "video/mp2t",
        "mov": "video/quicktime",
        "mkv": "video/matroska",
        "webm": "video/webm",
        "avi": "video/x-msvideo",
        "aac": "audio/aac",
        "mp3": "audio/mpeg",
        "wav": "audio/wav",
        "ogg": "audio/ogg",
        "flac": "audio/flac",
        "vtt": "text/vtt; charset=utf-8",
        "srt": "application/x-subrip",
        "jpg": "image/jpeg",
        "jpeg": "image/jpeg",
        "png": "image/png",
        "gif": "image/gif",
        "webp": "image/webp",
        "avif": "image/avif",
        "svg": "image/svg+xml",
        "ico": "image/x-icon",
        "html": "text/html; charset=utf-8",
        "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8",
        "mjs": "text/javascript; charset=utf-8",
        "json": "application/json",
        "xml": "application/xml",
        "txt": "text/plain; charset=utf-8",
        "md": "text/markdown; charset=utf-8",
        "pdf": "application/pdf",
        "zip": "application/zip",
        "gz": "application/gzip",
        "wasm": "application/wasm",
        "woff2": "font/woff2",
    ]
}
