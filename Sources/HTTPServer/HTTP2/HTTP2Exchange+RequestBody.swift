internal import Bytes
internal import EventLoop
internal import HTTP2
internal import HTTPWire

/// The request body: what the sink does not want yet is kept, and the client's window stays closed by as much.
extension HTTP2Exchange {
    var wantsBody: Bool { !exchange.isEnded && exchange.sink != nil && !exchange.isSinkPaused }

    func bodyArrivedOnLoop(_ bytes: UnsafeRawBufferPointer) {
        guard let connection else { return }
        if exchange.isEnded {
            connection.session.consume(bytes.count, of: self)
        } else if wantsBody, unread.isEmpty, !isDelivering {
            waitForBodyOnLoop()
            isDelivering = true
            _ = exchange.deliverBodyOnLoop(bytes)
            isDelivering = false
            connection.session.consume(bytes.count, of: self)
        } else {
            unread.append(bytes)
        }
    }

    func bodyEndedOnLoop() {
        guard wantsBody, unread.isEmpty, !isDelivering else { return }
        bodyDeadline = HTTP2Connection.never
        exchange.bodyEndedOnLoop()
    }

    func readBodyOnLoop() {
        guard let connection else { return }
        if !hasAskedForBody {
            hasAskedForBody = true
            if exchange.head.expectContinue, unread.isEmpty, !isRemoteEnded, exchange.status == 0 {
                sendInterimOnLoop(.continue) { _ in }
            }
        }
        connection.turnOnLoop {
            deliverUnreadOnLoop()
            if wantsBody { waitForBodyOnLoop() }
        }
    }

    private func waitForBodyOnLoop() {
        guard let connection else { return }
        bodyDeadline = loop.nowNanoseconds + connection.server.timeouts.body
        connection.expectOnLoop(by: bodyDeadline)
    }

    private func deliverUnreadOnLoop() {
        guard !isDelivering, let connection else { return }
        if !unread.isEmpty, wantsBody {
            isDelivering = true
            let count = unread.count
            _ = exchange.deliverBodyOnLoop(unread.readable)
            isDelivering = false
            unread.removeAll()
            connection.session.consume(count, of: self)
        }
        if isRemoteEnded { bodyEndedOnLoop() }
    }

    /// Gives the body up; if the handler does not answer, the stream does.
    func failBodyOnLoop(_ error: RequestBodyError) {
        exchange.bodyFailedOnLoop(error)
        exchange.respondOnLoop(status: .requestTimeout)
    }

    func dropUnread(of connection: HTTP2Connection) {
        if !unread.isEmpty { connection.session.consume(unread.count, of: self) }
        unread.removeAll(keepingCapacity: unread.capacity <= Self.quantum)
    }
}
