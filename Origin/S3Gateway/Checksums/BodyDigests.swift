internal import Crypto
internal import EventLoop
internal import Synchronization

/// What is computed of a body while it streams: MD5, and what else it is held against.
///
/// Large pieces are digested on threads of a pool, one after the other, and may be a piece behind what has been written.
/// One task adds them.
final class BodyDigests: @unchecked Sendable {
    // Sendable because a piece is digested when the one before it is done, whichever thread did that.

    private let md5 = StreamingDigest(.md5)
    private let sha256: StreamingDigest?
    private var checksum: StreamingChecksum?
    private let lane = Mutex(Lane())

    /// Starts over no bytes; `isSigned` asks for SHA-256 as well.
    init(isSigned: Bool, checksum: ChecksumAlgorithm?) {
        sha256 = isSigned ? StreamingDigest(.sha256) : nil
        self.checksum = checksum.map { StreamingChecksum($0) }
    }

    /// Adds bytes of a body none of whose pieces went to a pool.
    func update(_ bytes: [UInt8]) {
        md5.update(bytes)
        sha256?.update(bytes)
        checksum?.update(bytes)
    }

    /// Adds bytes, on a thread of `pool` if they are many; returns once there is room for more.
    func update(_ bytes: [UInt8], on pool: BlockingPool) async {
        switch lane.withLock({ $0.add(bytes) }) {
        case .isIdle where bytes.count < Self.threadBytes: digest(bytes, then: pool)
        case .isIdle: digest(bytes, on: pool)
        case .isBusy: await wait(for: Self.waitingBytes)
        }
    }

    /// Everything that was asked for, of all bytes.
    func finish() async -> (
        md5: [UInt8], sha256: [UInt8]?, checksum: (algorithm: ChecksumAlgorithm, bytes: [UInt8])?
    ) {
        await wait(for: 0)
        return (md5.finish(), sha256?.finish(), checksum.map { (algorithm: $0.algorithm, bytes: $0.finish()) })
    }

    // MARK: The lane

    /// Fewer bytes are digested sooner than a thread is woken.
    private static let threadBytes = 32 * 1024
    /// What may wait or be digested when another piece is written.
    private static let waitingBytes = 256 * 1024

    /// On a thread, or here when the pool is full: a loop has others to serve, but no upload is refused for want of a thread.
    private func digest(_ bytes: [UInt8], on pool: BlockingPool) {
        let isQueued = pool.submit { self.digest(bytes, then: pool) }
        if !isQueued { digest(bytes, then: pool) }
    }

    /// Here and now; the piece behind it waits its turn in the pool like those of other bodies.
    private func digest(_ bytes: [UInt8], then pool: BlockingPool) {
        update(bytes)
        let (next, waiter) = lane.withLock { $0.finish(bytes) }
        waiter?.resume()
        if let next { digest(next, on: pool) }
    }

    private func wait(for bytes: Int) async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let isThere = lane.withLock { $0.wait(for: bytes, continuation) }
            if isThere { continuation.resume() }
        }
    }
}

/// The pieces of one body that wait to be digested.
private struct Lane {
    enum State {
        case isIdle
        case isBusy
    }

    private var pieces: [[UInt8]] = []
    /// Bytes that wait or are being digested.
    private var bytes = 0
    private var isBusy = false
    private var waiter: (bytes: Int, continuation: UnsafeContinuation<Void, Never>)?

    /// Whoever adds a piece to an idle lane has it digested; a busy one comes to it.
    mutating func add(_ piece: [UInt8]) -> State {
        bytes += piece.count
        defer { isBusy = true }
        if isBusy { pieces.append(piece) }
        return isBusy ? .isBusy : .isIdle
    }

    /// A piece is done: the next one, and whoever waited for room.
    mutating func finish(_ piece: [UInt8]) -> (next: [UInt8]?, waiter: UnsafeContinuation<Void, Never>?) {
        bytes -= piece.count
        isBusy = !pieces.isEmpty
        var ready: UnsafeContinuation<Void, Never>?
        if let waiter, bytes <= waiter.bytes { (ready, self.waiter) = (waiter.continuation, nil) }
        return (isBusy ? pieces.removeFirst() : nil, ready)
    }

    /// True when so few bytes are left already, and nobody will be called.
    mutating func wait(for bytes: Int, _ continuation: UnsafeContinuation<Void, Never>) -> Bool {
        guard self.bytes > bytes else { return true }
        waiter = (bytes, continuation)
        return false
    }
}
