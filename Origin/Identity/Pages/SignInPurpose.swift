internal import HTTPServer
internal import HTTPWire

/// What people sign in for: an application's authorization request, whose query goes from page to page, or these pages.
struct SignInPurpose: Sendable {
    /// The request's parameters; nil where no application asks.
    let query: Query?
    /// The client that signs people in.
    let clientId: String

    /// Nil for a query that is no authorization request's.
    init?(_ request: Request, defaultClientId: String) {
        guard let text = request.query, !text.isEmpty else {
            (query, clientId) = (nil, defaultClientId)
            return
        }
        guard text.utf8.count <= IdentityService.maximumAuthorizationBytes, let query = Query(text, plusIsSpace: true),
            let id = query.first("client_id"), (1...128).contains(id.utf8.count)
        else { return nil }
        (self.query, clientId) = (query, id)
    }

    /// A page for the same purpose.
    func address(_ path: String) -> String { query.map { "\(path)?\($0.encoded)" } ?? path }

    /// The user name that the application expects.
    var loginHint: String? { query?.first("login_hint") }
}
