internal import COpenSSL

/// A self-signed TLS certificate, for an installation that has been given none.
public enum SelfSignedCertificate {
    /// Makes a P-256 key and a certificate for `hosts` (names or IP addresses), valid from an hour ago for `days`.
    ///
    /// The hour absorbs clocks that run behind. Throws when a host is empty or holds anything but letters, digits,
    /// `.`, `-`, `:` and a leading `*.`.
    public static func make(
        hosts: [String], days: Int = 825
    ) throws(CryptoError) -> (certificatePEM: String, keyPEM: String) {
        let operation = "make a certificate"
        guard let commonName = hosts.first else { throw CryptoError(operation, reasons: ["no host was given"]) }
        for host in hosts where !isHost(host) {
            throw CryptoError(operation, reasons: ["'\(host)' is neither a host name nor an IP address"])
        }
        let key = try PrivateKey.generateP256()
        guard let certificate = X509_new() else { throw CryptoError.fromQueue(operation) }
        defer { X509_free(certificate) }

        try X509_set_version(certificate, 2).orThrow(operation)
        var serial = SecureRandom.bytes(16)
        serial[0] &= 0x7f
        guard let number = BN_bin2bn(serial, Int32(serial.count), nil) else { throw CryptoError.fromQueue(operation) }
        defer { BN_free(number) }
        guard BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil,
            X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != nil,
            X509_gmtime_adj(X509_getm_notAfter(certificate), days * 86400) != nil,
            let name = X509_get_subject_name(certificate)
        else { throw CryptoError.fromQueue(operation) }
        let shortName = Array(commonName.utf8.prefix(64))
        try X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, shortName, Int32(shortName.count), -1, 0)
            .orThrow(operation)
        try X509_set_issuer_name(certificate, name).orThrow(operation)
        try X509_set_pubkey(certificate, key.pointer).orThrow(operation)

        let alternativeNames = hosts.map { isIPAddress($0) ? "IP:\($0)" : "DNS:\($0)" }.joined(separator: ",")
        for (identifier, value) in [
            (NID_subject_key_identifier, "hash"),
            (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
            (NID_key_usage, "critical,digitalSignature,keyCertSign"),
            (NID_ext_key_usage, "serverAuth"),
            (NID_subject_alt_name, alternativeNames),
        ] {
            try weir_add_extension(certificate, identifier, value).orThrow(operation)
        }
        guard X509_sign(certificate, key.pointer, DigestAlgorithm.sha256.implementation) > 0 else {
            throw CryptoError.fromQueue(operation)
        }
        let bio = try MemoryBIO()
        try PEM_write_bio_X509(bio.pointer, certificate).orThrow(operation)
        return (bio.text, key.pem)
    }

    private static func isHost(_ host: String) -> Bool {
        let name = host.hasPrefix("*.") ? host.dropFirst(2) : host[...]
        return !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
    }

    private static func isIPAddress(_ host: String) -> Bool {
        guard let address = a2i_IPADDRESS(host) else {
            ERR_clear_error()
            return false
        }
        ASN1_OCTET_STRING_free(address)
        return true
    }
}
