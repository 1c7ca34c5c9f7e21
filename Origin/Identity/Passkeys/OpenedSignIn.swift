internal import Bytes
internal import Crypto

/// A sign-in of which nothing is proven yet, kept by the client under a seal, so that beginning one writes nothing and is the same for
/// names that nobody has.
struct OpenedSignIn: Sendable, Equatable {
    private static let challengeBytes = 32

    /// What a passkey signs; good for one answer.
    let challenge: [UInt8]
    /// Epoch milliseconds.
    let expiresAt: Int64

    init(expiresAt: Int64) {
        challenge = SecureRandom.bytes(Self.challengeBytes)
        self.expiresAt = expiresAt
    }

    fileprivate var bytes: [UInt8] { challenge + withUnsafeBytes(of: expiresAt.bigEndian) { Array($0) } }

    fileprivate init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.challengeBytes + MemoryLayout<Int64>.size else { return nil }
        challenge = Array(bytes.prefix(Self.challengeBytes))
        expiresAt = bytes.dropFirst(Self.challengeBytes).reduce(0) { $0 << 8 | Int64($1) }
    }
}

extension SecretSealer {
    /// The `Session` of a sign-in that has been opened, good for that client and that name.
    func seal(_ opened: OpenedSignIn, client: String, usernameKey: String) throws(CryptoError) -> String {
        let sealed = try seal(opened.bytes, owner: signIn(client, usernameKey), field: .openedSignIn)
        return Base64.encode(sealed, alphabet: .url)
    }

    /// Opens what was sealed for that client and that name; nil for everything else.
    func openedSignIn(_ session: String, client: String, usernameKey: String) -> OpenedSignIn? {
        guard let sealed = Base64.decode(session, alphabet: .url),
            let bytes = try? open(sealed, owner: signIn(client, usernameKey), field: .openedSignIn)
        else { return nil }
        return OpenedSignIn(bytes)
    }
}
