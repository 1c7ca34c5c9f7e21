internal import COpenSSL

/// Certificates and keys from PEM text.
///
/// Every pointer returned is the caller's to free.
enum PEM {
    /// All certificates in order; throws when there is none or one is broken.
    static func certificates(_ bytes: [UInt8], named name: String) throws(TLSError) -> [OpaquePointer] {
        var certificates: [OpaquePointer] = []
        var failure: TLSError?
        try read(bytes) { source in
            while let certificate = PEM_read_bio_X509(source, nil, { _, _, _, _ in -1 }, nil) {
                certificates.append(certificate)
            }
            if certificates.isEmpty || weir_ssl_pem_ended(ERR_peek_last_error()) == 0 {
                failure = .drained("read a certificate from \(name)")
            }
        }
        ERR_clear_error()
        guard let failure else { return certificates }
        for certificate in certificates { X509_free(certificate) }
        throw failure
    }

    /// The first private key; encrypted keys are refused rather than asked about on a terminal.
    static func privateKey(_ bytes: [UInt8], named name: String) throws(TLSError) -> OpaquePointer {
        var key: OpaquePointer?
        try read(bytes) { key = PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil) }
        guard let key else { throw .drained("read a private key without password from \(name)") }
        return key
    }

    private static func read(_ bytes: [UInt8], _ body: (OpaquePointer) -> Void) throws(TLSError) {
        ERR_clear_error()
        let isRead = bytes.withUnsafeBytes { raw in
            guard let source = BIO_new_mem_buf(raw.baseAddress, Int32(clamping: raw.count)) else { return false }
            defer { BIO_free(source) }
            body(source)
            return true
        }
        guard isRead else { throw .drained("read PEM text") }
    }
}
