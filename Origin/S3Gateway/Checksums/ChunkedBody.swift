internal import AccessSigning
internal import Crypto
internal import S3Wire

/// An aws-chunked body: its framing taken off, its signatures verified as they come.
///
/// A chunk's signature follows from all of its bytes, so they are handed on before it is known to be right: nobody may see
/// the object before the end. One task at a time uses it.
struct ChunkedBody {
    private var decoder: AWSChunkedDecoder
    private var chain: SigV4ChunkChain
    private let chunkHash: StreamingDigest?

    init(_ framing: AWSChunkedDecoder.Framing, _ chain: SigV4ChunkChain) {
        decoder = AWSChunkedDecoder(framing)
        self.chain = chain
        chunkHash = framing.isSigned ? StreamingDigest(.sha256) : nil
    }

    var isFinished: Bool { decoder.isFinished }
    var trailers: [(name: String, value: String)] { decoder.trailers }

    /// The object's bytes among `piece`.
    mutating func decode(_ piece: [UInt8]) throws(S3Error) -> [UInt8] {
        let events: [AWSChunkedDecoder.Event]
        do throws(AWSChunkedDecoder.Malformed) {
            events = try decoder.decode(piece)
        } catch {
            throw .malformedTrailer
        }
        var data: [UInt8] = []
        for event in events {
            switch event {
            case .data(let bytes):
                if let chunkHash { bytes.withUnsafeBytes { chunkHash.update($0) } }
                data += bytes
            case .chunk(let signature):
                guard let chunkHash, chain.accepts(signature, chunkHash: chunkHash.finish()) else {
                    throw .chunkSignatureMismatch
                }
            case .trailers(let signature, let text):
                guard chain.accepts(signature, trailers: text) else { throw .chunkSignatureMismatch }
            }
        }
        return data
    }
}
