import Configuration
import EventLoop
import HTTPWire
import JSON
import S3Gateway
import TLS

/// How the S3 gateway is reached: its listeners, and the names before which a bucket's name may stand.
struct S3ListenerSettings {
    /// Where it is served over TLS, and with which certificate; nil when it is not.
    struct Secure {
        let listen: SocketAddress
        let context: TLSServerContext
    }

    static let parameters: [Parameter] = [
        .optional(
            "s3HostNames", .texts, default: ["s3.localhost"],
            "Names of the S3 gateway before which clients may put a bucket's name (bucket.s3.example.com, virtual-host style), beside "
                + "that of s3URL."),
        .optional("s3TLSListen", .text, "Where the S3 gateway is served over TLS too; not served when not set."),
        .optional(
            "s3CertificateFile", .text,
            "PEM file with the certificate for s3TLSListen and those between it and its root; read at start."),
        .optional("s3KeyFile", .text, "PEM file with the certificate's private key."),
    ]

    let hostNames: S3HostNames
    let secure: Secure?

    init(_ document: Configuration, s3URL: String) throws {
        let own = HTTPURL(s3URL).map { [$0.host] } ?? []
        hostNames = S3HostNames(document.texts("s3HostNames") + own.filter { IPAddress($0) == nil })
        secure = try document.optionalText("s3TLSListen").map { _ in
            guard let chain = document.optionalText("s3CertificateFile"), let key = document.optionalText("s3KeyFile")
            else { throw OriginSettings.refusal("$.s3TLSListen", "needs s3CertificateFile and s3KeyFile") }
            let listen = try OriginSettings.address(document, "s3TLSListen")
            do {
                let certificate = try TLSCertificate(chainFile: chain, keyFile: key)
                return Secure(listen: listen, context: try TLSServerContext(certificates: [certificate]))
            } catch {
                throw OriginSettings.refusal("$.s3CertificateFile", "\(error)")
            }
        }
    }
}
