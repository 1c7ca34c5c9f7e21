internal import Catalog
internal import HTTPWire
internal import JSON
internal import RelyingParty
internal import WebFetch

/// Why a provider's answer says nothing of anybody: a word for the log, without anything that the provider has written but its
/// error code.
struct ProviderAnswerRefused: Error, Equatable {
    let reason: String
}

extension IdentityService {
    /// The person that a provider's answer is about.
    ///
    /// Throws `ProviderAnswerRefused` for an answer of another provider, a refusal, and whatever does not stand up to the checks.
    func person(
        _ answer: AuthorizationAnswer, _ provider: IdentityProvider, _ journey: ProviderJourney
    ) async throws -> OutsidePerson {
        do {
            let known = try await providers.provider(provider.issuer)
            try answer.check(isFrom: known.metadata)
            let code =
                switch answer.outcome {
                case .code(let code): code
                case .refused(let error): throw ProviderAnswerRefused(reason: error)
                }
            let tokens = try await exchange(code, provider, known.metadata, journey)
            let token = try await idToken(tokens, provider, known, journey)
            let claims = try await claims(token, tokens, provider, known.metadata)
            return OutsidePerson(subject: token.subject, claims: claims, mapping: provider.mapping)
        } catch let refusal as AuthorizationAnswer.Refusal {
            throw ProviderAnswerRefused(reason: "answer: \(refusal.rawValue)")
        } catch let refusal as IDToken.Refusal {
            throw ProviderAnswerRefused(reason: "ID token: \(refusal.rawValue)")
        } catch let refusal as ProviderRefused {
            throw ProviderAnswerRefused(reason: refusal.description)
        } catch let failure as WebFetchFailed {
            throw ProviderAnswerRefused(reason: failure.description)
        }
    }

    private func exchange(
        _ code: String, _ provider: IdentityProvider, _ metadata: ProviderMetadata, _ journey: ProviderJourney
    ) async throws -> ProviderTokens {
        let (form, authorization) = try relyingParty(at: provider, metadata)
            .exchange(of: code, verifier: journey.verifier)
        let headers = authorization.map { [WebRequest.Header("Authorization", $0)] } ?? []
        let answer = try await web.fetch(WebRequest(metadata.tokenEndpoint, headers: headers, form: form))
        return try ProviderTokens(status: answer.status, answer.body)
    }

    /// Looks at the provider's keys once more where they lack the one that has signed.
    private func idToken(
        _ tokens: ProviderTokens, _ provider: IdentityProvider, _ known: ProviderDirectory.Known,
        _ journey: ProviderJourney
    ) async throws -> IDToken {
        let expectation = IDToken.Expectation(
            issuer: provider.issuer, clientId: provider.clientId, nonce: journey.nonce,
            accessToken: tokens.accessToken, now: clock() / 1000)
        do {
            return try IDToken(tokens.idToken, keys: known.keys, expecting: expectation)
        } catch .unknownKey {
            let renewed = try await providers.providerWithNewKeys(provider.issuer)
            return try IDToken(tokens.idToken, keys: renewed.keys, expecting: expectation)
        }
    }

    /// What the ID token says, and, for what is mapped and not in it, the user info endpoint (OpenID Connect Core 1.0 §5.3).
    private func claims(
        _ token: IDToken, _ tokens: ProviderTokens, _ provider: IdentityProvider, _ metadata: ProviderMetadata
    ) async throws -> JSONObject {
        guard provider.mapping.values.contains(where: { token.claims[$0] == nil }),
            let endpoint = metadata.userInfoEndpoint, let accessToken = tokens.accessToken
        else { return token.claims }
        let answer = try await web.fetch(
            WebRequest(
                endpoint, headers: [WebRequest.Header("Authorization", "Bearer \(accessToken)")],
                form: provider.userInfoMethod == "POST" ? Query() : nil))
        guard answer.status == 200, let more = try? JSONValue.parse(answer.body).object,
            more["sub"]?.string.map({ $0.utf8.elementsEqual(token.subject.utf8) }) == true
        else { throw ProviderAnswerRefused(reason: "user info: none, or another person's") }
        var claims = token.claims
        // An address and the word for it come from one place, or one would vouch for the other's.
        let address = [provider.mapping["email"], provider.mapping["email_verified"]].compactMap { $0 }
        if address.contains(where: { claims[$0] == nil }) {
            for name in address { claims[name] = nil }
        }
        for (name, value) in more.members where claims[name] == nil { claims[name] = value }
        return claims
    }
}
