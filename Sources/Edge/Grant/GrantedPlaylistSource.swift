import Bytes
import HTTPServer
import Playlist

/// Sends a playlist that another source produces, its children's addresses with the viewer's grant.
///
/// The store, a fill or an origin lends bytes and none of them knows what they become. Held here is a line and what the socket
/// has not taken yet, however long the playlist and the grant.
final class GrantedPlaylistSource: BodySource, BodyFilter {
    private let origin: any BodySource
    private var rewriter: PlaylistRewriter
    /// Rewritten and not sent.
    private var pending = GrowableBuffer()
    private var isFinished = false

    /// Bytes that are rewritten at once: a line of one byte becomes as long as the grant.
    private static let mostTaken = 64
    /// Beyond this, nothing more is taken until some of it is sent.
    private static let mostPending = 65_536
    /// Bytes after which other connections get their turn.
    private static let mostSentAtOnce = 262_144

    init(_ origin: any BodySource, _ grant: PlaylistGrant) {
        self.origin = origin
        rewriter = PlaylistRewriter(grant.query)
    }

    func produceOnLoop(into writer: borrowing BodyWriter) -> Production {
        let limit = writer.exchange.bodyBytesWritten + Self.mostSentAtOnce
        while true {
            if !sendOnLoop(writer) { return .more }
            if isFinished { return .finished }
            if writer.exchange.bodyBytesWritten >= limit { return .more }
            switch origin.produceOnLoop(into: BodyWriter(through: self, of: writer)) {
            // It met our own limit, not the socket's, unless there is nothing to send.
            case .more where pending.isEmpty: return .more
            case .more: break
            case .wait: return sendOnLoop(writer) ? .wait : .more
            case .finished:
                rewriter.finish(to: &pending)
                isFinished = true
            case .failed: return .failed
            }
        }
    }

    func takeOnLoop(_ bytes: UnsafeRawBufferPointer) -> Int {
        var taken = 0
        while taken < bytes.count, pending.count < Self.mostPending {
            let end = min(bytes.count, taken + Self.mostTaken)
            rewriter.append(UnsafeRawBufferPointer(rebasing: bytes[taken..<end]), to: &pending)
            taken = end
        }
        return taken
    }

    /// Whether everything that was rewritten is sent.
    private func sendOnLoop(_ writer: borrowing BodyWriter) -> Bool {
        while !pending.isEmpty {
            let accepted = writer.write(pending.readable)
            if accepted == 0 { return false }
            pending.consume(accepted)
        }
        return true
    }

    func cancelledOnLoop() {
        if !isFinished { origin.cancelledOnLoop() }
    }
}
