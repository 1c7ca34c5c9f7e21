/// Why a registration or a sign-in with a passkey is refused.
public enum WebAuthnRefusal: Error, Sendable, Equatable {
    /// What was sent is not what a browser sends; the text names the member or structure.
    case malformed(String)
    /// The data was collected for the other ceremony.
    case wrongType
    /// It answers another challenge.
    case wrongChallenge
    /// A page of this origin may not use the relying party's passkeys.
    case wrongOrigin(String)
    /// The page was shown in a frame of another origin.
    case crossOrigin
    /// The authenticator answered for another relying party.
    case wrongRelyingParty
    /// Nobody touched the authenticator.
    case userNotPresent
    /// The authenticator did not make sure who touched it, and that is required.
    case userNotVerified
    /// The key is of an algorithm that was not asked for, or not a valid key of its algorithm.
    case unsupportedKey
    /// The attestation is of a format that was not asked for.
    case unsupportedAttestation(String)
    /// The attestation does not fit its format, or is not signed by the key it comes with.
    case wrongAttestation
    /// The signature is not the passkey's.
    case wrongSignature
    /// The passkey belongs to somebody else.
    case wrongUser
    /// The signature counter did not go up: two authenticators may hold the key.
    case counterDidNotRise
}
