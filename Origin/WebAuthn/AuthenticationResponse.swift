internal import Crypto
public import JSON

/// What a browser answers when a passkey has signed a challenge.
public struct AuthenticationResponse: Sendable {
    /// The passkey that claims to have signed.
    public let credentialId: [UInt8]
    private let clientDataJSON: [UInt8]
    private let authenticatorData: [UInt8]
    private let signature: [UInt8]
    private let userHandle: [UInt8]?

    /// Reads an `AuthenticationResponseJSON`.
    public init(_ json: JSONValue) throws(WebAuthnRefusal) {
        let credential = try CredentialJSON(json)
        self.init(
            credentialId: credential.id, clientDataJSON: try credential.bytes("clientDataJSON"),
            authenticatorData: try credential.bytes("authenticatorData"),
            signature: try credential.bytes("signature"), userHandle: try credential.optionalBytes("userHandle"))
    }

    /// The same from its bytes.
    public init(
        credentialId: [UInt8], clientDataJSON: [UInt8], authenticatorData: [UInt8], signature: [UInt8],
        userHandle: [UInt8]?
    ) {
        self.credentialId = credentialId
        self.clientDataJSON = clientDataJSON
        self.authenticatorData = authenticatorData
        self.signature = signature
        self.userHandle = userHandle
    }

    /// What the sign-in proves, if `passkey` signed `challenge` for `relyingParty` (WebAuthn §7.2).
    ///
    /// The caller has found the passkey by `credentialId` among those of the person, and stores the new count.
    public func verify(
        challenge: [UInt8], relyingParty: RelyingParty, passkey: StoredPasskey
    ) throws(WebAuthnRefusal) -> PasskeyAssertion {
        guard userHandle == nil || userHandle == passkey.userHandle else { throw .wrongUser }
        try CollectedClientData(clientDataJSON).check(.get, challenge: challenge, relyingParty)
        let data = try AuthenticatorData(authenticatorData)
        try data.check(relyingParty)
        guard data.credential == nil, data.flags.contains(.backupEligible) == passkey.isBackupEligible else {
            throw .malformed("authenticatorData")
        }
        let key = try CredentialKey(cose: passkey.key)
        guard key.verify(signature: signature, message: authenticatorData + Digest.sha256(clientDataJSON)) else {
            throw .wrongSignature
        }
        // Only what is signed is compared, so that nobody but a holder of the key is taken for a copy of it.
        let doesNotCount = data.signatureCount == 0 && passkey.signatureCount == 0
        guard doesNotCount || data.signatureCount > passkey.signatureCount else { throw .counterDidNotRise }
        return PasskeyAssertion(
            signatureCount: data.signatureCount, isUserVerified: data.flags.contains(.userVerified))
    }
}

/// A passkey as it is stored.
public struct StoredPasskey: Sendable {
    fileprivate let key: [UInt8]
    fileprivate let signatureCount: UInt32
    fileprivate let isBackupEligible: Bool
    fileprivate let userHandle: [UInt8]

    /// A passkey; `userHandle` is the `user.id` it was made for.
    public init(key: [UInt8], signatureCount: UInt32, isBackupEligible: Bool, userHandle: [UInt8]) {
        self.key = key
        self.signatureCount = signatureCount
        self.isBackupEligible = isBackupEligible
        self.userHandle = userHandle
    }
}

/// What a passkey's signature proves.
public struct PasskeyAssertion: Sendable, Equatable {
    /// The authenticator's count, to be stored.
    public let signatureCount: UInt32
    /// Whether the authenticator made sure whom it served.
    public let isUserVerified: Bool
}
