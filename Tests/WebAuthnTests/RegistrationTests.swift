import CBOR
import Crypto
import JSON
import TestKit
import Testing

@testable import WebAuthn

@Suite struct RegistrationTests {
    private let ceremony = Ceremony()

    private func refusal(_ change: (inout SoftwareAuthenticator) throws -> Void) throws -> WebAuthnRefusal? {
        var authenticator = SoftwareAuthenticator(key: try .p256())
        try change(&authenticator)
        return ceremony.refusal { try ceremony.register(authenticator) }
    }

    @Test func `a passkey of every algorithm that is asked for is registered`() throws {
        let keys: [SoftwareAuthenticator.Key] = [
            try .p256(), .edDSA(try Ed25519PrivateKey()), .rs256(try .generateRSA()),
        ]
        for key in keys {
            for attestation in [SoftwareAuthenticator.Attestation.none, .packed] {
                var authenticator = SoftwareAuthenticator(key: key)
                authenticator.attestation = attestation
                authenticator.flags |= SoftwareAuthenticator.backupEligible
                authenticator.signatureCount = 0x0102_0304
                authenticator.extensions = .map(CBORMap([.text("credProtect"): 2]))
                let passkey = try ceremony.register(authenticator)
                #expect(passkey.id == authenticator.id && passkey.key == authenticator.coseKey.encoded())
                #expect(passkey.signatureCount == 0x0102_0304 && passkey.isBackupEligible)
                #expect(passkey.transports == ["internal"] && passkey.attachment == "platform")
            }
        }
    }

    @Test func `data of another page, ceremony or challenge is refused`() throws {
        #expect(try refusal { $0.type = "webauthn.get" } == .wrongType)
        #expect(try refusal { $0.type = "payment.get" } == .wrongType)
        for origin in [
            "http://localhost", "https://localhost:8080", "http://localhost:8081", "http://evil.localhost:8080",
            "http://localhost:8080/", "http://localhost.evil.com:8080", "null", "",
        ] { #expect(try refusal { $0.origin = origin } == .wrongOrigin(origin)) }
        #expect(try refusal { $0.clientDataMembers = ["crossOrigin": true] } == .crossOrigin)
        #expect(try refusal { $0.clientDataMembers = ["topOrigin": "https://evil.com"] } == .crossOrigin)
        #expect(try refusal { $0.clientDataMembers = [:] } == nil)
        let other = try SoftwareAuthenticator(key: .p256()).create(challenge: SecureRandom.bytes(32))
        #expect(ceremony.refusal { try ceremony.register(other) } == .wrongChallenge)
        let short = try SoftwareAuthenticator(key: .p256()).create(challenge: Array(ceremony.challenge.dropLast()))
        #expect(ceremony.refusal { try ceremony.register(short) } == .wrongChallenge)
    }

    @Test func `another relying party, no touch and no verification where it is required are refused`() throws {
        #expect(try refusal { $0.relyingPartyId = "evil.com" } == .wrongRelyingParty)
        #expect(try refusal { $0.flags = SoftwareAuthenticator.userVerified } == .userNotPresent)
        #expect(try refusal { $0.flags = SoftwareAuthenticator.userPresent } == nil)
        var strict = ceremony
        strict.requiresUserVerification = true
        var authenticator = SoftwareAuthenticator(key: try .p256())
        authenticator.flags = SoftwareAuthenticator.userPresent
        #expect(ceremony.refusal { try strict.register(authenticator) } != nil)
        authenticator.flags |= SoftwareAuthenticator.userVerified
        let answer = try authenticator.create(challenge: strict.challenge)
        #expect(strict.refusal { try strict.register(answer) } == nil)
        // Backed up, and yet such that it cannot be.
        #expect(try refusal { $0.flags |= SoftwareAuthenticator.backedUp } == .malformed("authenticatorData"))
    }

    @Test func `keys of other algorithms, with parameters too many or numbers that are none are refused`() throws {
        let authenticator = SoftwareAuthenticator(key: try .p256())
        let (x, y) = (authenticator.coseKey.map?[-2] ?? .null, authenticator.coseKey.map?[-3] ?? .null)
        let rsa = SoftwareAuthenticator(key: .rs256(try .generateRSA())).coseKey.map
        let (n, e) = (rsa?[-1]?.bytes ?? [], rsa?[-2] ?? .null)
        let keys: [CBORValue] = [
            SoftwareAuthenticator.key(2, -35, [-1: 1, -2: x, -3: y]),
            SoftwareAuthenticator.key(2, -257, [-1: 1, -2: x, -3: y]),
            SoftwareAuthenticator.key(2, -8, [-1: 1, -2: x, -3: y]),
            SoftwareAuthenticator.key(3, -7, [-1: 1, -2: x, -3: y]),
            SoftwareAuthenticator.key(2, -7, [-1: 2, -2: x, -3: y]),
            SoftwareAuthenticator.key(2, -7, [-1: 1, -2: y, -3: x]),
            SoftwareAuthenticator.key(2, -7, [-1: 1, -2: x]),
            SoftwareAuthenticator.key(2, -7, [-1: 1, -2: x, -3: .bool(true)]),
            SoftwareAuthenticator.key(2, -7, [-1: 1, -2: x, -3: y, -4: .bytes([1])]),
            SoftwareAuthenticator.key(1, -8, [-1: 6, -2: .bytes([1, 2, 3])]),
            SoftwareAuthenticator.key(1, -8, [-1: 4, -2: x]),
            SoftwareAuthenticator.key(3, -257, [-1: .bytes(Array(n.prefix(128))), -2: e]),
            SoftwareAuthenticator.key(3, -257, [-1: .bytes(n + n + n), -2: e]),
            SoftwareAuthenticator.key(3, -257, [-1: .bytes(n), -2: .bytes([1, 0, 0, 0, 1])]),
            SoftwareAuthenticator.key(3, -65535, [-1: .bytes(n), -2: e]),
            .text("key"), .map(CBORMap()),
        ]
        for (number, key) in keys.enumerated() {
            let data = authenticator.authenticatorData(coseKey: key)
            let object = SoftwareAuthenticator.attestationObject("none", CBORMap(), data)
            #expect(
                ceremony.refusal { try ceremony.register(authenticator, object) } == .unsupportedKey, "\(number)")
        }
    }

    @Test func `an attestation says nothing, or is signed by the key it comes with`() throws {
        let authenticator = SoftwareAuthenticator(key: try .p256())
        let data = authenticator.authenticatorData(coseKey: authenticator.coseKey)
        let signed = data + Digest.sha256(authenticator.clientData("webauthn.create", ceremony.challenge))
        let signature = CBORValue.bytes(try authenticator.sign(signed))
        let foreign = CBORValue.bytes(try SoftwareAuthenticator(key: .p256()).sign(signed))
        func refusal(_ format: String, _ statement: [String: CBORValue]) -> WebAuthnRefusal? {
            var map = CBORMap()
            for (name, value) in statement { map[name] = value }
            let object = SoftwareAuthenticator.attestationObject(format, map, data)
            return ceremony.refusal { try ceremony.register(authenticator, object) }
        }
        #expect(refusal("none", [:]) == nil)
        #expect(refusal("packed", ["alg": -7, "sig": signature]) == nil)
        #expect(refusal("packed", ["alg": -7, "sig": foreign, "x5c": .array([.bytes([0x30])])]) == nil)
        for (format, statement) in [
            ("none", ["alg": -7]), ("packed", [:]), ("packed", ["alg": -7, "sig": foreign]),
            ("packed", ["alg": -257, "sig": signature]), ("packed", ["alg": -7, "sig": signature, "more": 1]),
            ("packed", ["alg": -7, "sig": .text("sig")]), ("packed", ["alg": -7, "sig": signature, "x5c": .array([])]),
            ("packed", ["alg": -7, "sig": signature, "x5c": .array([.text("certificate")])]),
            ("packed", ["alg": -7, "sig": .bytes([]), "x5c": .array([.bytes([0x30])])]),
            ("packed", ["alg": -7, "sig": signature, "x5c": .array([.bytes([0x30])]), "more": 1]),
        ] as [(String, [String: CBORValue])] {
            #expect(refusal(format, statement) == .wrongAttestation, "\(format) \(statement)")
        }
        for format in ["fido-u2f", "android-key", "tpm", "apple", "", "Packed"] {
            #expect(refusal(format, [:]) == .unsupportedAttestation(format))
        }
    }

    @Test func `what is cut, lengthened or not what it is called is refused`() throws {
        let authenticator = SoftwareAuthenticator(key: try .p256())
        let data = authenticator.authenticatorData(coseKey: authenticator.coseKey)
        let whole = SoftwareAuthenticator.attestationObject("none", CBORMap(), data)
        #expect(ceremony.refusal { try ceremony.register(authenticator, whole) } == nil)
        for length in 0..<whole.count {
            let cut = Array(whole[..<length])
            #expect(
                ceremony.refusal { try ceremony.register(authenticator, cut) } == .malformed("attestationObject"))
        }
        for changed in (0..<data.count).map({ Array(data[..<$0]) }) + [data + [0], authenticator.authenticatorData()] {
            let object = SoftwareAuthenticator.attestationObject("none", CBORMap(), changed)
            #expect(ceremony.refusal { try ceremony.register(authenticator, object) } != nil)
        }
        var announced = data
        announced[32] |= 0x80
        let object = SoftwareAuthenticator.attestationObject("none", CBORMap(), announced)
        #expect(
            ceremony.refusal { try ceremony.register(authenticator, object) } == .malformed("authenticatorData"))
        var impostor = authenticator
        impostor.id = [1]
        #expect(ceremony.refusal { try ceremony.register(impostor, whole) } == .malformed("rawId"))
        #expect(try refusal { $0.id = [] } == .malformed("rawId"))
        #expect(try refusal { $0.id = Array(repeating: 1, count: 1024) } == .malformed("authenticatorData"))
        #expect(try refusal { $0.id = Array(repeating: 1, count: 1023) } == nil)
    }

    @Test func `members that are missing or of another kind are named`() throws {
        let good = try #require(SoftwareAuthenticator(key: .p256()).create(challenge: ceremony.challenge).object)
        func refusal(_ change: (inout JSONObject) -> Void) -> WebAuthnRefusal? {
            var json = good
            change(&json)
            return ceremony.refusal { try ceremony.register(.object(json)) }
        }
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0["type"] = "password" } == .malformed("type"))
        #expect(refusal { $0["rawId"] = "not base 64" } == .malformed("rawId"))
        #expect(refusal { $0["id"] = "AAAA" } == .malformed("rawId"))
        #expect(refusal { $0["response"] = nil } == .malformed("response"))
        for name in ["clientDataJSON", "attestationObject"] {
            for value: JSONValue? in [nil, 7, "=", "AA==", .null] {
                let refused = refusal { json in
                    var response = json["response"]?.object ?? [:]
                    response[name] = value
                    json["response"] = .object(response)
                }
                #expect(refused == .malformed(name))
            }
        }
        for text in ["", "{}", "[]", "{\"type\":1}", "\u{feff}{}", String(repeating: "[", count: 1000)] {
            let refused = ceremony.refusal {
                try RegistrationResponse(credentialId: [1], clientDataJSON: Array(text.utf8), attestationObject: [])
                    .verify(challenge: ceremony.challenge, relyingParty: ceremony.relyingParty())
            }
            #expect(refused == .malformed("clientDataJSON"))
        }
        #expect(refusal { $0["authenticatorAttachment"] = "elsewhere" } == nil)
    }
}
