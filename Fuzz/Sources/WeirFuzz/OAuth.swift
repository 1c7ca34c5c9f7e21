internal import HTTPWire
internal import OAuth

private let application = OAuthOptions(
    scopes: OAuthScope.allCases, callbackURLs: ["https://app.example.com/callback", "myapp://done?from=weir"],
    defaultRedirectURI: "myapp://done?from=weir", logoutURLs: ["https://app.example.com/bye"])

/// Nobody is sent to another address than the client's own, and what goes on means the same when it is read again.
func fuzzOAuthRequest(_ bytes: UnsafeRawBufferPointer) {
    let text = String(decoding: bytes, as: UTF8.self)
    require(!RedirectURI.isAcceptable(text) || !text.contains("#"), "an address with a fragment")
    require(application.logoutURL(for: text).map(application.logoutURLs.contains) ?? true, "another logout URL")
    guard let parameters = OAuthParameters(text) else { return }
    do throws(AuthorizationRefusal) {
        let id = try AuthorizationRequest.clientId(in: parameters)
        let request = try AuthorizationRequest(parameters, clientId: id, options: application)
        require(!parameters.hasRepetition, "one of two parameters was chosen")
        require(!request.scopes.isEmpty && request.codeChallenge.text.utf8.count == 43, "a request without its parts")
        requireOwn(request.answersTo)
        guard let again = OAuthParameters(parameters.query.encoded) else { fatalError("the request does not go on") }
        require(
            try AuthorizationRequest(again, clientId: id, options: application).answersTo == request.answersTo,
            "the request goes on as another")
    } catch {
        guard case .returned(let refusal, let answersTo) = error else { return }
        requireOwn(answersTo)
        let location = answersTo.location(refusal, issuer: "https://weir.example.com/pool")
        require(location.hasPrefix(answersTo.redirectURI), "a refusal goes elsewhere")
        require(location.utf8.allSatisfy { 0x21...0x7e ~= $0 }, "a byte that would end the field")
    }
}

private func requireOwn(_ answersTo: AuthorizationReturn) {
    require(application.callbackURLs.contains(answersTo.redirectURI), "another address than the client's")
}

/// A client is who it says in one way, or refused: the first line is `Authorization`, the rest is the form.
func fuzzClientCredentials(_ bytes: UnsafeRawBufferPointer) {
    let parts = String(decoding: bytes, as: UTF8.self).split(
        separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    guard let form = OAuthParameters(parts.count == 2 ? String(parts[1]) : "") else { return }
    let field = parts.first.map(String.init) ?? ""
    guard let credentials = try? ClientCredentials(authorization: field.isEmpty ? [] : [field], form) else { return }
    require(!credentials.clientId.isEmpty && credentials.secret != "", "an empty client or secret")
    require(field.isEmpty || form["client_secret"] == nil, "a secret told in two ways")
    require(field.isEmpty || form["client_id"] == nil || form["client_id"] == credentials.clientId, "two clients")
}
