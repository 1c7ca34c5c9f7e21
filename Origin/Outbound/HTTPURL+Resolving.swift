internal import Bytes
internal import HTTPWire

extension HTTPURL {
    /// Whether the host is a name or an address and nothing that could be read as another.
    var hasPlainHost: Bool {
        host.utf8.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) || "-.:_".utf8.contains($0) }
    }

    /// The text of the URL that a `Location` field means here (RFC 3986 §5.2); dot segments are left to the server.
    func resolving(_ location: String) -> String {
        let scheme = usesTLS ? "https" : "http"
        if location.contains("://"), location.first?.isLetter == true { return location }
        if location.hasPrefix("//") { return "\(scheme):\(location)" }
        let base = "\(scheme)://\(hostAndPort)"
        if location.hasPrefix("/") { return base + location }
        let path = target.prefix { $0 != "?" }
        if location.hasPrefix("?") { return base + path + location }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return base + folder + location
    }
}
