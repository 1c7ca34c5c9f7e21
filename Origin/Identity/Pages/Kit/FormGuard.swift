internal import Crypto
internal import HTTPServer
internal import HTTPWire
public import Telemetry

/// Tells the forms of these pages from those that another site makes a browser send.
///
/// A form carries a token that only who has the sealing key can make of a random cookie, which another site can neither read
/// nor, with TLS, set. Where the browser says which site sent the form, it must be this one as well.
struct FormGuard: Sendable {
    /// Why a form is refused.
    enum Refusal: String, CaseIterable {
        /// It has no token, or that of another browser, or the browser keeps no cookies.
        case token
        /// Another site sent it.
        case site
    }

    let cookie: PageCookie
    private let sealer: SecretSealer
    private let publicURL: String

    init(sealer: SecretSealer, publicURL: String, isSecure: Bool) {
        self.sealer = sealer
        self.publicURL = publicURL
        cookie = PageCookie("form", isSecure: isSecure)
    }

    /// The value of the cookie, new for a browser that has none.
    func secret(of request: Request) -> (text: String, isNew: Bool) {
        cookie.value(in: request).map { ($0, false) } ?? (RandomName.token(), true)
    }

    /// What forms carry for the browser with that cookie.
    func token(for secret: String) -> String {
        RandomName.text(of: sealer.keyedHash("form|\(secret)"))
    }

    /// Nil for a form of these pages.
    func refusal(of request: Request, _ form: Query) -> Refusal? {
        guard isFromHere(request) else { return .site }
        guard let secret = cookie.value(in: request), let token = form.first("form"),
            constantTimeEqual(token, self.token(for: secret))
        else { return .token }
        return nil
    }

    /// Browsers say the one or the other with each form; programs that say neither have no cookies of anybody's.
    private func isFromHere(_ request: Request) -> Bool {
        if let site = request.headers.first("Sec-Fetch-Site"), site != "same-origin" { return false }
        guard let origin = request.headers.first("Origin") else { return true }
        let host = request.headers.first("X-Forwarded-Host") ?? request.headers.first("Host") ?? ""
        let scheme = request.headers.first("X-Forwarded-Proto") ?? (request.isTLS ? "https" : "http")
        return [publicURL, "\(scheme)://\(host)"].contains { $0.lowercased() == origin.lowercased() }
    }
}

/// What is exported of the pages.
public enum PageMetricTable {
    static let refusals = MetricDeclaration(
        "weir_origin_form_refusals_total", .counter, unit: "forms",
        help: """
            Forms of the sign-in pages that were refused before anything was read of them, by reason: token (none, or that of \
            another browser), site (another site sent it).
            """, labels: ["reason"])

    /// All of them.
    public static let all = [refusals]
}
