internal import Bytes
public import JSON

/// What a page gives to `navigator.credentials`, as JSON (WebAuthn Level 3 §5.1.9, §5.1.10).
public struct CeremonyOptions: Sendable {
    private let relyingParty: RelyingParty
    private let challenge: [UInt8]
    private let timeoutMilliseconds: Int64

    /// Options for one challenge.
    public init(relyingParty: RelyingParty, challenge: [UInt8], timeoutMilliseconds: Int64) {
        self.relyingParty = relyingParty
        self.challenge = challenge
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    /// For `create`: a passkey that the authenticator finds by itself, of an algorithm that is verified here, without attestation.
    ///
    /// - Parameter existing: what the person has already, for no authenticator should hold two.
    public func creation(
        userHandle: [UInt8], name: String, displayName: String, existing: [(id: [UInt8], transports: [String])]
    ) -> JSONValue {
        let algorithms = CredentialKey.Algorithm.allCases.map { algorithm -> JSONValue in
            ["type": "public-key", "alg": .integer(algorithm.rawValue)]
        }
        let excluded = existing.map { credential -> JSONValue in
            [
                "type": "public-key", "id": Self.text(credential.id),
                "transports": .array(credential.transports.map { .string($0) }),
            ]
        }
        return [
            "rp": ["id": .string(relyingParty.id), "name": .string(relyingParty.id)],
            "user": ["id": Self.text(userHandle), "name": .string(name), "displayName": .string(displayName)],
            "challenge": Self.text(challenge), "timeout": .integer(timeoutMilliseconds),
            "pubKeyCredParams": .array(algorithms), "excludeCredentials": .array(excluded),
            "authenticatorSelection": [
                "residentKey": "required", "requireResidentKey": true, "userVerification": userVerification,
            ],
            "attestation": "none",
        ]
    }

    /// For `get`: any passkey of the relying party, so that the options tell nothing of any account.
    public var request: JSONValue {
        [
            "challenge": Self.text(challenge), "timeout": .integer(timeoutMilliseconds),
            "rpId": .string(relyingParty.id), "allowCredentials": [], "userVerification": userVerification,
        ]
    }

    private var userVerification: JSONValue {
        relyingParty.requiresUserVerification ? "required" : "preferred"
    }

    private static func text(_ bytes: [UInt8]) -> JSONValue { .string(Base64.encode(bytes, alphabet: .url)) }
}
