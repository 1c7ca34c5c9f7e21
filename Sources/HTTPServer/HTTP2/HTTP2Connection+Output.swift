internal import Bytes
internal import EventLoop
internal import HTTP2
internal import Transport

/// A body that is written from where it lies, after the first `start` bytes of the output.
struct GatheredBody {
    var start: Int
    var bytes: UnsafeRawBufferPointer
}

/// The only code that writes to the socket.
extension HTTP2Connection {
    /// TLS seals at most this much in one record; smaller records would cost more each.
    private static let recordBytes = 16_384
    /// Bodies written from where they lie with one system call. What the socket refuses of them is copied, so not more.
    private static let gatherLimit = 4
    /// Copied frames that wait for the end of the turn, at most; only without TLS.
    private static let stagingLimit = 65_536

    var isOutputFull: Bool { isWriteBlocked || isBroken || isClosed }

    func send(_ frames: UnsafeRawBufferPointer) {
        borrowOutputOnLoop()
        output.append(frames)
        queuedBytes += frames.count
    }

    func sendData(header: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer) {
        borrowOutputOnLoop()
        output.append(header)
        queuedBytes += header.count + payload.count
        framedBodyBytes += payload.count
        if isGathering {
            gathered.append(GatheredBody(start: output.count, bytes: payload))
            if gathered.count == Self.gatherLimit { writeGatheredOnLoop() }
            return
        }
        output.append(payload)
        if isTLS {
            while output.count >= Self.recordBytes, !isOutputFull { writeRecordOnLoop(more: true) }
        } else if output.count >= Self.stagingLimit {
            writePlainOnLoop()
        }
    }

    /// Whether anything waits, here or inside TLS.
    var hasUnsentOutput: Bool { !output.isEmpty || stream.hasPendingOutput }

    /// Writes everything that waits.
    func flushOnLoop() {
        if isTLS {
            while hasUnsentOutput, !isOutputFull { writeRecordOnLoop(more: output.count > Self.recordBytes) }
        } else if !isOutputFull, !output.isEmpty {
            writePlainOnLoop()
        }
        if output.isEmpty, output.capacity > 0, server.spareOutput.capacity == 0 {
            swap(&output, &server.spareOutput)
        }
    }

    /// Memory for output is lent by the loop: a connection without traffic holds none.
    private func borrowOutputOnLoop() {
        if output.capacity == 0 { swap(&output, &server.spareOutput) }
    }

    /// Seals the next record; with `more` it may wait for those that follow in this turn.
    private func writeRecordOnLoop(more: Bool) {
        let record = UnsafeRawBufferPointer(rebasing: output.readable.prefix(Self.recordBytes))
        switch stream.write(record, more: more) {
        case .bytes(let count):
            output.consume(count)
            wroteOnLoop(count)
            if stream.isWriteBlocked { blockedOnLoop() }
        case .blocked: blockedOnLoop()
        case .ended, .broken: isBroken = true
        }
    }

    private func writePlainOnLoop() {
        let offered = output.count
        switch stream.write(output.readable) {
        case .bytes(let count):
            output.consume(count)
            wroteOnLoop(count)
            if count < offered { blockedOnLoop() }
        case .blocked: blockedOnLoop()
        case .ended, .broken: isBroken = true
        }
    }

    /// Writes frame headers and bodies in one call. Afterwards no body is referred to any more: what the socket did not take
    /// is copied.
    func writeGatheredOnLoop() {
        if gathered.isEmpty { return }
        var total = output.count
        for body in gathered { total += body.bytes.count }
        let written = isOutputFull ? 0 : writePiecesOnLoop()
        if written == total {
            output.removeAll()
        } else {
            keepRestOnLoop(after: written)
        }
        gathered.removeAll(keepingCapacity: true)
        wroteOnLoop(written)
        if written < total { blockedOnLoop() }
    }

    private func writePiecesOnLoop() -> Int {
        withUnsafeTemporaryAllocation(of: UnsafeRawBufferPointer.self, capacity: Self.gatherLimit * 2) { pieces in
            var count = 0
            forEachPiece { piece in
                pieces[count] = piece
                count += 1
            }
            switch stream.socket.write(gathering: UnsafeBufferPointer(rebasing: pieces[..<count])) {
            case .bytes(let written): return written
            case .wouldBlock: return 0
            case .closed, .failed:
                isBroken = true
                return 0
            }
        }
    }

    private func keepRestOnLoop(after written: Int) {
        var rest = GrowableBuffer()
        var skip = written
        forEachPiece { piece in
            let passed = min(skip, piece.count)
            skip -= passed
            rest.append(UnsafeRawBufferPointer(rebasing: piece[passed...]))
        }
        swap(&output, &rest)
    }

    private func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Void) {
        let frames = output.readable
        var position = 0
        for gathered in gathered {
            body(UnsafeRawBufferPointer(rebasing: frames[position..<gathered.start]))
            body(gathered.bytes)
            position = gathered.start
        }
    }

    private func wroteOnLoop(_ count: Int) {
        guard count > 0 else { return }
        server.metrics.sent(count)
        flushedBytes += count
    }

    private func blockedOnLoop() {
        isWriteBlocked = true
        reader.begin()
    }
}
