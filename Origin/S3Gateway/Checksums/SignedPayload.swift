internal import AccessSigning
internal import Bytes
internal import HTTPWire
internal import S3Wire

/// What the signature says of the body: `x-amz-content-sha256` as it covers it, and what signs chunks that may follow.
struct SignedPayload: Sendable {
    let declared: String
    let chain: SigV4ChunkChain

    /// The framing of an aws-chunked body; nil for a body that comes as it is.
    func framing(_ headers: Headers) throws(S3Error) -> AWSChunkedDecoder.Framing? {
        if let framing = AWSChunkedDecoder.Framing(rawValue: declared) { return framing }
        guard !declared.hasPrefix("STREAMING-") else {
            throw .notImplemented("A body of chunks that are signed otherwise than with AWS4-HMAC-SHA256")
        }
        guard !SignedPayload.codings(headers).contains(where: SignedPayload.isChunked) else {
            throw .invalidRequest(
                "Content-Encoding: aws-chunked needs an x-amz-content-sha256 that begins with STREAMING-.")
        }
        return nil
    }

    /// The hash that the body must have; nil when it is framed or not signed.
    var hash: String? {
        declared == SigV4.unsignedPayload || declared.hasPrefix("STREAMING-") ? nil : declared
    }

    /// `Content-Encoding` as it is stored: without `aws-chunked`, which is a matter of this one transfer.
    static func storedContentEncoding(_ headers: Headers) -> String? {
        let kept = codings(headers).filter { !isChunked($0) }
        return kept.isEmpty ? nil : kept.joined(separator: ", ")
    }

    private static func codings(_ headers: Headers) -> [String] {
        (headers.joined("content-encoding") ?? "").split(separator: ",")
            .map { ASCII.trimmed($0) }
            .filter { !$0.isEmpty }
    }

    private static func isChunked(_ coding: String) -> Bool { ASCII.equalsIgnoringCase(coding, "aws-chunked") }
}
