internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import OAuth
internal import RelyingParty
internal import Telemetry

/// What is needed when a person comes back from a provider; the store keeps it sealed.
struct ProviderJourney: Sendable, Equatable {
    /// The authorization request of the application, as it goes on.
    let query: String
    let clientId: String
    let nonce: String
    let verifier: String

    init(query: String, clientId: String, nonce: String, verifier: String) {
        self.query = query
        self.clientId = clientId
        self.nonce = nonce
        self.verifier = verifier
    }

    init?(_ bytes: [UInt8]) {
        guard let object = try? JSONValue.parse(bytes).object, let query = object["query"]?.string,
            let clientId = object["client"]?.string, let nonce = object["nonce"]?.string,
            let verifier = object["verifier"]?.string
        else { return nil }
        self.init(query: query, clientId: clientId, nonce: nonce, verifier: verifier)
    }

    var bytes: [UInt8] {
        JSONValue.object([
            "query": .string(query), "client": .string(clientId), "nonce": .string(nonce),
            "verifier": .string(verifier),
        ]).serialized()
    }
}

/// `/oauth2/authorize?identity_provider=NAME`: sends a person to an outside provider.
extension IdentityService {
    /// How long a person may take there, in seconds.
    static let departureSeconds: Int64 = 600

    /// The cookie of the browser that was sent, without which nobody comes back in.
    var departureCookie: PageCookie { PageCookie("departure", isSecure: pagesAreSecure) }

    /// Where providers send people back to.
    private var providerReturnAddress: String { settings.publicURL + "/oauth2/idpresponse" }

    /// Us at a provider, as it describes itself.
    func relyingParty(
        at provider: IdentityProvider, _ metadata: ProviderMetadata
    ) throws -> RelyingParty {
        RelyingParty(
            clientId: provider.clientId, clientSecret: try secret(of: provider), redirectURI: providerReturnAddress,
            provider: metadata)
    }

    /// Sends a person to the provider `name` and remembers for what; `query` is the request that goes on afterwards.
    func depart(to name: String, for wish: AuthorizationRequest, query: String) async throws -> Response {
        let (poolId, clientId, now) = (settings.userPoolId, wish.clientId, clock())
        let found = try await store.read { reader -> IdentityProvider? in
            guard try reader.client(id: clientId)?.providers.contains(name) == true else { return nil }
            return try reader.provider(poolId: poolId, name: name)
        }
        guard let provider = found else {
            throw AuthorizationRefusal.returned(
                OAuthError(.invalidRequest, "identity_provider names none that the client may use"), wish.answersTo)
        }
        guard let metadata = await metadata(of: provider) else { return Self.unreachable(provider) }
        let secrets = RelyingParty.Secrets(
            state: RandomName.token(), nonce: RandomName.token(), verifier: RandomName.token())
        let journey = ProviderJourney(
            query: query, clientId: clientId, nonce: secrets.nonce, verifier: secrets.verifier)
        let (stateHash, browser) = (RandomName.hash(secrets.state), RandomName.token())
        let departure = IdentityDeparture(
            stateHash: stateHash, poolId: poolId, provider: name, browserHash: RandomName.hash(browser),
            sealedJourney: try sealer.seal(journey.bytes, owner: Hex.encode(stateHash), field: .providerJourney),
            expiresAt: now + Self.departureSeconds * 1000)
        try await store.write { transaction in
            try transaction.pruneIdentity(now: now, quietSince: now - Lockout.quietMilliseconds)
            try transaction.insert(departure)
        }
        // Google knows no such word, and refuses requests that have it.
        let mustAsk = wish.prompt == .always && provider.kind == .openID
        var response = PageLook.redirect(
            to: try relyingParty(at: provider, metadata).authorizationURL(
                scopes: provider.scopes, secrets, mustAsk: mustAsk, maxAge: wish.maxAge))
        departureCookie.set(browser, seconds: Int(Self.departureSeconds), on: &response)
        return response
    }

    private func metadata(of provider: IdentityProvider) async -> ProviderMetadata? {
        do {
            return try await providers.provider(provider.issuer).metadata
        } catch {
            logger.warning(
                "an outside provider cannot be used",
                ["provider": .string(provider.name), "error": .string("\(error)")])
            return nil
        }
    }

    static func unreachable(_ provider: IdentityProvider) -> Response {
        PageLook.error(
            .badGateway, "\(provider.name) cannot be reached",
            "Go back and sign in with your password, or try again in a moment.")
    }
}
