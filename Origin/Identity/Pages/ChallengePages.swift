internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import QRCode
internal import Templates

/// What more is asked for after the password, by the session that the store holds for the browser.
extension HostedPages {
    private static let authenticator = HTMLTemplate(PackageResources.authenticator_html)

    /// The challenge that a browser has to answer.
    private struct Challenge: Sendable {
        let text: String
        let session: IdentitySession
        let user: IdentityUser
    }

    func showChallenge(_ visit: PageVisit) async throws -> Response {
        guard let challenge = try await challenge(of: visit) else {
            return try go(to: "/login", visit, PageNotice(.tooLate))
        }
        let step = challenge.session.step
        switch step {
        case .softwareToken:
            return form(
                step, "Enter your code", "Your authenticator application shows six digits for this account.",
                [PageField(name: .code, label: "Code")], "Sign in",
                [("/login/recovery", "Use a recovery code")]
            ).page(visit)
        case .newPassword:
            return form(
                step, "Choose a password", "You have signed in with a temporary one, which you replace here.",
                [PageField(name: .newPassword, label: "New password", hint: Self.passwordHint)], "Set the password"
            ).page(visit)
        case .enrolmentStarted:
            var form = form(
                step, "Set up your authenticator", "Signing in will ask for a code of an application on your device.",
                [PageField(name: .code, label: "Code", hint: "The six digits that the application shows now.")],
                "Finish")
            form.figure = try figure(for: challenge.user)
            return form.page(visit)
        case .enrolment, .enrolmentVerified:
            return form(step, "Set up your authenticator", "One more step.", [], "Continue").page(visit)
        }
    }

    /// The page of the second factor for who has lost the authenticator; telephones have other keys for it.
    func showRecovery(_ visit: PageVisit) async throws -> Response {
        guard let challenge = try await challenge(of: visit), challenge.session.step == .softwareToken else {
            return try go(to: "/login/challenge", visit)
        }
        return form(
            challenge.session.step, "Use a recovery code", "One of the ten that you have put away. It is good once.",
            [PageField(name: .recoveryCode, label: "Recovery code")], "Sign in",
            [("/login/challenge", "Use the authenticator")]
        ).page(visit)
    }

    func answer(_ visit: PageVisit) async throws -> Response {
        guard let challenge = try await challenge(of: visit) else {
            return try go(to: "/login", visit, PageNotice(.tooLate))
        }
        // A page of before, from the browser's history, asks for something else by now.
        guard visit.form.first("step") == challenge.session.step.rawValue else {
            return try go(to: "/login/challenge", visit)
        }
        return try await attempt(visit, on: "/login/challenge") {
            switch challenge.session.step {
            case .softwareToken:
                let code: JSONObject = ["SOFTWARE_TOKEN_MFA_CODE": .string(visit.code)]
                return try await follow(respond("SOFTWARE_TOKEN_MFA", challenge, code, visit), visit)
            case .newPassword:
                let password: JSONObject = ["NEW_PASSWORD": .string(visit.typed(.newPassword))]
                return try await follow(respond("NEW_PASSWORD_REQUIRED", challenge, password, visit), visit)
            case .enrolment:
                return try await handOutSecret(challenge.text, visit)
            case .enrolmentStarted:
                let verified = try await service.perform(
                    .verifySoftwareToken,
                    CognitoInput(["Session": .string(challenge.text), "UserCode": .string(visit.code)]))
                return try await finishEnrolment(verified["Session"]?.string ?? "", challenge, visit)
            case .enrolmentVerified:
                return try await finishEnrolment(challenge.text, challenge, visit)
            }
        }
    }

    /// Lets somebody who is signed in enrol an authenticator; the sign-in that follows is a new one.
    func beginEnrolment(_ visit: PageVisit) async throws -> Response {
        guard let userId = try await service.browserSession(of: visit.request)?.user.id else {
            return try go(to: "/login", visit, PageNotice(.tooLate))
        }
        let now = service.clock()
        let step = try await service.store.write { [service] transaction -> SignInStep? in
            guard let user = try transaction.user(id: userId), user.isEnabled, !user.isSoftwareTokenEnabled else {
                return nil
            }
            return try service.open(.enrolment, user, visit.client.id, .browser, now, transaction)
        }
        guard let step else { return try go(to: "/account", visit) }
        return try await follow(step, visit)
    }

    /// Hands out the secret to enrol, at once: there is nothing to decide in between.
    func handOutSecret(_ session: String, _ visit: PageVisit) async throws -> Response {
        let output = try await service.perform(
            .associateSoftwareToken, CognitoInput(["Session": .string(session)]))
        return try goToChallenge(output["Session"]?.string ?? "", visit)
    }

    private func finishEnrolment(
        _ session: String, _ challenge: Challenge, _ visit: PageVisit
    ) async throws -> Response {
        let verified = Challenge(text: session, session: challenge.session, user: challenge.user)
        return try await follow(respond("MFA_SETUP", verified, [:], visit), visit, .enrolled)
    }

    private func respond(
        _ name: String, _ challenge: Challenge, _ answer: JSONObject, _ visit: PageVisit
    ) async throws -> SignInStep {
        var responses = answer
        responses["USERNAME"] = .string(challenge.user.username)
        let input = CognitoInput(responses)
        return try await service.counting(.failedGuesses) {
            try await service.respond(to: name, visit.client, input, session: challenge.text, for: .browser)
        }
    }

    private func challenge(of visit: PageVisit) async throws -> Challenge? {
        guard let text = challengeCookie.value(in: visit.request) else { return nil }
        let (hash, now) = (RandomName.hash(text), service.clock())
        let found = try await service.store.read { reader in
            let session = try reader.session(idHash: hash)
            return (session, try session.flatMap { try reader.user(id: $0.userId) })
        }
        guard let session = found.0, let user = found.1, user.isEnabled, now < session.expiresAt,
            session.goal == .browser, session.clientId == visit.client.id
        else { return nil }
        return Challenge(text: text, session: session, user: user)
    }

    private func form(
        _ step: IdentitySession.Step, _ title: String, _ introduction: String, _ fields: [PageField],
        _ submit: String, _ links: [(path: String, label: String)] = []
    ) -> PageForm {
        PageForm(
            title: title, introduction: introduction, path: "/login/challenge", step: step.rawValue, fields: fields,
            submit: submit, links: links + [("/login", "Sign in as somebody else")])
    }

    /// The secret that was handed out, as a QR code and as text; a name too long for the code leaves the text.
    private func figure(for user: IdentityUser) throws -> HTML {
        guard let sealed = user.pendingSoftwareTokenSecret else { throw CognitoError.invalidSession }
        let secret = try service.sealer.open(sealed, owner: user.id, field: .softwareToken)
        let setup = AuthenticatorSetup(
            secret: secret, issuer: service.settings.authenticatorIssuer, account: user.username)
        let code = try? setup.qrCode()
        return Self.authenticator.filled(with: [
            "side": HTML("\(code?.extent.count ?? 0)"), "path": HTML(code?.path ?? ""),
            "secret": HTML(setup.secretCode), "link": HTML(setup.uri),
        ])
    }
}

extension PageVisit {
    /// The code that was typed, without the blanks that applications show it with.
    var code: String { (form.first("recovery-code") ?? typed(.code)).filter { !$0.isWhitespace } }
}
