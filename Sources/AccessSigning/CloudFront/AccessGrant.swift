public import Bytes
internal import Crypto

/// What let a request in.
public struct AccessGrant: Sendable, Equatable {
    /// The two ways in which a grant travels.
    public enum Source: Sendable {
        /// Signed cookies.
        case cookies
        /// Signing parameters in the query: a signed URL.
        case query
    }

    /// What to count a viewer's requests by.
    ///
    /// The same for every request under one signed policy and key pair, on every loop of this process and until it ends; nothing
    /// a client can do short of having another policy signed changes it. A canned policy is one per URL. It tells nothing of
    /// the signature, so it may be logged.
    public let identity: Hash128
    /// How it came.
    public let source: Source

    init(identity: Hash128, source: Source) {
        self.identity = identity
        self.source = source
    }

    private static let hasher: SipHash128 = {
        let key = SecureRandom.bytes(16)
        return key.withUnsafeBytes {
            SipHash128(key: ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }()

    /// Of what was signed, not of the signature: an ECDSA signature can be turned into another good one by anybody.
    static func identity(keyPairId: [UInt8], message: [UInt8]) -> Hash128 {
        hasher.hash(keyPairId + [0] + message)
    }
}
