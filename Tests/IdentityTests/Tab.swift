import EventLoop
import HTTPServer
import HTTPWire
import Testing

@testable import Identity

/// A browser at the pages of a pool: it has cookies, follows redirects, and sends the form of the page it shows.
final class Tab {
    private let pool: Pool
    private(set) var cookies: [String: String] = [:]
    /// Header fields that it sends with forms besides.
    var formHeaders: Headers = [:]
    /// The path and query of the page that it shows.
    private(set) var address = ""
    private(set) var status = 0
    private(set) var text = ""

    init(_ pool: Pool) {
        self.pool = pool
    }

    var path: String { String(address.prefix { $0 != "?" }) }

    /// What stands between the first `before` and the next `after`, with entities as they are.
    func piece(_ before: String, _ after: String = "<") -> String? {
        guard let start = text.firstRange(of: before)?.upperBound,
            let end = text[start...].firstRange(of: after)?.lowerBound
        else { return nil }
        return String(text[start..<end])
    }

    var title: String { piece("<h1>") ?? "" }
    /// What it says went wrong, or well, for a field or the page.
    func error(of field: String) -> String? {
        piece("id=\"\(field)-error\"><span aria-hidden=\"true\">!</span>")
    }
    var alert: String? { piece("role=\"alert\">") }
    var notice: String? { piece("role=\"status\">") }

    /// Replaces a cookie as somebody does who may set them.
    func plant(_ cookie: PageCookie, _ value: String?) {
        cookies[cookie.name] = value
    }

    func open(_ address: String) async {
        var target = address
        for _ in 0..<5 {
            let response = await request(.get, target, "")
            self.address = target
            guard let next = response.headers.first("Location") else { return }
            target = next
        }
        Issue.record("\(address) leads round and round")
    }

    /// Sends the form of the page; returns the answer's status, 303 for every form that is taken.
    @discardableResult
    func send(_ typed: [String: String] = [:]) async -> Int {
        var values = ["form": piece("name=\"form\" value=\"", "\""), "step": piece("name=\"step\" value=\"", "\"")]
        values["username"] = piece("name=\"username\" type=\"text\" value=\"", "\"")
        values.merge(typed) { $1 }
        let items = values.map { Query.Item(name: $0.key, value: $0.value ?? "") }
        guard let action = piece("action=\"", "\"") else {
            Issue.record("no form on \(address): \(text)")
            return 0
        }
        let plain = action.split(separator: "&amp;", omittingEmptySubsequences: false).joined(separator: "&")
        let response = await request(.post, plain, Query(items: items).encoded)
        if let next = response.headers.first("Location") { await open(next) }
        return response.status.code
    }

    private func request(_ method: HTTPMethod, _ target: String, _ body: String) async -> Response {
        var headers = pool.browserRequest(cookies).headers
        if method == .post {
            headers.set("Content-Type", "application/x-www-form-urlencoded")
            for field in formHeaders { headers.set(field.name, field.value) }
        }
        let response = await pool.respond(
            to: Request(
                method: method, target: target, headers: headers, body: Array(body.utf8), peer: .loopback(port: 1),
                requestID: "r1"))
        for line in response.headers.values("Set-Cookie") {
            let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = line.contains("Max-Age=0") ? nil : String(pair[1])
        }
        status = response.status.code
        if case .bytes(let bytes) = response.body { text = String(decoding: bytes, as: UTF8.self) }
        return response
    }

    func signIn(_ name: String = Pool.administrator, _ password: String = Pool.password, at address: String = "/login")
        async
    {
        await open(address)
        await send(["username": name, "password": password])
    }
}
