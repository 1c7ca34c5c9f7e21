import EventLoop
import HTTPServer
import SegmentStore

/// What became of writing from a fill.
enum FillProduction {
    /// The socket takes no more for now.
    case more
    /// Nothing more is here; the waiter is woken.
    case wait
    case finished
    case broken
    /// The bytes are neither in memory nor in the store.
    case lost
}

extension Fill {
    /// Writes what is here from `position` on, up to `end` (`nil`: the end of the object), and moves `position`; no more
    /// than is fair to the other waiters of `hub`, which comes back to this one in its next round.
    ///
    /// - Parameter isFirst: whether these are the first bytes of a response.
    func produceOnLoop(
        from position: inout Int, upTo end: Int?, isFirst: Bool, hub: FillHub, handler: EdgeHandler,
        into writer: borrowing BodyWriter
    ) -> FillProduction {
        let pause = position + hub.shareOnLoop(isFirst: isFirst)
        guard pause < end ?? .max else {
            return produceOnLoop(from: &position, upTo: end, hub, handler, into: writer)
        }
        let production = produceOnLoop(from: &position, upTo: pause, hub, handler, into: writer)
        guard case .finished = production, position == pause else { return production }
        hub.wake(for: self)
        return .wait
    }

    private func produceOnLoop(
        from position: inout Int, upTo end: Int?, _ hub: FillHub, _ handler: EdgeHandler,
        into writer: borrowing BodyWriter
    ) -> FillProduction {
        while true {
            var offered = 0
            var accepted = 0
            switch step(from: position, upTo: end) {
            case .write(let piece, let range):
                offered = range.count
                accepted = writer.write(piece.bytes(range))
            case .read(let id, let chunk, let byteCount, let range):
                offered = range.count
                let loan = handler.reader.withResidentCommittedChunk(of: id, index: chunk, byteCount: byteCount) {
                    writer.write(UnsafeRawBufferPointer(rebasing: $0[range]))
                }
                switch loan {
                case .lent(let count): accepted = count
                case .cold(let chunk):
                    handler.coldReads.readOnLoop(chunk) { [self] isReadable in
                        if isReadable { return hub.wake(for: self) }
                        handler.loop.scheduleOnLoop(after: .seconds(1)) { hub.wake(for: self) }
                    }
                    return .wait
                case .gone: return .lost
                }
            case .wait: return .wait
            case .finished: return .finished
            case .broken: return .broken
            case .lost: return .lost
            }
            position += accepted
            if accepted < offered { return .more }
        }
    }
}
