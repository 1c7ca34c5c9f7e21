internal import Bytes
internal import Crypto

/// The signatures of a body that is signed chunk by chunk: each covers the one before, the first that of the request.
///
/// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD` and `-TRAILER`. One task uses it, in the order of the chunks.
public struct SigV4ChunkChain: Sendable {
    private let signingKey: [UInt8]
    /// The second and third line of every text that is signed.
    private let moment: String
    private var last: String

    init(_ authorization: SigV4Authorization, secretAccessKey: String) {
        signingKey = authorization.scope.signingKey(secretAccessKey: secretAccessKey)
        moment = "\(authorization.timestamp)\n\(authorization.scope)"
        last = authorization.signature
    }

    /// Whether `signature` is that of the next chunk, whose SHA-256 is given.
    public mutating func accepts(_ signature: String, chunkHash: [UInt8]) -> Bool {
        accepts(
            signature,
            of: "AWS4-HMAC-SHA256-PAYLOAD\n\(moment)\n\(last)\n\(SigV4.emptyPayloadHash)\n\(Hex.encode(chunkHash))")
    }

    /// Whether `signature` is that of the fields after the last chunk, each as `name:value` and a line feed.
    public mutating func accepts(_ signature: String, trailers: String) -> Bool {
        let hash = Hex.encode(Digest.sha256(Array(trailers.utf8)))
        return accepts(signature, of: "AWS4-HMAC-SHA256-TRAILER\n\(moment)\n\(last)\n\(hash)")
    }

    private mutating func accepts(_ signature: String, of text: String) -> Bool {
        let expected = Hex.encode(HMAC.sha256(key: signingKey, message: Array(text.utf8)))
        last = expected
        return constantTimeEqual(expected, signature)
    }
}

extension AccessKeyRing.Signature {
    /// What signs the chunks of the body, if it comes in signed ones.
    public var chunkChain: SigV4ChunkChain {
        SigV4ChunkChain(authorization, secretAccessKey: key.secret)
    }
}
