import CBOR
import Crypto
import JSON
import TestKit
import Testing

@testable import WebAuthn

@Suite struct AuthenticationTests {
    private let ceremony = Ceremony()

    @Test func `a passkey of every algorithm signs in`() throws {
        let keys: [SoftwareAuthenticator.Key] = [
            try .p256(), .edDSA(try Ed25519PrivateKey()), .rs256(try .generateRSA()),
        ]
        for key in keys {
            var authenticator = SoftwareAuthenticator(key: key)
            let passkey = try ceremony.register(authenticator)
            #expect(
                try ceremony.signIn(authenticator, as: passkey)
                    == PasskeyAssertion(signatureCount: 0, isUserVerified: true))
            authenticator.flags = SoftwareAuthenticator.userPresent
            authenticator.signatureCount = 9
            authenticator.userHandle = [7]
            authenticator.extensions = .map(CBORMap())
            #expect(
                try ceremony.signIn(authenticator, as: passkey)
                    == PasskeyAssertion(signatureCount: 9, isUserVerified: false))
        }
    }

    @Test func `another page, ceremony, challenge, relying party or account is refused`() throws {
        let authenticator = SoftwareAuthenticator(key: try .p256())
        let passkey = try ceremony.register(authenticator)
        func refusal(_ change: (inout SoftwareAuthenticator) -> Void) -> WebAuthnRefusal? {
            var changed = authenticator
            change(&changed)
            return ceremony.refusal { try ceremony.signIn(changed, as: passkey) }
        }
        #expect(refusal { $0.type = "webauthn.create" } == .wrongType)
        #expect(refusal { $0.origin = "http://localhost:8081" } == .wrongOrigin("http://localhost:8081"))
        #expect(refusal { $0.clientDataMembers = ["crossOrigin": true] } == .crossOrigin)
        #expect(refusal { $0.relyingPartyId = "localhost.evil.com" } == .wrongRelyingParty)
        #expect(refusal { $0.flags = SoftwareAuthenticator.userVerified } == .userNotPresent)
        #expect(refusal { $0.userHandle = [8] } == .wrongUser)
        #expect(refusal { $0.userHandle = [] } == .wrongUser)
        // What the key is can neither change after it was made, nor can a new one come along.
        #expect(refusal { $0.flags |= SoftwareAuthenticator.backupEligible } == .malformed("authenticatorData"))
        let stale = try authenticator.get(challenge: SecureRandom.bytes(32))
        #expect(ceremony.refusal { try ceremony.signIn(stale, as: passkey) } == .wrongChallenge)
        var strict = Ceremony()
        strict.requiresUserVerification = true
        var careless = authenticator
        careless.flags = SoftwareAuthenticator.userPresent
        #expect(strict.refusal { try strict.signIn(careless, as: passkey) } == .userNotVerified)
        #expect(strict.refusal { try strict.signIn(authenticator, as: passkey) } == nil)
    }

    @Test func `only the passkey's own signature over these bytes counts`() throws {
        let authenticator = SoftwareAuthenticator(key: try .p256())
        let passkey = try ceremony.register(authenticator)
        var stranger = authenticator
        for key: SoftwareAuthenticator.Key in [
            try .p256(), .edDSA(try Ed25519PrivateKey()), .rs256(try .generateRSA()),
        ] {
            stranger.key = key
            #expect(ceremony.refusal { try ceremony.signIn(stranger, as: passkey) } == .wrongSignature)
        }
        let good = try #require(authenticator.get(challenge: ceremony.challenge).object)
        func refusal(_ name: String, _ value: JSONValue?) -> WebAuthnRefusal? {
            var (json, response) = (good, good["response"]?.object ?? [:])
            response[name] = value
            json["response"] = .object(response)
            return ceremony.refusal { try ceremony.signIn(.object(json), as: passkey) }
        }
        #expect(refusal("signature", "") == .wrongSignature)
        #expect(refusal("signature", "AAAA") == .wrongSignature)
        for name in ["signature", "authenticatorData", "clientDataJSON"] {
            #expect(refusal(name, nil) == .malformed(name))
        }
        #expect(refusal("userHandle", 7) == .malformed("userHandle"))
        #expect(refusal("userHandle", .null) == nil)

        let data = authenticator.authenticatorData()
        let clientData = authenticator.clientData("webauthn.get", ceremony.challenge)
        let signature = try authenticator.sign(data + Digest.sha256(clientData))
        func sent(_ data: [UInt8], _ clientData: [UInt8]) -> WebAuthnRefusal? {
            ceremony.refusal {
                try AuthenticationResponse(
                    credentialId: authenticator.id, clientDataJSON: clientData, authenticatorData: data,
                    signature: signature, userHandle: nil
                ).verify(
                    challenge: ceremony.challenge, relyingParty: ceremony.relyingParty(),
                    passkey: StoredPasskey(
                        key: passkey.key, signatureCount: 0, isBackupEligible: false, userHandle: []))
            }
        }
        #expect(sent(data, clientData) == nil)
        #expect(sent(data, clientData + [0x20]) == .wrongSignature)
        var counted = data
        counted[36] = 1
        #expect(sent(counted, clientData) == .wrongSignature)
        for length in 0..<data.count {
            #expect(sent(Array(data[..<length]), clientData) == .malformed("authenticatorData"))
        }
        #expect(sent(data + [0], clientData) == .malformed("authenticatorData"))
        #expect(
            sent(authenticator.authenticatorData(coseKey: authenticator.coseKey), clientData)
                == .malformed("authenticatorData"))
    }

    @Test func `a count that does not rise is refused, unless nobody counts`() throws {
        var authenticator = SoftwareAuthenticator(key: try .p256())
        for (registered, sent, isGood) in [
            (0, 0, true), (0, 1, true), (5, 6, true), (5, 5, false), (5, 4, false), (5, 0, false),
            (.max, .max, false), (.max - 1, .max, true),
        ] as [(UInt32, UInt32, Bool)] {
            authenticator.signatureCount = registered
            let passkey = try ceremony.register(authenticator)
            authenticator.signatureCount = sent
            let refusal = ceremony.refusal { try ceremony.signIn(authenticator, as: passkey) }
            #expect(refusal == (isGood ? nil : .counterDidNotRise), "\(registered) \(sent)")
        }
    }
}
