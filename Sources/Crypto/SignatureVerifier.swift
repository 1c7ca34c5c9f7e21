internal import COpenSSL

/// Verifies many signatures of one key with one OpenSSL context.
///
/// Confined to one thread or loop. Beyond OpenSSL's own arithmetic nothing is fetched or allocated per call.
public final class SignatureVerifier {
    /// The key.
    public let key: PublicKey
    /// The digest the signatures are over; bound here, not chosen per request.
    public let digest: DigestAlgorithm
    private let context: OpaquePointer

    /// A verifier for `key`.
    public init(key: PublicKey, digest: DigestAlgorithm) {
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, key.pointer, nil) else {
            fatalError("\(CryptoError.fromQueue("prepare a signature check"))")
        }
        self.key = key
        self.digest = digest
        self.context = context
        let ready =
            EVP_PKEY_verify_init(context) == 1
            && (key.kind != .rsa || EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1)
            && EVP_PKEY_CTX_set_signature_md(context, digest.implementation) == 1
        guard ready else { fatalError("\(CryptoError.fromQueue("prepare a signature check"))") }
    }

    deinit {
        EVP_PKEY_CTX_free(context)
    }

    /// Whether `signature` is the key's over `message`.
    public func verify(signature: UnsafeRawBufferPointer, message: UnsafeRawBufferPointer) -> Bool {
        guard let signatureStart = signature.assumingMemoryBound(to: UInt8.self).baseAddress else { return false }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(EVP_MAX_MD_SIZE)) { hash in
            let hashBytes = Digest.hash(message, digest, into: hash)
            let matches = EVP_PKEY_verify(context, signatureStart, signature.count, hash.baseAddress, hashBytes) == 1
            if !matches { ERR_clear_error() }
            return matches
        }
    }
}
