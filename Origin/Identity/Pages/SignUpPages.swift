internal import HTTPServer
internal import HTTPWire
internal import JSON

extension HostedPages {
    static let passwordHint = "At least 8 characters; a few words are easy to keep in mind."

    func addSignUp(to router: inout Router) {
        add("/signup", get: { showSignUp($0) }, post: { try await signUp($0) }, to: &router)
        add("/confirmUser", get: { showConfirmation($0) }, post: { try await confirm($0) }, to: &router)
    }

    private func showSignUp(_ visit: PageVisit) -> Response {
        PageForm(
            title: "Create an account", introduction: "We send a code to your e-mail address to see that it is yours.",
            path: "/signup",
            fields: [
                PageField(name: .username, label: "E-mail address", value: visit.notice.username ?? ""),
                PageField(name: .newPassword, label: "Password", hint: Self.passwordHint),
            ], submit: "Create the account", links: [("/login", "I have an account")]
        ).page(visit)
    }

    /// An address that has an account already is led on like a new one, whatever the application may know.
    private func signUp(_ visit: PageVisit) async throws -> Response {
        try await attempt(visit, on: "/signup") {
            guard visit.username.contains("@") else {
                return try go(to: "/signup", visit, PageNotice(.nameRefused, username: visit.username))
            }
            do {
                _ = try await service.perform(
                    .signUp, input(visit, ["Password": .string(visit.typed(.newPassword))]))
            } catch let refusal as CognitoError where refusal == .usernameExists {}
            return try go(to: "/confirmUser", visit, PageNotice(.codeSent, username: visit.username))
        }
    }

    private func showConfirmation(_ visit: PageVisit) -> Response {
        PageForm(
            title: "Confirm your address",
            introduction: "Type the code from our message.",
            path: "/confirmUser",
            fields: [
                PageField(name: .username, label: "E-mail address", value: visit.notice.username ?? ""),
                PageField(name: .code, label: "Code"),
            ], submit: "Confirm", others: [("resend", "Send another code")],
            links: [("/login", "Sign in"), ("/forgotPassword", "Forgot your password?")]
        ).page(visit)
    }

    private func confirm(_ visit: PageVisit) async throws -> Response {
        try await attempt(visit, on: "/confirmUser") {
            if visit.form.first("do") == "resend" {
                try await send(.resendConfirmationCode, visit)
                return try go(to: "/confirmUser", visit, PageNotice(.codeSent, username: visit.username))
            }
            _ = try await service.perform(
                .confirmSignUp, input(visit, ["ConfirmationCode": .string(visit.code)]))
            return try go(to: "/login", visit, PageNotice(.confirmed, username: visit.username))
        }
    }
}
