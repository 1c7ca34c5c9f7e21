internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import OAuth

/// `/logout`: an application sends a person here to sign out of this browser.
///
/// Other sites may lead people here, as applications do; nothing is lost but a session, and nobody is sent to an address that is
/// not the client's.
extension IdentityService {
    func logOut(_ request: Request) async -> Response {
        await answeringPeople(request) {
            let address = try await self.addressAfterLogout(request.query ?? "")
            try await self.endBrowserSession(of: request)
            var response = PageLook.redirect(to: address)
            self.browserCookie.clear(on: &response)
            return response
        }
    }

    /// One of the client's own (`logout_uri`, or `post_logout_redirect_uri` with `state`, as OpenID Connect has it), or the sign-in
    /// page for another sign-in.
    private func addressAfterLogout(_ text: String) async throws -> String {
        guard let parameters = OAuthParameters(text), !parameters.hasRepetition else {
            throw AuthorizationRefusal.page("The request is damaged.")
        }
        let standard = parameters["post_logout_redirect_uri"]
        guard let asked = parameters["logout_uri"] ?? standard else {
            return try addressOfSignIn(for: try await authorizationRequest(text))
        }
        let id = try AuthorizationRequest.clientId(in: parameters)
        let client = try await store.read { try $0.client(id: id) }
        guard let client, client.poolId == settings.userPoolId, parameters["logout_uri"] == nil || standard == nil,
            let address = client.oauth?.logoutURL(for: asked)
        else {
            throw AuthorizationRefusal.page(
                "The address that the application wants you to go to is not one of its own.")
        }
        guard standard != nil, let state = parameters["state"] else { return address }
        return RedirectURI.adding([Query.Item(name: "state", value: state)], to: address)
    }
}
