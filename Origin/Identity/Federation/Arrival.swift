internal import Audit
internal import Bytes
internal import Catalog
internal import Crypto
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import RelyingParty
internal import Telemetry
internal import WebFetch

/// `/oauth2/idpresponse`: a person comes back from an outside provider.
extension IdentityService {
    private static let notStartedHere = PageLook.error(
        .badRequest, "This sign-in does not work",
        "It was not begun with this browser, took too long, or was used already. Go back to the application and begin again."
    )

    /// Takes a provider's word for a person, once, in the browser that was sent for it.
    func arrive(_ request: Request) async -> Response {
        await answeringPeople(request) {
            guard let query = Query(request.query ?? "", plusIsSpace: true),
                let answer = try? AuthorizationAnswer(query), let browser = self.departureCookie.value(in: request),
                let (provider, journey) = try await self.journey(answer.state, browser: browser)
            else { return Self.notStartedHere }
            var response = try await self.arrive(request, answer, provider, journey)
            self.departureCookie.clear(on: &response)
            return response
        }
    }

    /// What the person was sent for; whoever asks, nobody gets it twice.
    private func journey(
        _ state: String, browser: String
    ) async throws -> (IdentityProvider, ProviderJourney)? {
        let (stateHash, now) = (RandomName.hash(state), clock())
        let taken = try await store.write { transaction -> (IdentityDeparture, IdentityProvider)? in
            guard let departure = try transaction.takeDeparture(stateHash: stateHash),
                let provider = try transaction.provider(poolId: departure.poolId, name: departure.provider)
            else { return nil }
            return (departure, provider)
        }
        guard let (departure, provider) = taken, departure.poolId == settings.userPoolId, now < departure.expiresAt,
            constantTimeEqual(departure.browserHash, RandomName.hash(browser)),
            let journey = ProviderJourney(
                try sealer.open(departure.sealedJourney, owner: Hex.encode(stateHash), field: .providerJourney))
        else { return nil }
        return (provider, journey)
    }

    private func arrive(
        _ request: Request, _ answer: AuthorizationAnswer, _ provider: IdentityProvider, _ journey: ProviderJourney
    ) async throws -> Response {
        let person: OutsidePerson
        do {
            person = try await self.person(answer, provider, journey)
        } catch let refusal as ProviderAnswerRefused {
            return await refuse(refusal, of: provider)
        }
        let now = clock()
        do {
            let (step, account) = try await commit {
                transaction -> Result<(SignInStep, OutsideAccount), CognitoError> in
                switch try self.account(of: person, at: provider, now: now, transaction) {
                case .failure(let refusal): return .failure(refusal)
                case .success(let account):
                    return try self.advance(
                        account.user, client: journey.clientId, proof: .outsideProvider, goal: .browser, now: now,
                        transaction
                    ).map { ($0, account) }
                }
            }
            if account.isNewlyLinked { sendNotice(.providerLinked, to: account.user) }
            return try await follow(step, request, journey)
        } catch is CognitoError {
            return PageLook.error(
                .forbidden, "You cannot sign in", "This account may not be used. Ask whoever runs this site.")
        }
    }

    /// Goes where the sign-in stands: whoever has an authenticator is asked for its code, however they came.
    private func follow(_ step: SignInStep, _ request: Request, _ journey: ProviderJourney) async throws -> Response {
        let isSecure = pagesAreSecure
        switch step {
        case .challenge(_, let session, _):
            var response = PageLook.redirect(to: "/login/challenge?\(journey.query)")
            PageCookie("challenge", isSecure: isSecure)
                .set(session, seconds: Int(settings.sessionSeconds), on: &response)
            return response
        case .signedInBrowser(_, let session):
            try await endBrowserSession(of: request)
            var response = PageLook.redirect(to: "/oauth2/authorize?\(journey.query)")
            browserCookie.set(session, on: &response)
            return response
        case .signedIn: throw CognitoError.internalError
        }
    }

    private func refuse(_ refusal: ProviderAnswerRefused, of provider: IdentityProvider) async -> Response {
        logger.warning(
            "an outside provider's answer was refused",
            ["provider": .string(provider.name), "reason": .string(refusal.reason)])
        let now = clock()
        try? await store.write { transaction in
            try transaction.record(
                AuditAct(
                    .signIn, of: .provider(provider.name), outcome: "refused", ["reason": .string(refusal.reason)]),
                at: now)
        }
        return PageLook.error(
            .badRequest, "\(provider.name) did not sign you in",
            "You can go back to the application and begin again, or sign in with a password.")
    }
}
