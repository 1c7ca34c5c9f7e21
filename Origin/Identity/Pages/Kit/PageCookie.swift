internal import HTTPServer
internal import HTTPWire

/// A cookie of the pages: for this host alone, sent with nothing that another site posts or embeds, and hidden from scripts.
///
/// With TLS its name begins with `__Host-`, so that no other host of the domain, and nobody in between, can set it.
struct PageCookie: Sendable {
    let name: String
    private let isSecure: Bool

    init(_ name: String, isSecure: Bool) {
        self.name = (isSecure ? "__Host-" : "") + "weir-" + name
        self.isSecure = isSecure
    }

    /// What the browser sent, if it is no longer than what is ever set.
    func value(in request: Request) -> String? {
        guard let value = Cookies.first(name, in: request.headers), !value.isEmpty, value.utf8.count <= 2048 else {
            return nil
        }
        return value
    }

    /// Sets it until the browser is closed, or for so many seconds.
    func set(_ value: String, seconds: Int? = nil, on response: inout Response) {
        let cookie = SetCookie(
            name: name, value: value, path: "/", maxAge: seconds, isSecure: isSecure, isHTTPOnly: true, sameSite: .lax)
        if let text = cookie.fieldValue { response.headers.add("Set-Cookie", text) }
    }

    func clear(on response: inout Response) {
        set("", seconds: 0, on: &response)
    }
}
