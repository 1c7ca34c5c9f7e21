internal import Bytes
internal import Crypto

/// What an application shows first of the secret that it redeems the code with (PKCE, RFC 7636), by `S256` alone.
public struct CodeChallenge: Sendable, Equatable {
    /// As it was sent: 43 characters.
    public let text: String

    /// Reads a challenge; nil if it is no SHA-256 in base64url without padding.
    public init?(_ text: String) {
        guard text.utf8.count == 43, Base64.decode(text.utf8, alphabet: .url)?.count == 32 else { return nil }
        self.text = text
    }

    /// Whether `verifier` is the secret: 43 to 128 unreserved characters with this hash.
    public func isMet(by verifier: String) -> Bool {
        guard (43...128).contains(verifier.utf8.count), verifier.utf8.allSatisfy(Self.isUnreserved) else {
            return false
        }
        return constantTimeEqual(Base64.encode(Digest.sha256(Array(verifier.utf8)), alphabet: .url), text)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || "-._~".utf8.contains(byte)
    }
}
