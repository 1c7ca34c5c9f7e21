/// A certificate chain with its key, as a listener is given it: PEM text, and where it came from for the errors.
public struct TLSCertificate: Sendable, Equatable {
    /// Bytes and the name that errors give them, such as a path.
    public struct Source: Sendable, Equatable {
        /// What was read.
        public var bytes: [UInt8]
        /// What errors call it.
        public var name: String

        /// Names bytes.
        public init(_ bytes: [UInt8], named name: String) {
            self.bytes = bytes
            self.name = name
        }
    }

    /// PEM, the server's own certificate first.
    public var chain: Source
    /// PEM, not encrypted.
    public var key: Source
    /// A DER response of the issuer's OCSP responder (RFC 6960) to send with the certificate (RFC 6066 §8).
    public var ocspResponse: Source?

    /// Puts a chain and its key together.
    public init(chain: Source, key: Source, ocspResponse: Source? = nil) {
        self.chain = chain
        self.key = key
        self.ocspResponse = ocspResponse
    }

    /// Reads the chain and the key from files; blocks for the disk.
    public init(chainFile: String, keyFile: String) throws(TLSError) {
        chain = Source(try FileBytes.read(chainFile), named: chainFile)
        key = Source(try FileBytes.read(keyFile), named: keyFile)
    }
}

/// What became of a certificate that a context presents.
public struct TLSCertificateFacts: Sendable, Equatable {
    /// The DNS names it is good for, lower-case.
    public var names: [String]
    /// End of its validity, in seconds since 1970.
    public var expiresAt: Int64
    /// When its OCSP response may no longer be sent, in seconds since 1970; nil without one.
    public var responseExpiresAt: Int64?
    /// What errors and logs call it.
    public var source: String
}
