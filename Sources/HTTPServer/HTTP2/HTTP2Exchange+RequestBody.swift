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
            return
        }
        bodyBytes += bytes.count
        bodyBytesInSpan += bytes.count
        if wantsBody, unread.isEmpty, !isDelivering {
            if isBodyTooLarge {
                connection.session.consume(bytes.count, of: self)
                return refuseBodyOnLoop()
            }
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
            if wantsBody { beginBodySpanOnLoop() }
        }
    }

    private func beginBodySpanOnLoop() {
        guard let connection else { return }
        bodyBytesInSpan = 0
        bodyDeadline = loop.nowNanoseconds + connection.server.bodyPace.span
        connection.expectOnLoop(by: bodyDeadline)
    }

    /// Begins the next span if the body brought enough in the last one, or could not for want of a window.
    func judgeBodyOnLoop() {
        bodyDeadline = HTTP2Connection.never
        guard wantsBody, let connection else { return }
        let pace = connection.server.bodyPace
        if pace.isKept(byMoving: bodyBytesInSpan) || connection.session.receiveWindow(of: self) < pace.leastBytes {
            beginBodySpanOnLoop()
        } else {
            connection.server.metrics.tooSlow()
            failBodyOnLoop(.timedOut, answer: .requestTimeout)
        }
    }

    private var isBodyTooLarge: Bool {
        connection?.server.configuration.maxBodyBytes.map { bodyBytes > $0 } ?? false
    }

    private func refuseBodyOnLoop() {
        guard let limit = connection?.server.configuration.maxBodyBytes else { return }
        failBodyOnLoop(.tooLarge(limit: limit), answer: .contentTooLarge)
    }

    private func deliverUnreadOnLoop() {
        guard !isDelivering, let connection else { return }
        if !unread.isEmpty, wantsBody {
            if isBodyTooLarge { return refuseBodyOnLoop() }
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
    private func failBodyOnLoop(_ error: RequestBodyError, answer: HTTPStatus) {
        bodyDeadline = HTTP2Connection.never
        exchange.bodyFailedOnLoop(error)
        exchange.respondOnLoop(status: answer)
    }

    func dropUnread(of connection: HTTP2Connection) {
        if !unread.isEmpty { connection.session.consume(unread.count, of: self) }
        unread.removeAll(keepingCapacity: unread.capacity <= Self.quantum)
    }
}
