import Bytes
import Catalog
import Crypto
import JSON
import TestKit
import Testing
import WebAuthn

@testable import Identity

/// What people and browsers do with passkeys.
extension Pool {
    static let passkeyFlows: Set<String> = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

    /// A pool on the machine's own address, whose client lets people choose.
    static func withPasskeys(_ change: (inout IdentitySettings) -> Void = { _ in }) async throws -> Pool {
        let relyingParty = try RelyingParty(site: "http://127.0.0.1:8080")
        let pool = try await Pool {
            $0.passkeys.relyingParty = relyingParty
            change(&$0)
        }
        try await pool.setFlows(passkeyFlows)
        return pool
    }

    /// The challenge that a registration has to answer.
    func beginRegistration(_ token: String) async throws -> [UInt8] {
        let begun = await call("StartWebAuthnRegistration", ["AccessToken": .string(token)])
        return try Self.challenge(in: try #require(begun.body["CredentialCreationOptions"]))
    }

    func completeRegistration(_ token: String, _ credential: JSONValue) async -> Answer {
        await call("CompleteWebAuthnRegistration", ["AccessToken": .string(token), "Credential": credential])
    }

    /// Registers a new passkey of the person who has the token.
    func register(
        _ token: String, _ change: (inout SoftwareAuthenticator) -> Void = { _ in }
    ) async throws -> SoftwareAuthenticator {
        var authenticator = SoftwareAuthenticator(key: try .p256())
        change(&authenticator)
        let credential = try authenticator.create(challenge: try await beginRegistration(token))
        #expect(await completeRegistration(token, credential) == Answer(status: 200, body: [:]))
        return authenticator
    }

    func choose(
        _ username: String = Pool.administrator, _ more: JSONObject = [:], clientId: String = Pool.clientId
    ) async -> Answer {
        var parameters: JSONObject = ["USERNAME": .string(username)]
        for (name, value) in more.members { parameters[name] = value }
        return await call(
            "InitiateAuth",
            [
                "ClientId": .string(clientId), "AuthFlow": "USER_AUTH", "AuthParameters": .object(parameters),
            ])
    }

    /// The challenge of a sign-in, and its session.
    func beginPasskey(_ username: String = Pool.administrator) async throws -> (challenge: [UInt8], session: String) {
        let begun = await choose(username, ["PREFERRED_CHALLENGE": "WEB_AUTHN"])
        #expect(begun.challenge == "WEB_AUTHN")
        return (try Self.challenge(of: begun), begun.session)
    }

    func finishPasskey(
        _ session: String, _ credential: JSONValue, username: String = Pool.administrator
    ) async -> Answer {
        await respond(
            "WEB_AUTHN", session: session, username: username, ["CREDENTIAL": .string(credential.description)])
    }

    func signInWithPasskey(
        _ authenticator: SoftwareAuthenticator, as username: String = Pool.administrator
    ) async throws -> Answer {
        let (challenge, session) = try await beginPasskey(username)
        return await finishPasskey(session, try authenticator.get(challenge: challenge), username: username)
    }

    func passkeyFailures(_ username: String = Pool.administrator) async throws -> Int {
        let subject = service.sealer.subject("passkey", username)
        return try await store.read { try $0.attempts(subject: subject).failures }
    }

    static func challenge(of answer: Answer) throws -> [UInt8] {
        let text = try #require(answer.body["ChallengeParameters"]?["CREDENTIAL_REQUEST_OPTIONS"]?.string)
        return try challenge(in: JSONValue.parse(text))
    }

    private static func challenge(in options: JSONValue) throws -> [UInt8] {
        try #require(options["challenge"]?.string.flatMap { Base64.decode($0, alphabet: .url) })
    }
}
