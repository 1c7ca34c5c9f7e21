internal import Bytes
internal import Synchronization

/// What the filler should do after handing over bytes.
public enum AppendResult: Sendable, Equatable {
    /// Send more.
    case more
    /// The bytes were taken, but the writer is behind: wait for the resume callback.
    case pause
    /// The object will not be stored, for this reason; further bytes are ignored. Serving goes on.
    case dropped(StoreOutcome)
}

/// Stores one body as it arrives.
///
/// Used by one thread at a time (the filler's loop); the index record appears only after every chunk is committed and
/// the announced length and checksum are right. Dropping the writer aborts.
public final class ObjectWriter {
    private let shard: StoreShard
    private let fill: Fill
    private let expectedLength: Int?
    private let expectedChecksum: UInt32?
    private var checksum = CRC32C()
    private var buffer: ChunkBuffer?
    private var chunkIndex = 0
    private var length = 0
    private var isOpen = true

    init(shard: StoreShard, fill: Fill, expectedLength: Int?, expectedCRC32C: UInt32?) {
        self.shard = shard
        self.fill = fill
        self.expectedLength = expectedLength
        expectedChecksum = expectedCRC32C
        if let expectedLength, expectedLength > shard.maxObjectBytes { fill.fail(.tooLarge) }
    }

    deinit { abort() }

    /// The number under which committed chunks can already be read with `StoreReader.withCommittedChunk`.
    public var id: ObjectID { fill.id }

    /// Purge sequence when the fill began.
    public var fence: PurgeSequence { fill.fence }

    /// Bytes taken so far.
    public var byteCount: Int { length }

    /// Whole chunks that readers can already fetch, counted from the start of the body.
    public var committedChunks: Int { fill.committedChunks.load(ordering: .acquiring) }

    /// Why the object will not be stored, once that is known.
    public var obstacle: StoreOutcome? { fill.outcome }

    /// Takes the next bytes of the body; they are copied.
    public func append(_ bytes: UnsafeRawBufferPointer) -> AppendResult {
        precondition(isOpen, "append after finish or abort")
        if let outcome = fill.outcome { return .dropped(outcome) }
        length += bytes.count
        if length > shard.maxObjectBytes { return drop(.tooLarge) }
        if let expectedLength, length > expectedLength {
            return drop(.lengthMismatch(announced: expectedLength, received: length))
        }
        if expectedChecksum != nil { checksum.update(bytes) }
        var rest = bytes
        var result = AppendResult.more
        while !rest.isEmpty {
            let current = buffer ?? ChunkBuffer()
            buffer = current
            let taken = current.append(rest)
            rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
            guard current.room == 0 else { continue }
            switch send(current) {
            case .more: break
            case .pause: result = .pause
            case .dropped(let outcome): return .dropped(outcome)
            }
        }
        return result
    }

    /// Takes the next bytes of the body.
    public func append(_ bytes: [UInt8]) -> AppendResult {
        bytes.withUnsafeBytes { append($0) }
    }

    /// The body is complete.
    ///
    /// `completion` runs on the writer thread once the object can be found, or will not be stored; it runs on the
    /// calling thread if that is known at once.
    public func finish(_ metadata: ObjectMetadata, completion: @escaping @Sendable (StoreOutcome) -> Void) {
        precondition(isOpen, "finish after finish or abort")
        if let expectedLength, length != expectedLength {
            fill.fail(.lengthMismatch(announced: expectedLength, received: length))
        }
        if let expectedChecksum, checksum.value != expectedChecksum { fill.fail(.checksumMismatch) }
        if !metadata.isWithinLimits { fill.fail(.tooLarge) }
        let isInline = length <= shard.options.inlineBodyBytes && chunkIndex == 0
        var inlineBody: [UInt8] = []
        if fill.outcome == nil, let last = buffer, last.count > 0 {
            if isInline { inlineBody = [UInt8](last.bytes) } else { _ = send(last) }
        }
        buffer = nil
        if let outcome = fill.outcome {
            abort()
            return completion(outcome)
        }
        isOpen = false
        let finish = Finish(
            metadata: metadata, length: length, inlineBody: inlineBody, isInline: isInline, completion: completion)
        if !shard.queue.enqueue(.finish(fill, finish)) {
            shard.purges.endFill(fill.fence)
            completion(.failed(SegmentStore.closedError))
        }
    }

    /// The body will not be completed; what was stored of it is dropped.
    ///
    /// Does nothing after `finish`.
    public func abort() {
        guard isOpen else { return }
        isOpen = false
        buffer = nil
        fill.fail(.aborted)
        if !shard.queue.enqueue(.abort(fill)) { shard.purges.endFill(fill.fence) }
    }

    private func send(_ full: ChunkBuffer) -> AppendResult {
        buffer = nil
        let index = chunkIndex
        chunkIndex += 1
        switch shard.queue.enqueueChunk(.chunk(fill, index: index, full), of: fill) {
        case .accepted: return .more
        case .pause: return .pause
        case .overrun: return drop(.overrun)
        case .closed: return drop(.failed(SegmentStore.closedError))
        }
    }

    private func drop(_ outcome: StoreOutcome) -> AppendResult {
        fill.fail(outcome)
        buffer = nil
        return .dropped(fill.outcome ?? outcome)
    }
}
