import CBOR
import WebAuthn

/// What a passkey's key is read from is written the same; and nobody gets in without the key.
///
/// The first byte says how many bytes are the credential's id; a line is the client's data, the rest what the authenticator made.
func fuzzPasskeys(_ bytes: UnsafeRawBufferPointer) {
    guard let idLength = bytes.first.map(Int.init), let relyingParty else { return }
    let rest = Array(bytes.dropFirst())
    let (id, parts) = (Array(rest.prefix(idLength)), rest.dropFirst(idLength).split(separator: 0x0a, maxSplits: 1))
    guard parts.count == 2 else { return }
    let (clientData, made) = (Array(parts[0]), Array(parts[1]))
    let registration = RegistrationResponse(
        credentialId: id, clientDataJSON: clientData, attestationObject: made)
    if let passkey = try? registration.verify(challenge: challenge, relyingParty: relyingParty) {
        require(passkey.id == id && (1...1023).contains(id.count), "a passkey under another id")
        require((try? CredentialKey(cose: passkey.key))?.cose == passkey.key, "the key reads back differently")
    }
    if let key = try? CredentialKey(cose: made) {
        require(!key.verify(signature: id, message: clientData), "a signature without the key")
    }
    let answer = AuthenticationResponse(
        credentialId: id, clientDataJSON: clientData, authenticatorData: made, signature: id, userHandle: nil)
    let stored = StoredPasskey(key: publicKey, signatureCount: 0, isBackupEligible: false, userHandle: [])
    require(
        (try? answer.verify(challenge: challenge, relyingParty: relyingParty, passkey: stored)) == nil,
        "somebody came in without the key")
}

private let challenge = [UInt8](repeating: 0, count: 16)
private let relyingParty = try? RelyingParty(site: "http://localhost")
/// The key of RFC 8032 §7.1, test 1, whose private half the input would have to find.
private let publicKey: [UInt8] =
    [0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20, 0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7]
    + [0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25]
    + [0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a]
