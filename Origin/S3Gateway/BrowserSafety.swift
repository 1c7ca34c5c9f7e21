internal import Bytes
internal import HTTPServer
internal import HTTPWire

extension Response {
    /// Keeps a browser from running what somebody uploaded: what is not known to be inert is a file to save, and could do
    /// nothing if it were shown all the same.
    ///
    /// Goes by the type that is answered, whether it was stored with the object or asked for in a presigned URL.
    mutating func neutraliseActiveContent() {
        guard !BrowserSafety.isInert(headers.first("Content-Type") ?? "") else { return }
        headers.set(
            "Content-Disposition", BrowserSafety.attachment(instead: headers.first("Content-Disposition")))
        headers.set("Content-Security-Policy", "default-src 'none'; sandbox")
    }
}

/// Which types a browser may show in place.
enum BrowserSafety {
    private static let inertApplications: Set<String> = [
        "application/octet-stream", "binary/octet-stream", "application/json", "application/vnd.apple.mpegurl",
        "application/x-mpegurl", "application/dash+xml", "application/mp4", "application/ogg",
        "application/x-subrip", "application/zip", "text/plain", "text/vtt", "text/csv",
    ]

    /// Pictures but for SVG, films, sounds and data; never text that a browser takes for a page or a script.
    static func isInert(_ contentType: String) -> Bool {
        let essence = ASCII.lowercased(ASCII.trimmed(String(contentType.prefix { $0 != ";" })))
        // Several types in one field are read in several ways.
        guard !contentType.utf8.contains(UInt8(ascii: ",")) else { return false }
        let parts = essence.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(HTTPToken.contains) }) else {
            return false
        }
        switch parts[0] {
        case "video", "audio": return true
        case "image": return !parts[1].hasSuffix("xml")
        default: return inertApplications.contains(essence)
        }
    }

    /// A disposition with the parameters of `other` that makes a browser save.
    static func attachment(instead other: String?) -> String {
        guard let other, let semicolon = other.firstIndex(of: ";") else { return "attachment" }
        return "attachment" + other[semicolon...]
    }
}
