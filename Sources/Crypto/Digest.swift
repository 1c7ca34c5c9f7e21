internal import COpenSSL

/// The hash functions the wire formats ask for.
public enum DigestAlgorithm: Sendable, Hashable, CaseIterable {
    /// RFC 1321; only as a checksum (S3's ETag and Content-MD5).
    case md5
    /// FIPS 180-4; CloudFront's default signature hash.
    case sha1
    /// FIPS 180-4.
    case sha256

    /// The length of a digest in bytes.
    public var byteCount: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha256: 32
        }
    }

    /// The fetched implementation, so that no call pays for a provider look-up.
    var implementation: OpaquePointer {
        switch self {
        case .md5: FetchedDigests.md5.pointer
        case .sha1: FetchedDigests.sha1.pointer
        case .sha256: FetchedDigests.sha256.pointer
        }
    }
}

/// One fetched `EVP_MD`, kept for the life of the process.
private struct FetchedDigest: @unchecked Sendable {
    // Sendable because a fetched EVP_MD is immutable and reference counted atomically.
    let pointer: OpaquePointer

    init(_ name: String) {
        guard let fetched = EVP_MD_fetch(nil, name, nil) else {
            fatalError("OpenSSL has no \(name): \(CryptoError.fromQueue("fetch \(name)"))")
        }
        pointer = fetched
    }
}

private enum FetchedDigests {
    static let md5 = FetchedDigest("MD5")
    static let sha1 = FetchedDigest("SHA1")
    static let sha256 = FetchedDigest("SHA256")
}

/// One-shot digests.
public enum Digest {
    /// The digest of `bytes` under `algorithm`.
    public static func hash(_ bytes: UnsafeRawBufferPointer, _ algorithm: DigestAlgorithm) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { output, count in
            count = hash(bytes, algorithm, into: output)
        }
    }

    /// The digest of `bytes` under `algorithm`.
    public static func hash(_ bytes: [UInt8], _ algorithm: DigestAlgorithm) -> [UInt8] {
        bytes.withUnsafeBytes { hash($0, algorithm) }
    }

    /// The MD5 digest, 16 bytes.
    public static func md5(_ bytes: [UInt8]) -> [UInt8] { hash(bytes, .md5) }
    /// The MD5 digest, 16 bytes.
    public static func md5(_ bytes: UnsafeRawBufferPointer) -> [UInt8] { hash(bytes, .md5) }
    /// The SHA-1 digest, 20 bytes.
    public static func sha1(_ bytes: [UInt8]) -> [UInt8] { hash(bytes, .sha1) }
    /// The SHA-1 digest, 20 bytes.
    public static func sha1(_ bytes: UnsafeRawBufferPointer) -> [UInt8] { hash(bytes, .sha1) }
    /// The SHA-256 digest, 32 bytes.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] { hash(bytes, .sha256) }
    /// The SHA-256 digest, 32 bytes.
    public static func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] { hash(bytes, .sha256) }

    /// Writes the digest to `output`, which holds at least `EVP_MAX_MD_SIZE` bytes, and returns its length.
    static func hash(
        _ bytes: UnsafeRawBufferPointer, _ algorithm: DigestAlgorithm, into output: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        var length: UInt32 = 0
        let done = EVP_Digest(
            bytes.baseAddress, bytes.count, output.baseAddress, &length, algorithm.implementation, nil)
        guard done == 1 else { fatalError("\(CryptoError.fromQueue("hash with \(algorithm)"))") }
        return Int(length)
    }
}

/// A digest of bytes that arrive in pieces, such as an upload's body.
///
/// Not thread-safe: one task or loop feeds it.
public final class StreamingDigest {
    /// The hash function in use.
    public let algorithm: DigestAlgorithm
    private let context: OpaquePointer

    /// Starts a digest.
    public init(_ algorithm: DigestAlgorithm) {
        guard let context = EVP_MD_CTX_new() else { fatalError("out of memory for a digest") }
        self.algorithm = algorithm
        self.context = context
        start()
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Adds bytes.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        let done = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        guard done == 1 else { fatalError("\(CryptoError.fromQueue("continue a \(algorithm) digest"))") }
    }

    /// Adds bytes.
    public func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of everything added since the start or the last `finish`; the object then starts afresh.
    public func finish() -> [UInt8] {
        let digest = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { output, count in
            var length: UInt32 = 0
            let done = EVP_DigestFinal_ex(context, output.baseAddress, &length)
            guard done == 1 else { fatalError("\(CryptoError.fromQueue("finish a \(algorithm) digest"))") }
            count = Int(length)
        }
        start()
        return digest
    }

    private func start() {
        let started = EVP_DigestInit_ex2(context, algorithm.implementation, nil)
        guard started == 1 else { fatalError("\(CryptoError.fromQueue("start a \(algorithm) digest"))") }
    }
}
