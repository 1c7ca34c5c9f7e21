internal import COpenSSL

/// Owns an `SSL_CTX` with what every context of ours shares: TLS 1.2 or newer, forward secrecy, authenticated ciphers.
///
/// OpenSSL locks a configured context itself, so sessions may be made from any thread.
struct ContextHandle: ~Copyable, @unchecked Sendable {
    // Sendable because the context is configured before it is shared and only read afterwards.

    let pointer: OpaquePointer

    /// AES-128 first: the suite every TLS 1.3 peer must have (RFC 8446 §9.1), safe beyond a certificate's life, and cheaper
    /// by ten to fourteen rounds per block than AES-256, which a client that has nothing else still gets.
    private static let suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    /// The same for TLS 1.2.
    private static let ciphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE+AESGCM:ECDHE+CHACHA20"
    private static let groups = "X25519:P-256:P-384"

    init(_ method: OpaquePointer, versions: ClosedRange<TLSVersion>) throws(TLSError) {
        pointer = try Self.configured(method, versions: versions)
    }

    private static func configured(
        _ method: OpaquePointer, versions: ClosedRange<TLSVersion>
    ) throws(TLSError) -> OpaquePointer {
        ERR_clear_error()
        guard let pointer = SSL_CTX_new(method) else { throw .drained("create a TLS context") }
        guard weir_ssl_set_versions(pointer, versions.lowerBound.wire, versions.upperBound.wire) != 0,
            SSL_CTX_set_cipher_list(pointer, ciphers) == 1, SSL_CTX_set_ciphersuites(pointer, suites) == 1,
            weir_ssl_set_groups(pointer, groups) != 0
        else {
            SSL_CTX_free(pointer)
            throw .drained("set the TLS versions and ciphers")
        }
        weir_ssl_read_ahead(pointer)
        weir_ssl_disable_session_cache(pointer)
        return pointer
    }

    deinit {
        SSL_CTX_free(pointer)
    }
}

/// A version of the protocol that this library speaks.
public enum TLSVersion: Int, Sendable, Comparable {
    /// RFC 5246.
    case tls12
    /// RFC 8446.
    case tls13

    /// Orders versions by age.
    public static func < (left: TLSVersion, right: TLSVersion) -> Bool {
        left.rawValue < right.rawValue
    }

    fileprivate var wire: Int32 {
        switch self {
        case .tls12: TLS1_2_VERSION
        case .tls13: TLS1_3_VERSION
        }
    }
}

/// Protocol names as ALPN puts them on the wire (RFC 7301 §3.1): each with its length before it.
enum ApplicationProtocols {
    static func wire(_ names: [String]) -> [UInt8] {
        names.flatMap { name -> [UInt8] in
            precondition((1...255).contains(name.utf8.count), "an ALPN name has 1 to 255 bytes")
            return [UInt8(name.utf8.count)] + Array(name.utf8)
        }
    }
}
