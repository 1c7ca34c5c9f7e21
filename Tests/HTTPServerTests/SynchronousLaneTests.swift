import Bytes
import EventLoop
import Glibc
import HTTPServer
import HTTPWire
import Synchronization
import Telemetry
import TestKit
import Testing

@Suite struct SynchronousLaneTests {
    private func server(
        configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        _ handle: @escaping @Sendable (Exchange) -> Void
    ) throws -> TestServer {
        try TestServer(configuration: configuration) { _ in ClosureHandler(handle) }
    }

    @Test func `a hundred pipelined requests are answered in order`() async throws {
        let server = try server { exchange in exchange.respond(exchange.head.path.string(in: exchange.headBytes)) }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send((0..<100).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
            for index in 0..<100 { #expect(connection.receiveResponse().body == "/\(index)") }
        }
    }

    @Test func `an answer given at once has taken the time it took`() async throws {
        let list = OutcomeList()
        let server = try TestServer { _ in
            ClosureHandler(
                { exchange in
                    let end = MonotonicClock.nanoseconds() + 2_000_000
                    while MonotonicClock.nanoseconds() < end {}
                    exchange.respond("ok")
                }, ended: { _, outcome in list.append(outcome) })
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receiveResponse().body == "ok")
            #expect(await eventually { list.all.count == 1 })
            #expect(list.all.allSatisfy { $0.nanoseconds >= 2_000_000 })
        }
    }

    @Test func `requests arriving byte by byte are understood`() async throws {
        let server = try server { exchange in exchange.respond("ok") }
        try await withServer(server) { server in
            let connection = try server.connect()
            for byte in "GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8 { connection.send([byte]) }
            #expect(connection.receiveResponse().body == "ok")
        }
    }

    @Test func `a handler may answer later, and a late answer to an ended exchange does nothing`() async throws {
        let server = try server { exchange in
            exchange.loop.scheduleOnLoop(after: .milliseconds(1)) {
                exchange.respond("later")
                exchange.respond("again")
                exchange.loop.scheduleOnLoop(after: .milliseconds(1)) { exchange.respond("long after") }
            }
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            for _ in 0..<3 {
                connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(connection.receiveResponse().body == "later")
            }
        }
    }

    @Test func `HEAD gets the head alone and its source is cancelled`() async throws {
        let cancelled = CallCounter()
        let server = try server { exchange in
            if exchange.head.path.string(in: exchange.headBytes) == "/stream" {
                exchange.startResponseOnLoop(
                    status: .ok, length: 1_000, source: PatternSource(total: 1_000, cancelled: cancelled))
            } else {
                exchange.respond("hello")
            }
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\nHEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receive(until: "\r\n\r\n").contains("Content-Length: 1000\r\n"))
            #expect(connection.receive(until: "\r\n\r\n").contains("Content-Length: 5\r\n"))
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receiveResponse().body == "hello")
            #expect(cancelled.value == 1)
        }
    }

    @Test func `a slow reader holds its source back, and gets every byte`() async throws {
        let produced = CallCounter()
        let total = 64 << 20
        let server = try server { exchange in
            exchange.startResponseOnLoop(
                status: .ok, length: total, source: PatternSource(total: total, produced: produced))
        }
        try await withServer(server) { server in
            let connection = try RawConnection(to: server.address, receiveBuffer: 16_384)
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 OK"))
            #expect(await eventually { produced.value > 0 })
            usleep(50_000)
            #expect(produced.value < 16 << 20)
            var count = 0
            var isRight = true
            while count < total {
                let piece = connection.receive(upTo: 1 << 20)
                if piece.isEmpty { break }
                isRight = isRight && piece[0] == UInt8(truncatingIfNeeded: count % 65_536)
                count += piece.count
            }
            #expect(count == total)
            #expect(isRight)
        }
    }

    @Test func `a body without a length is chunked`() async throws {
        let server = try server { exchange in
            exchange.startResponseOnLoop(status: .ok, length: nil, source: PatternSource(total: 200_000))
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(connection.receive(until: "\r\n\r\n").contains("Transfer-Encoding: chunked\r\n"))
            var raw: [UInt8] = []
            while true {
                let piece = connection.receive()
                if piece.isEmpty { break }
                raw += piece
            }
            var decoder = ChunkedDecoder()
            var count = 0
            raw.withUnsafeBytes { bytes in
                var rest = bytes
                decoding: while true {
                    switch decoder.next(rest) {
                    case .data(let range, let consumed):
                        count += range.count
                        rest = UnsafeRawBufferPointer(rebasing: rest[consumed...])
                    case .finished, .needMore, .refused: break decoding
                    }
                }
            }
            #expect(decoder.isFinished)
            #expect(count == 200_000)
        }
    }

    @Test func `a body that ends short of its length closes the connection`() async throws {
        let server = try server { exchange in
            exchange.startResponseOnLoop(status: .ok, length: 1_000, source: PatternSource(total: 400))
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receive(until: "\r\n\r\n").contains("Content-Length: 1000\r\n"))
            var count = 0
            while true {
                let piece = connection.receive()
                if piece.isEmpty { break }
                count += piece.count
            }
            #expect(count == 400)
        }
    }

    @Test(arguments: [nil, 3])
    func `64 MiB go up in constant memory, sized or chunked`(pausesEvery: Int?) async throws {
        let server = try server { exchange in
            exchange.readBodyOnLoop(into: CountingSink(exchange, pausesEvery: pausesEvery))
        }
        try await withServer(server) { server in
            let total = 64 << 20
            let piece = [UInt8](repeating: 7, count: 1 << 20)
            let before = residentBytes()
            let connection = try server.connect()
            connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(total)\r\n\r\n")
            for _ in 0..<64 { connection.send(piece) }
            #expect(connection.receiveResponse().body == "\(total)")
            connection.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<64 {
                connection.send("100000\r\n")
                connection.send(piece)
                connection.send("\r\n")
            }
            connection.send("0\r\n\r\n")
            #expect(connection.receiveResponse().body == "\(total)")
            #expect(residentBytes() - before < 48 << 20)
        }
    }

    @Test func `100 Continue comes when the body is asked for, and a refusal instead of it`() async throws {
        let server = try server { exchange in
            if exchange.head.path.string(in: exchange.headBytes) == "/refused" {
                exchange.respond("no", status: .contentTooLarge)
            } else {
                exchange.readBodyOnLoop(into: CountingSink(exchange))
            }
        }
        try await withServer(server) { server in
            let head = "HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
            let accepted = try server.connect()
            accepted.send("PUT / \(head)")
            #expect(accepted.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            accepted.send("hello")
            #expect(accepted.receiveResponse().body == "5")
            let refused = try server.connect()
            refused.send("PUT /refused \(head)")
            let response = refused.receiveAll()
            #expect(response.hasPrefix("HTTP/1.1 413 "))
            #expect(response.contains("Connection: close\r\n"))
        }
    }

    @Test func `a small unread body is skipped and the connection kept; a large one costs it`() async throws {
        let server = try server { exchange in exchange.respond("unread") }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send(
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receiveResponse().body == "unread")
            #expect(connection.receiveResponse().body == "unread")
            connection.send(
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"
            )
            #expect(connection.receiveResponse().body == "unread")
            #expect(connection.receiveResponse().body == "unread")
            connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n")
            let response = connection.receiveAll()
            #expect(response.contains("Connection: close\r\n"))
        }
    }

    @Test func `the observer and the source hear of a client that goes away`() async throws {
        let cancelled = CallCounter()
        let abandoned = CallCounter()
        let list = OutcomeList()
        let server = try TestServer { _ in
            ClosureHandler(
                { exchange in
                    exchange.observer = CountingObserver(abandoned)
                    exchange.startResponseOnLoop(
                        status: .ok, length: 1 << 30, source: PatternSource(total: 1 << 30, cancelled: cancelled))
                }, ended: { _, outcome in list.append(outcome) })
        }
        try await withServer(server) { server in
            do {
                let connection = try server.connect()
                connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = connection.receive(until: "\r\n\r\n")
            }
            #expect(await eventually { cancelled.value == 1 && abandoned.value == 1 })
            #expect(list.all.map(\.isComplete) == [false])
            #expect(list.all.map(\.status) == [200])
        }
    }

    @Test func `what a handler stores on a connection stays there`() async throws {
        let server = try server { exchange in
            let memory = exchange.connectionStorage as? Memory ?? Memory()
            exchange.connectionStorage = memory
            memory.count += 1
            exchange.respond("\(memory.count)")
        }
        try await withServer(server) { server in
            let first = try server.connect()
            let second = try server.connect()
            first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(first.receiveResponse().body == "1")
            #expect(first.receiveResponse().body == "2")
            second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(second.receiveResponse().body == "1")
        }
    }

    @Test func `a sane request id is taken over and any other replaced`() async throws {
        let server = try server { exchange in exchange.respond(exchange.requestID.description) }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: abc-1\r\n\r\n")
            #expect(connection.receiveResponse().body == "abc-1")
            connection.send("GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: <script>\r\n\r\n")
            #expect(connection.receiveResponse().body.count == 32)
        }
    }
}

private final class Memory {
    var count = 0
}

private final class CountingObserver: ExchangeObserver {
    private let counter: CallCounter

    init(_ counter: CallCounter) { self.counter = counter }

    func abandonedOnLoop(_ exchange: Exchange) { counter.add() }
}

final class OutcomeList: Sendable {
    private let outcomes = Mutex<[ExchangeOutcome]>([])

    var all: [ExchangeOutcome] { outcomes.withLock { $0 } }

    func append(_ outcome: ExchangeOutcome) { outcomes.withLock { $0.append(outcome) } }
}

/// Memory of this process that is in RAM, from `/proc/self/statm`.
func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, file) != nil else { return 0 }
    let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
        separator: " ")
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * 4_096
}
