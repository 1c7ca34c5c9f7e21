internal import HTTPServer
internal import HTTPWire
internal import JSON

extension HostedPages {
    func addForgottenPassword(to router: inout Router) {
        add("/forgotPassword", get: { showForgotten($0) }, post: { try await sendCode($0) }, to: &router)
        add("/confirmForgotPassword", get: { showReset($0) }, post: { try await reset($0) }, to: &router)
    }

    private func showForgotten(_ visit: PageVisit) -> Response {
        PageForm(
            title: "Forgot your password?", introduction: "We send you a code with which you choose another.",
            path: "/forgotPassword",
            fields: [PageField(name: .username, label: "Name", value: visit.notice.username ?? "")],
            submit: "Send a code", links: [("/login", "Sign in"), ("/confirmForgotPassword", "I have a code")]
        ).page(visit)
    }

    private func sendCode(_ visit: PageVisit) async throws -> Response {
        try await attempt(visit, on: "/forgotPassword") {
            try await send(.forgotPassword, visit)
            return try go(to: "/confirmForgotPassword", visit, PageNotice(.codeSent, username: visit.username))
        }
    }

    private func showReset(_ visit: PageVisit) -> Response {
        PageForm(
            title: "Choose a new password",
            introduction: "With the code from our message. Wherever you are signed in, you are signed out.",
            path: "/confirmForgotPassword",
            fields: [
                PageField(name: .username, label: "Name", value: visit.notice.username ?? ""),
                PageField(name: .code, label: "Code"),
                PageField(name: .newPassword, label: "New password", hint: Self.passwordHint),
            ], submit: "Set the password", links: [("/login", "Sign in"), ("/forgotPassword", "Send another code")]
        ).page(visit)
    }

    private func reset(_ visit: PageVisit) async throws -> Response {
        try await attempt(visit, on: "/confirmForgotPassword") {
            let given: JSONObject = [
                "ConfirmationCode": .string(visit.code), "Password": .string(visit.typed(.newPassword)),
            ]
            _ = try await service.perform(.confirmForgotPassword, input(visit, given))
            return try go(to: "/login", visit, PageNotice(.passwordReplaced, username: visit.username))
        }
    }
}
