import Bytes
import HTTP2
import HTTPWire

/// A session must not trap whatever arrives, must tell the same however the bytes are cut (unless it gives up, which is
/// earlier when it sees more at once), and every head must be whole for the parser of HTTP/1. The seeds are what follows the
/// preface.
func fuzzHTTP2Frames(_ bytes: UnsafeRawBufferPointer) {
    Client(answersAtOnce: true).receive(bytes, piece: 100)
    // What is sent back changes what later frames mean, so nothing is until all have come.
    let whole = Client(answersAtOnce: false)
    whole.receive(bytes, piece: max(bytes.count, 1))
    let cut = Client(answersAtOnce: false)
    cut.receive(bytes, piece: 7)
    if whole.hasFailed || cut.hasFailed { return }
    require(whole.heads == cut.heads, "cutting the bytes changed the requests")
    // A body that turns out wrong is told as far as it was right, which depends on the pieces.
    if whole.hasErrors || cut.hasErrors { return }
    require(whole.bodyBytes == cut.bodyBytes, "cutting the bytes changed the bodies")
}

/// Owns a session, answers every request, and remembers what it was told.
private final class Client: HTTP2SessionOwner {
    private static let preface = [UInt8]("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private static let body = [UInt8](repeating: 0x61, count: 40_000)

    private let answersAtOnce: Bool
    private var waiting: [HTTP2Stream] = []
    private(set) var heads: [[UInt8]] = []
    private(set) var bodyBytes = 0
    private(set) var hasErrors = false
    private lazy var session = HTTP2Session(limits: HTTP2Limits(), owner: self)

    let isOutputFull = false

    var hasFailed: Bool { session.hasFailed }

    init(answersAtOnce: Bool) {
        self.answersAtOnce = answersAtOnce
    }

    func receive(_ bytes: UnsafeRawBufferPointer, piece: Int) {
        Self.preface.withUnsafeBytes { session.receive($0, at: 1) }
        var start = 0
        while start < bytes.count {
            let end = min(start + piece, bytes.count)
            session.receive(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), at: 1)
            start = end
        }
        for stream in waiting { answer(stream) }
        session.pump()
        session.deliverEvents()
    }

    func makeStream() -> HTTP2Stream { HTTP2Stream() }
    func send(_ frames: UnsafeRawBufferPointer) {}
    func sendData(header: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer) {}
    func noteReset(_ code: HTTP2ErrorCode, byClient: Bool) { hasErrors = true }
    func noteGoAway(_ code: HTTP2ErrorCode, reason: String) { hasErrors = true }

    func handle(_ event: HTTP2Event) {
        switch event {
        case .head(let stream):
            check(stream)
            if answersAtOnce { answer(stream) } else { waiting.append(stream) }
        case .data(let stream, let bytes):
            bodyBytes += bytes.count
            session.consume(bytes.count, of: stream)
        case .closed(let stream, _): session.release(stream)
        case .bodyEnded, .windowOpened, .drainAcknowledged: break
        }
    }

    private func check(_ stream: HTTP2Stream) {
        guard stream.violation == nil else { return }
        heads.append([UInt8](stream.head.readable))
        var parser = RequestHeadParser()
        switch parser.parse(stream.head.readable) {
        case .needMore: require(false, "a head is not complete")
        case .refused: break
        case .complete(let count): require(count == stream.head.count, "a head hides another one")
        }
    }

    private func answer(_ stream: HTTP2Stream) {
        guard !stream.isClosed else { return }
        stream.response.buffer.append("200\r\n")
        stream.response.field("Content-Length", decimal: Self.body.count)
        session.respond(on: stream, hasBody: true)
        Self.body.withUnsafeBytes { _ = session.offer($0, on: stream, endsBody: true) }
    }
}
