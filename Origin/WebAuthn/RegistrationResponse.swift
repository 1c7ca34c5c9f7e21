internal import Crypto
public import JSON

/// What a browser answers when it has made a passkey.
public struct RegistrationResponse: Sendable {
    private let credentialId: [UInt8]
    private let clientDataJSON: [UInt8]
    private let attestationObject: [UInt8]
    private let transports: [String]
    private let attachment: String?

    /// Reads a `RegistrationResponseJSON`; what it repeats of the attestation for convenience is not looked at.
    public init(_ json: JSONValue) throws(WebAuthnRefusal) {
        let credential = try CredentialJSON(json)
        credentialId = credential.id
        clientDataJSON = try credential.bytes("clientDataJSON")
        attestationObject = try credential.bytes("attestationObject")
        transports = credential.transports
        attachment = credential.attachment
    }

    /// The same from its bytes.
    public init(credentialId: [UInt8], clientDataJSON: [UInt8], attestationObject: [UInt8]) {
        self.credentialId = credentialId
        self.clientDataJSON = clientDataJSON
        self.attestationObject = attestationObject
        transports = []
        attachment = nil
    }

    /// The passkey, if this answers `challenge` for `relyingParty` (WebAuthn §7.1).
    ///
    /// That nobody has it yet is the caller's to see.
    public func verify(
        challenge: [UInt8], relyingParty: RelyingParty
    ) throws(WebAuthnRefusal) -> RegisteredPasskey {
        try CollectedClientData(clientDataJSON).check(.create, challenge: challenge, relyingParty)
        let attestation = try AttestationObject(attestationObject)
        let data = try AuthenticatorData(attestation.authenticatorData)
        try data.check(relyingParty)
        guard let credential = data.credential, credential.id == credentialId else { throw .malformed("rawId") }
        let key = try CredentialKey(credential.publicKey)
        try attestation.check(key, clientDataHash: Digest.sha256(clientDataJSON))
        return RegisteredPasskey(
            id: credential.id, key: key.cose, signatureCount: data.signatureCount,
            isBackupEligible: data.flags.contains(.backupEligible), transports: transports, attachment: attachment)
    }
}

/// What is kept of a passkey.
public struct RegisteredPasskey: Sendable, Equatable {
    /// What the authenticator finds it by; 1 to 1,023 bytes.
    public let id: [UInt8]
    /// The public key, as `CredentialKey` reads it.
    public let key: [UInt8]
    /// The authenticator's count of signatures; 0 where it does not count.
    public let signatureCount: UInt32
    /// Whether it may be copied to other devices of its owner; it stays what it was at first.
    public let isBackupEligible: Bool
    /// How the browser reaches the authenticator, such as `internal` or `usb`.
    public let transports: [String]
    /// `platform` or `cross-platform`; nil where the browser did not say.
    public let attachment: String?
}
