import EventLoop
import Glibc
import HTTPServer
import HTTPWire
import Telemetry
import TestKit
import Testing

/// Timeouts, limits and shutdown.
@Suite struct LifeTests {
    private func configuration(_ change: (inout HTTPServerConfiguration) -> Void) -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        change(&configuration)
        return configuration
    }

    @Test func `a head that takes too long is answered 408`() async throws {
        let server = try TestServer(configuration: configuration { $0.headTimeout = .milliseconds(40) }) { _ in
            .text(.ok, "reached")
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("GET / HTTP/1.1\r\nHost:")
            #expect(connection.receiveAll().hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func `a connection that says nothing is closed without a word`() async throws {
        let server = try TestServer(configuration: configuration { $0.headTimeout = .milliseconds(40) }) { _ in
            .text(.ok, "reached")
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            #expect(connection.receiveAll().isEmpty)
        }
    }

    @Test func `a kept connection is closed after the idle timeout`() async throws {
        let server = try TestServer(configuration: configuration { $0.idleTimeout = .milliseconds(40) }) { _ in
            .text(.ok, "once")
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.receiveAll().hasSuffix("once"))
        }
    }

    @Test func `a body that stops coming is answered 408`() async throws {
        let server = try TestServer(configuration: configuration { $0.bodyTimeout = .milliseconds(40) }) { request in
            _ = try? await request.body.collect(upTo: 100)
            return .text(.ok, "too late")
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
            let response = connection.receiveAll()
            #expect(response.hasPrefix("HTTP/1.1 408 "))
            #expect(response.contains("Connection: close\r\n"))
        }
    }

    @Test func `a client that takes nothing is reset after the write timeout`() async throws {
        let cancelled = CallCounter()
        let server = try TestServer(configuration: configuration { $0.writeTimeout = .milliseconds(60) }) { _ in
            ClosureHandler { exchange in
                exchange.startResponseOnLoop(
                    status: .ok, length: 1 << 30, source: PatternSource(total: 1 << 30, cancelled: cancelled))
            }
        }
        try await withServer(server) { server in
            let connection = try server.connect()
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await eventually { cancelled.value == 1 })
            _ = connection
        }
    }

    @Test func `at the limit an idle connection makes room for a new one`() async throws {
        let server = try TestServer(configuration: configuration { $0.maxConnections = 2 }) { _ in .text(.ok, "hi") }
        try await withServer(server) { server in
            let connections = try (0..<3).map { _ in
                let connection = try server.connect()
                connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(connection.receiveResponse().body == "hi")
                return connection
            }
            #expect(connections[0].receive().isEmpty)
            connections[1].send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connections[1].receiveResponse().body == "hi")
        }
    }

    @Test func `draining lets a running exchange finish and closes idle connections`() async throws {
        let started = CallCounter()
        let server = try TestServer { request in
            started.add()
            if request.path == "/slow" { await untilRefused(request.local) }
            return .text(.ok, "finished")
        }
        let idle = try server.connect()
        idle.send("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(idle.receiveResponse().body == "finished")
        let busy = try server.connect()
        busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(await eventually { started.value == 2 })
        await server.server.drain(within: .seconds(5))
        #expect(idle.receive().isEmpty)
        let last = busy.receiveAll()
        #expect(last.hasSuffix("finished"))
        #expect(last.contains("Connection: close\r\n"))
        #expect(throws: SystemError.self) { try server.connect() }
        await server.group.shutdown()
    }

    @Test func `draining resets what does not finish in time`() async throws {
        let cancelled = CallCounter()
        let server = try TestServer { _ in
            ClosureHandler { exchange in
                exchange.startResponseOnLoop(
                    status: .ok, length: 1 << 30, source: PatternSource(total: 1 << 30, cancelled: cancelled))
            }
        }
        let connection = try server.connect()
        connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = connection.receive(until: "\r\n\r\n")
        await server.server.drain(within: .milliseconds(30))
        #expect(cancelled.value == 1)
        await server.group.shutdown()
    }

    @Test func `several loops share one port`() async throws {
        let server = try TestServer(loops: 2) { _ in ClosureHandler { $0.respond("hi") } }
        try await withServer(server) { server in
            for _ in 0..<20 {
                let connection = try server.connect()
                connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(connection.receiveResponse().body == "hi")
            }
            // A request is counted once its last byte is with the kernel, which the client may see a moment earlier.
            let counted = await eventually {
                let text = String(decoding: server.metrics.renderPrometheus(), as: UTF8.self)
                return text.contains("weir_http_server_connections_total{listener=\"http\"} 20\n")
                    && text.contains("weir_http_server_requests_total{listener=\"http\",class=\"2xx\"} 20\n")
            }
            #expect(counted)
        }
    }

    @Test func `an address in use is an error that names it`() async throws {
        let server = try TestServer { _ in .text(.ok, "") }
        try await withServer(server) { server in
            let taken = try Socket.listen(on: .loopback(port: 0), reusePort: false)
            defer { taken.close() }
            let address = try #require(taken.localAddress)
            #expect(throws: SystemError.self) { try server.server.bind(to: address) }
        }
    }
}

/// Returns once the server has stopped listening, which is how a drain shows.
private func untilRefused(_ address: SocketAddress) async {
    _ = await eventually { (try? RawConnection(to: address)) == nil }
}
