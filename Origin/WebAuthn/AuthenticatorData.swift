internal import CBOR
internal import Crypto

/// What an authenticator says and signs (WebAuthn §6.1): 37 bytes, then a new key, then extensions.
struct AuthenticatorData: Sendable, Equatable {
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8
        static let userPresent = Flags(rawValue: 1 << 0)
        static let userVerified = Flags(rawValue: 1 << 2)
        static let backupEligible = Flags(rawValue: 1 << 3)
        static let backedUp = Flags(rawValue: 1 << 4)
        static let attestedCredential = Flags(rawValue: 1 << 6)
        static let extensions = Flags(rawValue: 1 << 7)
    }

    /// A key that has just been made (§6.5.2).
    struct AttestedCredential: Sendable, Equatable {
        static let longestId = 1023
        /// The model of the authenticator; zeros where it does not say.
        let modelId: [UInt8]
        let id: [UInt8]
        let publicKey: CBORValue
    }

    let relyingPartyIdHash: [UInt8]
    let flags: Flags
    let signatureCount: UInt32
    let credential: AttestedCredential?

    /// Reads all of `bytes`: what the flags announce is there, and nothing else.
    init(_ bytes: [UInt8]) throws(WebAuthnRefusal) {
        var rest = bytes[...]
        relyingPartyIdHash = Array(try Self.take(32, from: &rest))
        let flags = Flags(rawValue: try Self.take(1, from: &rest).first ?? 0)
        self.flags = flags
        signatureCount = try Self.take(4, from: &rest).reduce(0) { $0 << 8 | UInt32($1) }
        credential = flags.contains(.attestedCredential) ? try Self.attestedCredential(from: &rest) : nil
        if flags.contains(.extensions) {
            guard try Self.value(from: &rest).map != nil else { throw Self.malformed }
        }
        guard rest.isEmpty else { throw Self.malformed }
        // A key that can have no copy has none.
        guard flags.contains(.backupEligible) || !flags.contains(.backedUp) else { throw Self.malformed }
    }

    /// Steps 13 to 17 of WebAuthn §7.1, 16 to 20 of §7.2.
    func check(_ relyingParty: RelyingParty) throws(WebAuthnRefusal) {
        guard constantTimeEqual(relyingPartyIdHash, Digest.sha256(Array(relyingParty.id.utf8))) else {
            throw .wrongRelyingParty
        }
        guard flags.contains(.userPresent) else { throw .userNotPresent }
        guard flags.contains(.userVerified) || !relyingParty.requiresUserVerification else { throw .userNotVerified }
    }

    private static let malformed = WebAuthnRefusal.malformed("authenticatorData")

    private static func attestedCredential(
        from rest: inout ArraySlice<UInt8>
    ) throws(WebAuthnRefusal) -> AttestedCredential {
        let modelId = Array(try take(16, from: &rest))
        let length = try take(2, from: &rest).reduce(0) { $0 << 8 | Int($1) }
        guard (1...AttestedCredential.longestId).contains(length) else { throw malformed }
        let id = Array(try take(length, from: &rest))
        return AttestedCredential(modelId: modelId, id: id, publicKey: try value(from: &rest))
    }

    private static func value(from rest: inout ArraySlice<UInt8>) throws(WebAuthnRefusal) -> CBORValue {
        guard let (value, count) = try? CBORValue.parseFirst(rest) else { throw malformed }
        rest = rest.dropFirst(count)
        return value
    }

    private static func take(
        _ count: Int, from rest: inout ArraySlice<UInt8>
    ) throws(WebAuthnRefusal) -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw malformed }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
