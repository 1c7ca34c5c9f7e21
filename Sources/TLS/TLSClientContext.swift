internal import COpenSSL

/// How connections to other servers are secured and whom they trust.
///
/// Immutable; share it between loops.
public final class TLSClientContext: Sendable {
    /// Which certificate authorities are believed.
    public enum Trust: Sendable, Equatable {
        /// The machine's own set.
        case system
        /// The certificates of a PEM file, and no others.
        case file(String)
        /// The certificates of PEM text, and no others.
        case pem([UInt8])
        /// Anyone.
        ///
        /// Encrypts without knowing the peer: only for a peer reached over a path that is trusted already.
        case none
    }

    private let handle: ContextHandle
    /// Whom this context trusts.
    public let trust: Trust

    /// Prepares trust and protocols (ALPN names in order of preference).
    public init(
        trust: Trust = .system, protocols: [String] = ["http/1.1"],
        versions: ClosedRange<TLSVersion> = .tls12 ... .tls13
    ) throws(TLSError) {
        self.trust = trust
        handle = try ContextHandle(TLS_client_method(), versions: versions)
        weir_ssl_set_client_options(handle.pointer)
        let wire = ApplicationProtocols.wire(protocols)
        guard wire.isEmpty || weir_ssl_set_alpn(handle.pointer, wire, UInt32(wire.count)) != 0 else {
            throw .drained("offer the protocols \(protocols)")
        }
        switch trust {
        case .system:
            guard SSL_CTX_set_default_verify_paths(handle.pointer) == 1 else {
                throw .drained("load the system's certificate authorities")
            }
        case .file(let path):
            try believe(FileBytes.read(path), named: path)
        case .pem(let bytes):
            try believe(bytes, named: "the authorities' PEM")
        case .none:
            break
        }
        SSL_CTX_set_verify(handle.pointer, trust == .none ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nil)
    }

    private func believe(_ bytes: [UInt8], named name: String) throws(TLSError) {
        let certificates = try PEM.certificates(bytes, named: name)
        defer {
            for certificate in certificates { X509_free(certificate) }
        }
        guard let store = SSL_CTX_get_cert_store(handle.pointer) else { throw .drained("open the trust store") }
        for certificate in certificates {
            guard X509_STORE_add_cert(store, certificate) == 1 else { throw .drained("trust \(name)") }
        }
    }

    /// Makes the client's side of a connection to `host`, a name or a numeric address (brackets allowed), which the peer's
    /// certificate must carry unless trust is `.none`.
    ///
    /// With `resumption`, of an earlier session with the same host through this context, the server may skip its certificate.
    /// The descriptor stays the caller's and must outlive the session. `output` is shared by the sessions of a loop.
    public func makeSession(
        descriptor: Int32, host: String, output: TLSOutput = TLSOutput(), resuming resumption: TLSResumption? = nil
    ) throws(TLSError) -> TLSSession {
        guard let session = SSL_new(handle.pointer) else { throw .drained("create a TLS session") }
        SSL_set_connect_state(session)
        let result = try TLSSession(taking: session, descriptor: descriptor, output: output, context: self)
        try result.expect(host: Self.withoutBracketsOrTrailingDot(host), verifying: trust != .none)
        if let resumption { SSL_set_session(session, resumption.session) }
        return result
    }

    private static func withoutBracketsOrTrailingDot(_ host: String) -> String {
        if host.hasPrefix("["), host.hasSuffix("]") { return String(host.dropFirst().dropLast()) }
        return host.hasSuffix(".") ? String(host.dropLast()) : host
    }
}
