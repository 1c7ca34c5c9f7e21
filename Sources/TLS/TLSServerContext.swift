internal import COpenSSL

/// What a listener presents: a certificate chain, its key and the protocols it speaks.
///
/// Immutable; share it between loops.
///
/// Resumption works by session tickets whose keys live as long as the context. TLS 1.3 early data is off.
public final class TLSServerContext: Sendable {
    private let handle: ContextHandle
    private let protocols: ProtocolList

    /// Reads the chain (the server's own certificate first) and the key from PEM text.
    ///
    /// `protocols` are ALPN names in order of preference; a client that offers only others is refused, one that offers none is
    /// served.
    public convenience init(
        certificatePEM: [UInt8], keyPEM: [UInt8], protocols: [String] = ["h2", "http/1.1"],
        versions: ClosedRange<TLSVersion> = .tls12 ... .tls13
    ) throws(TLSError) {
        let certificate = PEMSource(bytes: certificatePEM, name: "the certificate PEM")
        let key = PEMSource(bytes: keyPEM, name: "the key PEM")
        try self.init(certificate: certificate, key: key, protocols: protocols, versions: versions)
    }

    /// Reads the chain and the key from PEM text.
    public convenience init(
        certificatePEM: String, keyPEM: String, protocols: [String] = ["h2", "http/1.1"],
        versions: ClosedRange<TLSVersion> = .tls12 ... .tls13
    ) throws(TLSError) {
        try self.init(
            certificatePEM: Array(certificatePEM.utf8), keyPEM: Array(keyPEM.utf8), protocols: protocols,
            versions: versions)
    }

    /// Reads the chain and the key from files; blocks for the disk.
    public convenience init(
        certificateFile: String, keyFile: String, protocols: [String] = ["h2", "http/1.1"],
        versions: ClosedRange<TLSVersion> = .tls12 ... .tls13
    ) throws(TLSError) {
        let certificate = PEMSource(bytes: try FileBytes.read(certificateFile), name: certificateFile)
        let key = PEMSource(bytes: try FileBytes.read(keyFile), name: keyFile)
        try self.init(certificate: certificate, key: key, protocols: protocols, versions: versions)
    }

    private struct PEMSource {
        var bytes: [UInt8]
        var name: String
    }

    private init(
        certificate: PEMSource, key: PEMSource, protocols: [String], versions: ClosedRange<TLSVersion>
    ) throws(TLSError) {
        handle = try ContextHandle(TLS_server_method(), versions: versions)
        self.protocols = ProtocolList(ApplicationProtocols.wire(protocols))
        weir_ssl_set_server_options(handle.pointer)
        try use(certificate)
        try use(key: key, for: certificate)
        SSL_CTX_set_alpn_select_cb(
            handle.pointer,
            { _, output, outputCount, input, inputCount, list in
                guard let list else { return SSL_TLSEXT_ERR_NOACK }
                let own = Unmanaged<ProtocolList>.fromOpaque(list).takeUnretainedValue()
                var selected: UnsafeMutablePointer<UInt8>?
                let result = SSL_select_next_proto(&selected, outputCount, own.wire, own.count, input, inputCount)
                guard result == OPENSSL_NPN_NEGOTIATED else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                output?.pointee = UnsafePointer(selected)
                return SSL_TLSEXT_ERR_OK
            }, self.protocols.pointer)
    }

    private func use(_ source: PEMSource) throws(TLSError) {
        let certificates = try PEM.certificates(source.bytes, named: source.name)
        defer { X509_free(certificates[0]) }
        var isUsed = SSL_CTX_use_certificate(handle.pointer, certificates[0]) == 1
        for certificate in certificates.dropFirst() {
            // A certificate that is added belongs to the context.
            if isUsed && weir_ssl_add_chain_certificate(handle.pointer, certificate) != 0 { continue }
            isUsed = false
            X509_free(certificate)
        }
        guard isUsed else { throw .drained("use \(source.name)") }
    }

    private func use(key source: PEMSource, for certificate: PEMSource) throws(TLSError) {
        let key = try PEM.privateKey(source.bytes, named: source.name)
        defer { EVP_PKEY_free(key) }
        guard SSL_CTX_use_PrivateKey(handle.pointer, key) == 1, SSL_CTX_check_private_key(handle.pointer) == 1 else {
            throw .drained("use \(source.name) as the key of \(certificate.name)")
        }
    }

    /// Makes the server's side of a connection.
    ///
    /// The descriptor stays the caller's and must outlive the session. `output` is shared by the sessions of a loop.
    public func makeSession(
        descriptor: Int32, output: TLSOutput = TLSOutput()
    ) throws(TLSError) -> TLSSession {
        guard let session = SSL_new(handle.pointer) else { throw .drained("create a TLS session") }
        SSL_set_accept_state(session)
        return try TLSSession(taking: session, descriptor: descriptor, output: output, context: self)
    }
}

/// The bytes that OpenSSL's callback points into; they must not move while a handshake runs.
private final class ProtocolList: Sendable {
    // Unsafe only in name: written once in init, freed in deinit.
    nonisolated(unsafe) let wire: UnsafeMutablePointer<UInt8>
    let count: UInt32

    init(_ bytes: [UInt8]) {
        wire = .allocate(capacity: max(bytes.count, 1))
        wire.initialize(from: bytes, count: bytes.count)
        count = UInt32(bytes.count)
    }

    deinit {
        wire.deallocate()
    }

    var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }
}
