internal import Catalog
internal import Crypto
internal import HTTPWire
internal import OAuth

/// Asking who is signed in already: `prompt=login` and `max_age`.
///
/// The request goes on to the sign-in page with the time from which on a sign-in counts (`weir_asked`), under a key and bound
/// to the request by its challenge. It comes back after the sign-in, and the session of the browser is younger.
extension IdentityService {
    private static let askedParameter = "weir_asked"

    /// Whether the person proved who they are lately enough for the request.
    func isRecent(_ session: BrowserSession, for wish: AuthorizationRequest) -> Bool {
        let authenticatedAt = session.record.authenticatedAt
        if let asked = timeAsked(in: wish), authenticatedAt >= asked { return true }
        guard wish.prompt != .always else { return false }
        return wish.maxAge.map { clock() / 1000 - authenticatedAt / 1000 <= $0 } ?? true
    }

    /// The page that asks the person to sign in. Refuses where the request forbids to ask.
    func addressOfSignIn(for wish: AuthorizationRequest) throws(AuthorizationRefusal) -> String {
        "/login?\(try signInQuery(for: wish))"
    }

    /// The request as it goes on to where the person is asked to sign in. Refuses where it forbids to ask.
    func signInQuery(for wish: AuthorizationRequest) throws(AuthorizationRefusal) -> String {
        guard wish.prompt != .never else {
            throw .returned(OAuthError(.loginRequired, "Nobody is signed in, or not lately enough"), wish.answersTo)
        }
        var query = wish.parameters.query
        query.items.removeAll { $0.name == Self.askedParameter }
        if wish.prompt == .always || wish.maxAge != nil {
            let now = clock()
            query.items.append(Query.Item(name: Self.askedParameter, value: "\(now).\(seal(of: now, wish))"))
        }
        return query.encoded
    }

    private func timeAsked(in wish: AuthorizationRequest) -> Int64? {
        let parts = (wish.parameters[Self.askedParameter] ?? "").split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let time = Int64(parts[0]), constantTimeEqual(seal(of: time, wish), String(parts[1]))
        else { return nil }
        return time
    }

    private func seal(of time: Int64, _ wish: AuthorizationRequest) -> String {
        RandomName.text(of: sealer.keyedHash("asked|\(wish.clientId)|\(wish.codeChallenge.text)|\(time)"))
    }
}
