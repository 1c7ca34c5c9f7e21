import CBOR
import Crypto
import JSON
import TestKit

@testable import WebAuthn

/// One relying party and one challenge, for tests of single answers.
struct Ceremony {
    let challenge = SecureRandom.bytes(32)
    var requiresUserVerification = false

    func relyingParty() throws -> RelyingParty {
        try RelyingParty(
            id: "localhost", origins: ["http://localhost:8080"], requiresUserVerification: requiresUserVerification)
    }

    func register(_ authenticator: SoftwareAuthenticator) throws -> RegisteredPasskey {
        try register(authenticator.create(challenge: challenge))
    }

    func register(_ json: JSONValue) throws -> RegisteredPasskey {
        try RegistrationResponse(json).verify(challenge: challenge, relyingParty: relyingParty())
    }

    /// A registration whose attestation object is written by hand.
    func register(_ authenticator: SoftwareAuthenticator, _ attestationObject: [UInt8]) throws -> RegisteredPasskey {
        try RegistrationResponse(
            credentialId: authenticator.id,
            clientDataJSON: authenticator.clientData("webauthn.create", challenge),
            attestationObject: attestationObject
        ).verify(challenge: challenge, relyingParty: relyingParty())
    }

    func signIn(
        _ authenticator: SoftwareAuthenticator, as passkey: RegisteredPasskey, userHandle: [UInt8] = [7]
    ) throws -> PasskeyAssertion {
        try signIn(authenticator.get(challenge: challenge), as: passkey, userHandle: userHandle)
    }

    func signIn(
        _ json: JSONValue, as passkey: RegisteredPasskey, userHandle: [UInt8] = [7]
    ) throws -> PasskeyAssertion {
        try AuthenticationResponse(json).verify(
            challenge: challenge, relyingParty: relyingParty(),
            passkey: StoredPasskey(
                key: passkey.key, signatureCount: passkey.signatureCount, isBackupEligible: passkey.isBackupEligible,
                userHandle: userHandle))
    }

    /// Why something is refused; nil if it is not.
    func refusal(_ body: () throws -> some Sendable) -> WebAuthnRefusal? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? WebAuthnRefusal
        }
    }
}
