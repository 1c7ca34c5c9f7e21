internal import WebAuthn

extension CognitoError {
    static let passkeysNotEnabled = CognitoError(
        "WebAuthnNotEnabledException", "Passkeys are not enabled for this user pool.")
    static let noRelyingParty = CognitoError(
        "WebAuthnConfigurationMissingException",
        "There are no passkeys for an address, nor without https: the site needs a host name, or localhost.")
    static let noPasskeyChallenge = CognitoError(
        "WebAuthnChallengeNotFoundException", "No registration that this could complete has begun, or it has expired.")
    static let foreignPasskeyChallenge = CognitoError(
        "WebAuthnClientMismatchException", "The registration was begun with another app client.")
    static let passkeyTaken = unsupportedPasskey("The passkey is registered already.")
    static let passkeyNotFound = notFound("The passkey does not exist.")
    static let tooManyPasskeys = CognitoError(
        "LimitExceededException", "An account may have \(PasskeySettings.perAccount) passkeys.")

    private static func unsupportedPasskey(_ message: String) -> CognitoError {
        CognitoError("WebAuthnCredentialNotSupportedException", message)
    }

    /// What is said of a registration that is refused.
    init(refusing refusal: WebAuthnRefusal) {
        self =
            switch refusal {
            case .malformed(let name): .invalidParameter("Value at 'Credential' is malformed: \(name)")
            case .wrongChallenge: .noPasskeyChallenge
            case .wrongOrigin(let origin):
                CognitoError("WebAuthnOriginNotAllowedException", "Passkeys are not made for pages of \(origin).")
            case .crossOrigin:
                CognitoError("WebAuthnOriginNotAllowedException", "Passkeys are not made for pages in a frame.")
            case .wrongRelyingParty:
                CognitoError(
                    "WebAuthnRelyingPartyMismatchException", "The passkey was made for another relying party.")
            case .userNotPresent, .userNotVerified:
                .unsupportedPasskey("The authenticator did not make sure whom it served.")
            case .unsupportedKey: .unsupportedPasskey("The passkey's algorithm is not one that was asked for.")
            case .unsupportedAttestation, .wrongAttestation:
                .unsupportedPasskey("The passkey's attestation is not one that was asked for.")
            case .wrongType, .wrongSignature, .wrongUser, .counterDidNotRise:
                .invalidParameter("Value at 'Credential' is not of a registration")
            }
    }
}
