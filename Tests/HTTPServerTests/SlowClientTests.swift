import EventLoop
import Glibc
import HTTPServer
import HTTPWire
import Telemetry
import TestKit
import Testing

/// Slow heads, slow bodies, slow readers: none is kept for ever, and none is felt by others.
///
/// Clients whose pace matters sleep on their thread: a task may be kept from its own by all the others.
@Suite struct SlowClientTests {
    private func configuration(_ change: (inout HTTPServerConfiguration) -> Void) -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        change(&configuration)
        return configuration
    }

    private func streaming(_ cancelled: CallCounter) -> @Sendable (EventLoop) -> any ExchangeHandler {
        { _ in
            ClosureHandler { exchange in
                exchange.startResponseOnLoop(
                    status: .ok, length: 1 << 30, source: PatternSource(total: 1 << 30, cancelled: cancelled))
            }
        }
    }

    @Test func `a body that trickles is answered 408 although it never stops`() async throws {
        let slow = configuration {
            $0.bodyTimeout = .milliseconds(80)
            $0.minBodyRate = 10_000
        }
        let server = try TestServer(configuration: slow) { request in
            _ = try? await request.body.collect(upTo: 1 << 20)
            return .text(.ok, "too late")
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
            for _ in 0..<10_000 {
                guard connection.send("a") else { break }
                try await Task.sleep(for: .milliseconds(2))
                if server.count("weir_http_server_too_slow_total") == 1 { break }
            }
            #expect(connection.receiveAll().hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func `a body that comes fast enough may take longer than the span`() async throws {
        let slow = configuration {
            $0.bodyTimeout = .milliseconds(1_500)
            $0.minBodyRate = 10
        }
        let server = try TestServer(configuration: slow) { request in
            let bytes = (try? await request.body.collect(upTo: 1 << 20)) ?? []
            return .text(.ok, "\(bytes.count)")
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n")
            for _ in 0..<80 {
                connection.send([UInt8](repeating: 1, count: 250))
                usleep(40_000)
            }
            #expect(connection.receiveResponse().body == "20000")
        }
    }

    @Test func `a reader of single bytes is reset although it never stops`() async throws {
        let cancelled = CallCounter()
        let slow = configuration {
            $0.writeTimeout = .milliseconds(80)
            $0.minWriteRate = 100_000
        }
        let server = try TestServer(configuration: slow, handler: streaming(cancelled))
        try await withServer(server) { server in
            let connection = try RawConnection(to: server.address, receiveBuffer: 1)
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            for _ in 0..<10_000 where cancelled.value == 0 {
                _ = connection.receive(upTo: 1)
                try await Task.sleep(for: .milliseconds(1))
            }
            #expect(cancelled.value == 1)
            #expect(server.count("weir_http_server_too_slow_total") == 1)
        }
    }

    @Test func `a reader that is slow but fast enough is kept`() async throws {
        let cancelled = CallCounter()
        let slow = configuration {
            $0.writeTimeout = .milliseconds(1_500)
            $0.minWriteRate = 10
        }
        let server = try TestServer(configuration: slow, handler: streaming(cancelled))
        try await withServer(server) { server in
            let connection = try RawConnection(to: server.address, receiveBuffer: 4_096)
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            for _ in 0..<80 {
                try #require(!connection.receive(upTo: 4_096).isEmpty)
                usleep(40_000)
            }
            #expect(cancelled.value == 0)
        }
    }

    @Test func `hundreds of slow clients of three kinds hold up nobody`() async throws {
        let cancelled = CallCounter()
        let server = try TestServer { _ in
            ClosureHandler { exchange in
                switch exchange.head.method {
                case .post: exchange.readBodyOnLoop(into: CountingSink(exchange))
                case .put:
                    exchange.startResponseOnLoop(
                        status: .ok, length: 1 << 30, source: PatternSource(total: 1 << 30, cancelled: cancelled))
                default: exchange.respond("fast")
                }
            }
        }
        try await withServer(server) { server in
            var slow: [RawConnection] = []
            for index in 0..<300 {
                let connection = try RawConnection(to: server.address, receiveBuffer: 1)
                switch index % 3 {
                case 0: connection.send("GET / HTTP/1.1\r\nHost: x\r\nX-A:")
                case 1: connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\na")
                default: connection.send("PUT / HTTP/1.1\r\nHost: x\r\n\r\n")
                }
                slow.append(connection)
            }
            let quick = try server.connect()
            let clock = ContinuousClock()
            var times: [Duration] = []
            for index in 0..<1_000 {
                // Every slow client moves a byte now and then.
                let one = slow[index % slow.count]
                if index % 3 == 2 { _ = one.receive(upTo: 1) } else { one.send("a") }
                let start = clock.now
                quick.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(quick.receiveResponse().body == "fast")
                times.append(clock.now - start)
            }
            // Far above what an answer takes on a busy machine, far below any slow client's time.
            #expect(times.sorted()[990] < .milliseconds(250))
            #expect(server.count("weir_http_server_too_slow_total") == 0)
            #expect(server.count("weir_http_server_connections", #",protocol="http/1.1""#) == 301)
        }
    }
}

extension TestServer {
    /// The value of a series of the default listener.
    func count(_ name: String, _ labels: String = "") -> Int {
        let text = String(decoding: metrics.renderPrometheus(), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name){listener=\"http\"\(labels)} ") }
        return line.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
    }
}
