internal import COpenSSL

/// An OCSP response that is good for its certificate, until it expires.
struct OCSPStaple: Sendable {
    let der: [UInt8]
    let expiresAt: Int64

    /// Responses without an end are believed for a day.
    private static let defaultLifetime: Int64 = 86_400

    /// Checks that the response is signed for the issuer, of this certificate, and says it is good.
    ///
    /// Whether it has expired is asked when it is sent: an old one is no reason to refuse a certificate.
    init(
        _ source: TLSCertificate.Source, certificate: OpaquePointer, issuer: OpaquePointer?
    ) throws(TLSError) {
        let operation = "staple \(source.name)"
        guard let issuer else {
            throw TLSError(
                operation, reasons: ["the chain lacks the issuer's certificate, which must follow the server's"])
        }
        ERR_clear_error()
        var from: Int64 = -1
        var until: Int64 = -1
        let outcome = weir_ocsp_check(source.bytes, source.bytes.count, certificate, issuer, &from, &until)
        ERR_clear_error()
        guard outcome == Int32(weir_ocsp_good.rawValue) else {
            throw TLSError(operation, reasons: [Self.reason(outcome)])
        }
        der = source.bytes
        expiresAt = until >= 0 ? until : from + Self.defaultLifetime
    }

    private static func reason(_ outcome: Int32) -> String {
        switch UInt32(bitPattern: outcome) {
        case weir_ocsp_malformed.rawValue: "it is not an OCSP response in DER"
        case weir_ocsp_unsuccessful.rawValue: "the responder answered with an error"
        case weir_ocsp_unsigned.rawValue: "it is not signed by the certificate's issuer"
        case weir_ocsp_foreign.rawValue: "it is about another certificate"
        default: "it does not say that the certificate is good"
        }
    }
}
