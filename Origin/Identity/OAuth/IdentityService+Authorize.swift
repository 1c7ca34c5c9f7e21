internal import Catalog
internal import Crypto
internal import HTTPServer
internal import HTTPWire
internal import OAuth
internal import Telemetry

/// `/oauth2/authorize`: an application sends a person here, and gets them back with a code.
extension IdentityService {
    /// The most bytes of an authorization request, which pages carry on in their addresses.
    static let maximumAuthorizationBytes = 8192

    /// How long a code is good, in milliseconds; as in Cognito.
    static let codeMilliseconds: Int64 = 5 * 60_000

    /// Answers with a code, at the client's address, for whoever is signed in with this browser; others are asked to sign in.
    func authorize(_ request: Request) async -> Response {
        await answeringPeople(request) {
            let wish = try await self.authorizationRequest(request.query ?? "")
            return await self.answering(wish, request) {
                guard let session = try await self.browserSession(of: request), self.isRecent(session, for: wish) else {
                    guard let provider = wish.parameters["identity_provider"], provider != "COGNITO" else {
                        return PageLook.redirect(to: try self.addressOfSignIn(for: wish))
                    }
                    return try await self.depart(to: provider, for: wish, query: try self.signInQuery(for: wish))
                }
                let code = try await self.issueCode(for: wish, session)
                let answer = Query.Item(name: "code", value: code)
                return PageLook.redirect(to: wish.answersTo.location([answer], issuer: self.settings.issuer))
            }
        }
    }

    /// The same by form, which another site may have sent: it goes on as a request that a browser shows no cookie for.
    func authorizeByForm(_ request: Request) async -> Response {
        await answeringPeople(request) {
            let text = String(
                decoding: try await self.formBytes(request, limit: Self.maximumAuthorizationBytes), as: UTF8.self)
            let wish = try await self.authorizationRequest(text)
            return PageLook.redirect(to: "/oauth2/authorize?\(wish.parameters.query.encoded)")
        }
    }

    /// Reads and checks an authorization request; the pages, which carry it on, do so again.
    ///
    /// Throws `AuthorizationRefusal`, or what the store throws.
    func authorizationRequest(_ text: String) async throws -> AuthorizationRequest {
        guard text.utf8.count <= Self.maximumAuthorizationBytes, let parameters = OAuthParameters(text) else {
            throw AuthorizationRefusal.page("The request is damaged.")
        }
        let id = try AuthorizationRequest.clientId(in: parameters)
        let client = try await store.read { try $0.client(id: id) }
        guard let client, client.poolId == settings.userPoolId else {
            throw AuthorizationRefusal.page("The application is not known here.")
        }
        return try AuthorizationRequest(parameters, clientId: client.id, options: client.oauth)
    }

    /// Answers a refusal: on a page, or to the client at its own address.
    func answer(_ refusal: AuthorizationRefusal) -> Response {
        switch refusal {
        case .page(let explanation): PageLook.error(.badRequest, "This sign-in does not work", explanation)
        case .returned(let error, let answersTo):
            PageLook.redirect(to: answersTo.location(error, issuer: settings.issuer))
        }
    }

    /// Answers what a browser navigates to; scripts and images of other sites have no business with it.
    func answeringPeople(_ request: Request, _ body: () async throws -> Response) async -> Response {
        if let mode = request.headers.first("Sec-Fetch-Mode"), mode != "navigate" {
            return answer(.page("This address is for people, not for scripts."))
        }
        do {
            return try await body()
        } catch let refusal as AuthorizationRefusal {
            return answer(refusal)
        } catch let error as OAuthError {
            return answer(.page(error.description))
        } catch {
            report(error, request)
            return PageLook.error(.internalServerError, "Something went wrong", "Please try again in a moment.")
        }
    }

    /// Once the address is known to be the client's, the client is told what went wrong.
    private func answering(
        _ wish: AuthorizationRequest, _ request: Request, _ body: () async throws -> Response
    ) async -> Response {
        do {
            return try await body()
        } catch let refusal as AuthorizationRefusal {
            return answer(refusal)
        } catch {
            report(error, request)
            return answer(.returned(OAuthError(.serverError, "An internal error occurred"), wish.answersTo))
        }
    }

    func report(_ error: any Error, _ request: Request) {
        logger.error(
            "OAuth failed",
            [
                "request_id": .string(request.requestID), "path": .string(request.path), "error": .string("\(error)"),
            ])
    }

    /// A code for the person of the session; what it may be given for is looked at once more in the transaction.
    private func issueCode(for wish: AuthorizationRequest, _ session: BrowserSession) async throws -> String {
        let text = RandomName.token()
        let now = clock()
        let code = IdentityAuthorizationCode(
            codeHash: RandomName.hash(text), clientId: wish.clientId, userId: session.user.id,
            browserSessionHash: session.record.idHash, redirectURI: wish.answersTo.redirectURI,
            codeChallenge: wish.codeChallenge.text, scopes: wish.scopes, nonce: wish.nonce,
            authenticatedAt: session.record.authenticatedAt, expiresAt: now + Self.codeMilliseconds)
        return try await store.write { transaction in
            // It may have been ended since it was looked up.
            guard try transaction.browserSession(idHash: code.browserSessionHash) != nil else {
                throw AuthorizationRefusal.returned(
                    OAuthError(.loginRequired, "Nobody is signed in"), wish.answersTo)
            }
            try transaction.insert(code)
            return text
        }
    }
}
