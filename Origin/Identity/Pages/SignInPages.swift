internal import Catalog
internal import EventLoop
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import Templates

extension HostedPages {
    private static let forward = HTMLTemplate(PackageResources.forward_html)
    private static let action = HTMLTemplate(PackageResources.action_html)

    func addSignIn(to router: inout Router) {
        add("/login", get: { try await showSignIn($0) }, post: { try await signIn($0) }, to: &router)
        add("/login/challenge", get: { try await showChallenge($0) }, post: { try await answer($0) }, to: &router)
        add("/login/recovery", get: { try await showRecovery($0) }, to: &router)
        add("/login/done", get: { try await leadOn($0) }, to: &router)
        add("/account", get: { try await showAccount($0) }, post: { try await beginEnrolment($0) }, to: &router)
        add("/signout", get: { showSignOut($0) }, post: { try await signOut($0) }, to: &router)
    }

    /// The form of name and password, also for who is signed in if an application asks: it may want somebody else.
    private func showSignIn(_ visit: PageVisit) async throws -> Response {
        if visit.purpose.query == nil, try await service.browserSession(of: visit.request) != nil {
            return try go(to: "/account", visit, visit.notice)
        }
        let name = visit.notice.username ?? visit.purpose.loginHint ?? ""
        return PageForm(
            title: "Sign in", introduction: "With your e-mail address or your user name.", path: "/login",
            figure: providers(visit),
            fields: [
                PageField(name: .username, label: "Name", value: name), PageField(name: .password, label: "Password"),
            ], submit: "Sign in",
            links: [
                ("/forgotPassword", "Forgot your password?"), ("/signup", "Create an account"),
                ("/confirmUser", "Confirm your address"),
            ]
        ).page(visit)
    }

    /// The outside providers that the application lets people come from.
    private func providers(_ visit: PageVisit) -> HTML {
        guard let query = visit.purpose.query else { return "" }
        let links = visit.client.providers.map { name in
            var asked = query
            asked.items.removeAll { $0.name == "identity_provider" }
            asked.items.append(Query.Item(name: "identity_provider", value: name))
            return Self.action.filled(with: [
                "address": HTML("/oauth2/authorize?\(asked.encoded)"), "label": HTML("Continue with \(name)"),
            ])
        }
        return HTML(joining: links)
    }

    private func signIn(_ visit: PageVisit) async throws -> Response {
        try await attempt(visit, on: "/login") {
            let input = try input(visit, ["Password": .string(visit.typed(.password))])
            let key = IdentityService.usernameKey(try input.username())
            // Applications may want to know who has no account; people on these pages do not get to.
            var client = visit.client
            client.concealsUsers = true
            do {
                let password = try input.text("Password", limit: 2048)
                let step = try await service.counting(.failedGuesses) { [client] in
                    try await service.withPassword(password, of: key, for: client) {
                        [service, client] user, now, transaction in
                        try service.advance(
                            user, client: client.id, proof: .password, goal: .browser, now: now, transaction)
                    }
                }
                return try await follow(step, visit)
            } catch let refusal as CognitoError where refusal == .passwordResetRequired {
                return try go(to: "/confirmForgotPassword", visit, PageNotice(.resetRequired, username: visit.username))
            }
        }
    }

    /// Goes where a sign-in stands after a proof was accepted.
    func follow(_ step: SignInStep, _ visit: PageVisit, _ text: PageText? = nil) async throws -> Response {
        switch step {
        case .challenge(.enrolment, let session, _):
            return try await handOutSecret(session, visit)
        case .challenge(_, let session, _):
            return try goToChallenge(session, visit)
        case .signedInBrowser(_, let session):
            try await service.endBrowserSession(of: visit.request)
            var response = try go(
                to: visit.purpose.query == nil ? "/account" : "/login/done", visit, PageNotice(text))
            challengeCookie.clear(on: &response)
            service.browserCookie.set(session, on: &response)
            return response
        case .signedIn: throw CognitoError.internalError
        }
    }

    func goToChallenge(_ session: String, _ visit: PageVisit) throws -> Response {
        var response = try go(to: "/login/challenge", visit)
        challengeCookie.set(session, seconds: Int(service.settings.sessionSeconds), on: &response)
        return response
    }

    /// Leads on to the application, which may be on another site.
    ///
    /// The page goes there by itself, because browsers allow a form no redirect to other sites that `form-action` does not name,
    /// and whom an application redirects to next is not known here.
    private func leadOn(_ visit: PageVisit) async throws -> Response {
        guard try await service.browserSession(of: visit.request) != nil else { return try go(to: "/login", visit) }
        guard visit.purpose.query != nil else { return try go(to: "/account", visit) }
        let address = HTML(visit.purpose.address("/oauth2/authorize"))
        return PageLook.page(
            "You are signed in", head: Self.forward.filled(with: ["address": address]),
            HTML(joining: [
                PageLook.text("You are on your way back to \(visit.client.name)."),
                Self.action.filled(with: ["address": address, "label": "Continue"]),
            ]))
    }

    private func showAccount(_ visit: PageVisit) async throws -> Response {
        guard let user = try await service.browserSession(of: visit.request)?.user else {
            return try go(to: "/login", visit, visit.notice)
        }
        return PageForm(
            title: "You are signed in", introduction: "As \(user.username).",
            path: user.isSoftwareTokenEnabled ? "/signout" : "/account",
            figure: Self.action.filled(with: ["address": "/", "label": "Continue"]),
            submit: user.isSoftwareTokenEnabled ? "Sign out" : "Set up an authenticator", isMain: false,
            links: user.isSoftwareTokenEnabled ? [] : [("/signout", "Sign out")]
        ).page(visit)
    }

    private func showSignOut(_ visit: PageVisit) -> Response {
        PageForm(
            title: "Sign out", introduction: "Applications that you use keep their own sign-in until it ends.",
            path: "/signout", submit: "Sign out", links: [("/account", "Stay signed in")]
        ).page(visit)
    }

    private func signOut(_ visit: PageVisit) async throws -> Response {
        try await service.endBrowserSession(of: visit.request)
        var response = try go(to: "/login", visit, PageNotice(.signedOut))
        service.browserCookie.clear(on: &response)
        challengeCookie.clear(on: &response)
        return response
    }
}
