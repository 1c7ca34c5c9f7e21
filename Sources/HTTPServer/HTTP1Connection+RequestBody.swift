internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import Transport

extension HTTP1Connection {
    /// Reads of the scratch buffer in one turn, before other connections get theirs.
    private static let readsPerTurn = 4

    // MARK: ExchangeTransport

    func readBodyOnLoop() {
        switch machine.bodyWanted(alreadyArriving: input.count > cursor) {
        case .ended:
            exchange.bodyEndedOnLoop()
            return
        case .refused:
            exchange.bodyFailedOnLoop(.exchangeEnded)
            return
        case .sendContinueThenRead:
            writer.buffer.append("HTTP/1.1 100 Continue\r\n\r\n")
            flushOutputOnLoop()
        case .read:
            break
        }
        if isClosed { return }
        beginBodySpanOnLoop()
        deliverBufferedBodyOnLoop()
        if !isClosed { updateInterestOnLoop() }
    }

    func beginBodySpanOnLoop() {
        bodyBytesInSpan = 0
        readDeadline = loop.nowNanoseconds + server.bodyPace.span
    }

    // MARK: Sources of body bytes

    /// Delivers what came along with the head, or was left over when the sink paused.
    func deliverBufferedBodyOnLoop() {
        guard cursor < input.count, !isDelivering else { return }
        isDelivering = true
        let wasProcessing = isProcessing
        isProcessing = true
        let error = deliverOnLoop(UnsafeRawBufferPointer(rebasing: input.readable[cursor...])) { self.cursor += $0 }
        isProcessing = wasProcessing
        isDelivering = false
        if isClosed { return }
        if let error { return refuseBodyOnLoop(error) }
        // Everything buffered is used up: give its room to the next bytes, or a long upload would grow the buffer.
        if machine.phase == .exchange, cursor == input.count {
            input.truncate(to: headCount)
            cursor = headCount
        }
        processInputOnLoop()
    }

    func readBodyFromSocketOnLoop() {
        for _ in 0..<Self.readsPerTurn {
            var room = server.scratch
            if case .length(let left) = body, left < room.count {
                room = UnsafeMutableRawBufferPointer(rebasing: room[..<left])
            }
            switch stream.read(into: room) {
            case .bytes(let count):
                server.metrics.received(count)
                bodyBytesInSpan &+= count
                takeBodyOnLoop(UnsafeRawBufferPointer(rebasing: room[..<count]))
                if isClosed || count < room.count || !(wantsBody || machine.phase == .discarding) { return }
            case .blocked:
                return
            case .ended, .broken:
                closeOnLoop()
                return
            }
        }
    }

    private func takeBodyOnLoop(_ bytes: UnsafeRawBufferPointer) {
        isDelivering = true
        let wasProcessing = isProcessing
        isProcessing = true
        var taken = 0
        let error = deliverOnLoop(bytes) { taken += $0 }
        isProcessing = wasProcessing
        isDelivering = false
        if isClosed { return }
        if let error { return refuseBodyOnLoop(error) }
        if taken < bytes.count { input.append(UnsafeRawBufferPointer(rebasing: bytes[taken...])) }
        processInputOnLoop()
    }

    /// Hands body bytes to the sink, or drops them after the response, until the body ends, the sink pauses or `bytes` are
    /// used up. `advance` is told of bytes taken before each call out. Says why if the body cannot be taken.
    private func deliverOnLoop(_ bytes: UnsafeRawBufferPointer, advance: (Int) -> Void) -> RequestBodyError? {
        var position = 0
        while position < bytes.count {
            guard wantsBody || machine.phase == .discarding else { return nil }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
            switch body.next(in: rest) {
            case .data(let range, let consumed, let isLast):
                position += consumed
                advance(consumed)
                if machine.phase == .discarding {
                    discarded += consumed
                } else if !range.isEmpty {
                    bodyBytes += range.count
                    if let limit = server.configuration.maxBodyBytes, bodyBytes > limit {
                        return .tooLarge(limit: limit)
                    }
                    _ = exchange.deliverBodyOnLoop(UnsafeRawBufferPointer(rebasing: rest[range]))
                }
                if isClosed { return nil }
                if isLast {
                    bodyIsCompleteOnLoop()
                    return nil
                }
                if machine.phase == .discarding, discarded > machine.discardLimit {
                    discarded = 0
                    machine.discardedTooMuch()
                    startLingeringOnLoop()
                    return nil
                }
            case .malformed:
                return .malformed
            }
        }
        return nil
    }

    // MARK: Ends of a body

    private func bodyIsCompleteOnLoop() {
        body = .none
        if machine.phase == .exchange { readDeadline = Self.never }
        if machine.bodyCompleted() {
            finishDiscardOnLoop()
        } else {
            exchange.bodyEndedOnLoop()
        }
    }

    private func refuseBodyOnLoop(_ error: RequestBodyError) {
        if machine.phase == .discarding {
            closeOnLoop()
        } else {
            failBodyOnLoop(error, answer: error == .malformed ? .badRequest : .contentTooLarge)
        }
    }

    /// Gives the body up. If the handler has not answered by the time its sink knows, the connection answers for it.
    func failBodyOnLoop(_ error: RequestBodyError, answer: HTTPStatus) {
        machine.bodyFailed()
        readDeadline = Self.never
        exchange.bodyFailedOnLoop(error)
        exchange.respondOnLoop(status: answer)
    }
}
