internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import Transport

extension ClientConnection {
    /// Least room given to the read of a head, in bytes.
    private static let headRoom = 8_192
    /// Reads in one turn, before other connections get theirs.
    private static let readsPerTurn = 8

    // MARK: Reading

    func readOnLoop(isReset: Bool) {
        for _ in 0..<Self.readsPerTurn {
            guard !isClosed, wantsInput else { return }
            switch machine.phase {
            case .awaitingHead, .idle:
                guard readIntoInputOnLoop(isReset: isReset) else { return }
            case .body:
                guard readBodyOnLoop(isReset: isReset) else { return }
            case .closed:
                return
            }
        }
    }

    /// Continues after a pause, with what is already here first.
    func resumeReadingOnLoop() {
        if isClosed { return }
        if let exchange, case .body = machine.phase { exchange.watchdog.extendOnLoop(exchange.request.idleTimeout) }
        processInputOnLoop()
        if isClosed { return }
        if stream.hasBufferedInput { readOnLoop(isReset: false) }
        if !isClosed { updateInterestOnLoop() }
    }

    /// Reads towards a head. False when there is nothing more to read now.
    private func readIntoInputOnLoop(isReset: Bool) -> Bool {
        var result = ConnectionStream.Result.blocked
        var room = 0
        input.withWritable(atLeast: Self.headRoom) { free in
            room = free.count
            result = self.stream.read(into: free)
            if case .bytes(let count) = result { return count }
            return 0
        }
        switch result {
        case .bytes(let count):
            client.metrics.received(count)
            processInputOnLoop()
            return count == room
        case .blocked:
            return false
        case .ended, .broken:
            endedOnLoop(isClean: result == .ended && !isReset, reason: "end of stream")
            return false
        }
    }

    /// Reads body bytes and hands them on without keeping them. False when there is nothing more to read now.
    private func readBodyOnLoop(isReset: Bool) -> Bool {
        let room = client.scratch
        switch stream.read(into: room) {
        case .bytes(let count):
            client.metrics.received(count)
            let bytes = UnsafeRawBufferPointer(rebasing: room[..<count])
            let taken = deliverOnLoop(bytes)
            if isClosed { return false }
            if taken < count { input.append(UnsafeRawBufferPointer(rebasing: bytes[taken...])) }
            finishIfCompleteOnLoop()
            return count == room.count
        case .blocked:
            return false
        case .ended:
            endedOnLoop(isClean: !isReset, reason: "end of stream")
            return false
        case .broken:
            endedOnLoop(isClean: false, reason: "connection broken")
            return false
        }
    }

    // MARK: Taking what was read

    /// Takes heads and body bytes from `input` until more are needed or the receiver pauses.
    private func processInputOnLoop() {
        if isProcessing { return }
        isProcessing = true
        defer { isProcessing = false }
        while !isClosed, !input.isEmpty {
            switch machine.phase {
            case .idle:
                closeOnLoop()
            case .awaitingHead:
                guard takeHeadOnLoop() else { return }
            case .body:
                guard wantsInput else { return }
                let taken = deliverOnLoop(input.readable)
                if isClosed { return }
                input.consume(taken)
                finishIfCompleteOnLoop()
                if taken == 0 { return }
            case .closed:
                return
            }
        }
    }

    /// False when the head is not complete.
    private func takeHeadOnLoop() -> Bool {
        guard let exchange else { return false }
        machine.bytesReceived()
        switch parser.parse(input.readable, limits: client.headLimits) {
        case .needMore:
            return false
        case .refused(let violation):
            failOnLoop(.malformedResponse, "sent a response with \(violation)")
            return false
        case .complete(let headBytes):
            let framing = parser.framing(answering: exchange.request.method)
            let action = machine.headReceived(
                status: parser.status.code, framing: framing, keepAlive: parser.keepAlive)
            switch action {
            case .interim:
                let head = head(.none)
                input.consume(headBytes)
                exchange.receiver?.informationalOnLoop(head)
            case .refuse:
                failOnLoop(.malformedResponse, "sent interim responses without a final one")
                return false
            case .body(let framing):
                let head = head(framing)
                input.consume(headBytes)
                body = BodyDecoder(framing)
                exchange.watchdog.extendOnLoop(exchange.request.idleTimeout)
                exchange.receiver?.headOnLoop(head)
            case .complete:
                let head = head(framing)
                input.consume(headBytes)
                exchange.receiver?.headOnLoop(head)
                if !exchange.isEnded { finishOnLoop() }
            }
            return true
        }
    }

    private func head(_ framing: ResponseFraming) -> ClientResponseHead {
        let length: Int?
        switch framing {
        case .none: length = 0
        case .length(let count): length = count
        case .chunked, .untilClose: length = nil
        }
        return ClientResponseHead(
            status: parser.status, headers: parser.headers(in: input.readable), length: length,
            isDelimited: framing != .untilClose)
    }

    /// Hands body bytes to the receiver. Returns how many were taken, which is less than all when it paused or the body ended.
    private func deliverOnLoop(_ bytes: UnsafeRawBufferPointer) -> Int {
        var position = 0
        while position < bytes.count, let exchange, wantsInput {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
            switch body.next(in: rest) {
            case .data(let range, let consumed, let isLast):
                position += consumed
                if !range.isEmpty {
                    let flow = exchange.receiver?.bodyOnLoop(UnsafeRawBufferPointer(rebasing: rest[range])) ?? .more
                    if isClosed { return position }
                    if flow == .pause, !isLast {
                        exchange.isPaused = true
                        exchange.watchdog.pauseOnLoop()
                    } else {
                        exchange.watchdog.extendOnLoop(exchange.request.idleTimeout)
                    }
                }
                if isLast {
                    if let trailers = body.trailers { exchange.receiver?.trailersOnLoop(trailers) }
                    if isClosed { return position }
                    machine.bodyEnded()
                    return position
                }
            case .malformed:
                failOnLoop(.malformedResponse, "sent a malformed chunked body")
                return position
            }
        }
        return position
    }

    /// Ends the exchange once its last body byte has been taken out of the way.
    private func finishIfCompleteOnLoop() {
        guard exchange != nil else { return }
        switch machine.phase {
        case .idle, .closed: finishOnLoop()
        case .awaitingHead, .body: break
        }
    }
}
