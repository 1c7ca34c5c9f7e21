import EventLoop
import HTTPServer
import HTTPWire
import Synchronization

/// An origin that answers as a test says and remembers what it was asked.
final class ScriptedOrigin: Sendable {
    let port: UInt16
    private let group: EventLoopGroup
    private let server: HTTPServer
    private let script: Script
    private let isStopped = Atomic<Bool>(false)

    private final class Script: Sendable {
        let state = Mutex(State())

        struct State {
            var answers: [String: AsyncRoute] = [:]
            var requests: [Request] = []
        }
    }

    init() async throws {
        let script = Script()
        self.script = script
        group = try EventLoopGroup(loops: 1)
        server = HTTPServer(group: group) { _ in
            AsyncExchangeHandler { request in
                let answer = script.state.withLock { state in
                    state.requests.append(request)
                    return state.answers[request.path]
                }
                return await answer?(request) ?? .text(.notFound, "not here\n")
            }
        }
        port = try server.bind(to: .loopback(port: 0)).port
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// Answers requests for `path` from now on.
    func answer(_ path: String, _ route: @escaping AsyncRoute) {
        script.state.withLock { $0.answers[path] = route }
    }

    /// Answers requests for `path` with these bytes.
    func answer(_ path: String, _ bytes: [UInt8], headers: Headers = ["Cache-Control": "public, max-age=600"]) {
        answer(path) { _ in Response(status: .ok, headers: headers, body: .bytes(bytes)) }
    }

    /// Answers requests for `path` with these bytes, or the range of them that is asked for.
    func answerRanges(
        _ path: String, _ bytes: [UInt8],
        headers: Headers = ["Cache-Control": "public, max-age=600", "ETag": "\"v1\""]
    ) {
        answer(path) { Response(ranged: bytes, headers: headers, for: $0) }
    }

    func requests(_ path: String) -> [Request] {
        script.state.withLock { $0.requests.filter { $0.path == path } }
    }

    func count(_ path: String) -> Int { requests(path).count }

    var total: Int { script.state.withLock { $0.requests.count } }

    /// Closes the listener and every connection; the second time nothing.
    func stop() async {
        if isStopped.exchange(true, ordering: .acquiringAndReleasing) { return }
        await server.drain(within: .zero)
        await group.shutdown()
    }
}

extension Response {
    /// What an origin that knows ranges and conditions answers.
    init(ranged bytes: [UInt8], headers: Headers, for request: Request) {
        var headers = headers
        headers.set("Accept-Ranges", "bytes")
        let etag = headers.first("ETag")
        if let etag, request.headers.first("If-None-Match") == etag {
            self.init(status: .notModified, headers: headers)
            return
        }
        let condition = request.headers.first("If-Range")
        let field = condition == nil || condition == etag ? request.headers.first("Range") : nil
        switch ByteRangeRequest.resolve(field, length: bytes.count) {
        case .single(let range):
            headers.set("Content-Range", ContentRange.part(range, completeLength: bytes.count).fieldValue)
            self.init(
                status: .partialContent, headers: headers, body: .bytes(Array(bytes[range.start..<range.end])))
        case .unsatisfiable:
            headers.set("Content-Range", ContentRange.unsatisfied(completeLength: bytes.count).fieldValue)
            self.init(status: .rangeNotSatisfiable, headers: headers)
        case .whole, .several:
            self.init(status: .ok, headers: headers, body: .bytes(bytes))
        }
    }
}

/// Bytes that differ from piece to piece, so that a mixed-up chunk shows.
func patterned(_ count: Int, seed: Int = 0) -> [UInt8] {
    var state = UInt32(truncatingIfNeeded: seed &+ 12_345)
    return (0..<count).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(truncatingIfNeeded: state >> 24)
    }
}
