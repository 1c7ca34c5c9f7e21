internal import Crypto
internal import EventLoop

/// What is computed of a body while it streams: MD5, and what else it is held against.
final class BodyDigests: @unchecked Sendable {
    // Sendable because one task adds pieces, and waits for each before it goes on.

    private let md5 = StreamingDigest(.md5)
    private let sha256: StreamingDigest?
    private var checksum: StreamingChecksum?

    /// Starts over no bytes; `isSigned` asks for SHA-256 as well.
    init(isSigned: Bool, checksum: ChecksumAlgorithm?) {
        sha256 = isSigned ? StreamingDigest(.sha256) : nil
        self.checksum = checksum.map { StreamingChecksum($0) }
    }

    /// Whether digesting takes long enough to wake a thread for it.
    static func isWorthAThread(_ bytes: [UInt8]) -> Bool { bytes.count >= 32 * 1024 }

    func update(_ bytes: [UInt8]) {
        md5.update(bytes)
        sha256?.update(bytes)
        checksum?.update(bytes)
    }

    /// The same on a thread of `pool`, or here when it is full: a loop has others to serve, but no upload is refused for want of a thread.
    func update(_ bytes: [UInt8], on pool: BlockingPool) async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let isQueued = pool.submit {
                self.update(bytes)
                continuation.resume()
            }
            guard !isQueued else { return }
            update(bytes)
            continuation.resume()
        }
    }

    /// Everything that was asked for, of all bytes.
    func finish() -> (
        md5: [UInt8], sha256: [UInt8]?, checksum: (algorithm: ChecksumAlgorithm, bytes: [UInt8])?
    ) {
        (md5.finish(), sha256?.finish(), checksum.map { (algorithm: $0.algorithm, bytes: $0.finish()) })
    }
}
