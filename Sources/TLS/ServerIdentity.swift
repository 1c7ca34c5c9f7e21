internal import COpenSSL
internal import Glibc

/// One certificate of a server, ready to be presented: an `SSL_CTX` of its own.
///
/// OpenSSL's callbacks point at it, so it lives as long as any session of its context.
final class ServerIdentity: Sendable {
    let context: ContextHandle
    let facts: TLSCertificateFacts
    private let staple: OCSPStaple?
    private let tickets: TLSTicketKeys
    private let protocols: ProtocolList

    init(
        _ certificate: TLSCertificate, protocols: ProtocolList, versions: ClosedRange<TLSVersion>,
        tickets: TLSTicketKeys
    ) throws(TLSError) {
        context = try ContextHandle(TLS_server_method(), versions: versions)
        self.protocols = protocols
        self.tickets = tickets
        weir_ssl_set_server_options(context.pointer)
        let chain = try PEM.certificates(certificate.chain.bytes, named: certificate.chain.name)
        defer {
            for certificate in chain { X509_free(certificate) }
        }
        try Self.use(chain, of: certificate, in: context.pointer)
        staple = try certificate.ocspResponse.map { source throws(TLSError) in
            try OCSPStaple(source, certificate: chain[0], issuer: chain.dropFirst().first)
        }
        facts = TLSCertificateFacts(
            names: Self.names(of: chain[0]), expiresAt: weir_asn1_seconds(X509_get0_notAfter(chain[0])),
            responseExpiresAt: staple?.expiresAt, source: certificate.chain.name)
        guard tickets.install(in: context.pointer) else { throw .drained("set the keys of session tickets") }
        protocols.install(in: context.pointer)
        weir_ssl_on_status_request(
            context.pointer,
            { session, identity in
                guard let session, let identity else { return SSL_TLSEXT_ERR_NOACK }
                return Unmanaged<ServerIdentity>.fromOpaque(identity).takeUnretainedValue().staple(to: session)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private static func use(
        _ chain: [OpaquePointer], of certificate: TLSCertificate, in context: OpaquePointer
    ) throws(TLSError) {
        var isUsed = SSL_CTX_use_certificate(context, chain[0]) == 1
        for link in chain.dropFirst() where isUsed { isUsed = weir_ssl_add_chain_certificate(context, link) != 0 }
        guard isUsed else { throw .drained("use \(certificate.chain.name)") }
        let key = try PEM.privateKey(certificate.key.bytes, named: certificate.key.name)
        defer { EVP_PKEY_free(key) }
        guard SSL_CTX_use_PrivateKey(context, key) == 1, SSL_CTX_check_private_key(context) == 1 else {
            throw .drained("use \(certificate.key.name) as the key of \(certificate.chain.name)")
        }
    }

    private static func names(of certificate: OpaquePointer) -> [String] {
        var names: [String] = []
        withUnsafeMutablePointer(to: &names) { names in
            weir_x509_dns_names(
                certificate,
                { names, bytes, count in
                    let name = UnsafeBufferPointer(start: bytes, count: Int(count))
                    names?.assumingMemoryBound(to: [String].self).pointee
                        .append(String(decoding: name, as: UTF8.self).lowercased())
                }, names)
        }
        return names
    }

    private func staple(to session: OpaquePointer) -> Int32 {
        guard let staple, staple.expiresAt > Int64(time(nil)),
            weir_ssl_staple(session, staple.der, staple.der.count) == 1
        else { return SSL_TLSEXT_ERR_NOACK }
        return SSL_TLSEXT_ERR_OK
    }
}

/// The ALPN names of a server in order of preference, where OpenSSL's callback finds them; they must not move.
final class ProtocolList: Sendable {
    // Unsafe only in name: written once in init, freed in deinit.
    nonisolated(unsafe) private let wire: UnsafeMutablePointer<UInt8>
    private let count: UInt32

    init(_ names: [String]) {
        let bytes = ApplicationProtocols.wire(names)
        wire = .allocate(capacity: max(bytes.count, 1))
        wire.initialize(from: bytes, count: bytes.count)
        count = UInt32(bytes.count)
    }

    deinit {
        wire.deallocate()
    }

    /// Makes a context choose by this list, which must outlive it; a client that offers only others is refused.
    func install(in context: OpaquePointer) {
        SSL_CTX_set_alpn_select_cb(
            context,
            { _, output, outputCount, input, inputCount, list in
                guard let list else { return SSL_TLSEXT_ERR_NOACK }
                let own = Unmanaged<ProtocolList>.fromOpaque(list).takeUnretainedValue()
                var selected: UnsafeMutablePointer<UInt8>?
                let result = SSL_select_next_proto(&selected, outputCount, own.wire, own.count, input, inputCount)
                guard result == OPENSSL_NPN_NEGOTIATED else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                output?.pointee = UnsafePointer(selected)
                return SSL_TLSEXT_ERR_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
