internal import COpenSSL

/// What a listener presents: one or more certificates with their keys, and the protocols it speaks.
///
/// The client's server name (SNI) chooses the certificate by the names it is good for; without a name, or with one that no
/// certificate has, the first answers.
///
/// Immutable; share it between loops. A reload makes a new one, which new connections take; sessions keep the old one alive.
///
/// Resumption works by session tickets sealed with `TLSTicketKeys`. TLS 1.3 early data is off.
public final class TLSServerContext: Sendable {
    private let identities: [ServerIdentity]
    private let names: ServerNames

    /// Makes the context of a listener; `certificates` has at least one, the default first.
    ///
    /// `protocols` are ALPN names in order of preference; a client that offers only others is refused, one that offers none is
    /// served. Without `tickets` the keys live as long as the context. Throws when a certificate, key or OCSP response is broken
    /// or does not belong to the others, naming it.
    public init(
        certificates: [TLSCertificate], protocols: [String] = ["h2", "http/1.1"],
        versions: ClosedRange<TLSVersion> = .tls12 ... .tls13, tickets: TLSTicketKeys? = nil
    ) throws(TLSError) {
        precondition(!certificates.isEmpty, "a listener presents a certificate")
        let list = ProtocolList(protocols)
        let tickets = if let tickets { tickets } else { try TLSTicketKeys() }
        var identities: [ServerIdentity] = []
        for certificate in certificates {
            identities.append(
                try ServerIdentity(certificate, protocols: list, versions: versions, tickets: tickets))
        }
        self.identities = identities
        names = ServerNames(identities.map(\.facts.names))
        guard identities.count > 1 else { return }
        weir_ssl_on_server_name(
            identities[0].context.pointer,
            { session, _, context in
                guard let session, let context else { return SSL_TLSEXT_ERR_NOACK }
                return Unmanaged<TLSServerContext>.fromOpaque(context).takeUnretainedValue().choose(for: session)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Reads the chain (the server's own certificate first) and the key from PEM text.
    public convenience init(
        certificatePEM: String, keyPEM: String, protocols: [String] = ["h2", "http/1.1"],
        versions: ClosedRange<TLSVersion> = .tls12 ... .tls13
    ) throws(TLSError) {
        let certificate = TLSCertificate(
            chain: .init(Array(certificatePEM.utf8), named: "the certificate PEM"),
            key: .init(Array(keyPEM.utf8), named: "the key PEM"))
        try self.init(certificates: [certificate], protocols: protocols, versions: versions)
    }

    /// What became of each certificate, in order.
    public var certificates: [TLSCertificateFacts] { identities.map(\.facts) }

    /// Makes the server's side of a connection.
    ///
    /// The descriptor stays the caller's and must outlive the session. `output` is shared by the sessions of a loop.
    public func makeSession(
        descriptor: Int32, output: TLSOutput = TLSOutput()
    ) throws(TLSError) -> TLSSession {
        guard let session = SSL_new(identities[0].context.pointer) else { throw .drained("create a TLS session") }
        SSL_set_accept_state(session)
        return try TLSSession(taking: session, descriptor: descriptor, output: output, context: self)
    }

    private func choose(for session: OpaquePointer) -> Int32 {
        guard let bytes = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name),
            let index = names.certificate(for: String(cString: bytes))
        else { return SSL_TLSEXT_ERR_NOACK }
        return SSL_set_SSL_CTX(session, identities[index].context.pointer) == nil
            ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_OK
    }
}
