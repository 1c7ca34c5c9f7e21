import EventLoop
import HTTPServer
import HTTPWire
import TestKit
import Testing

/// Listening sockets that one server leaves to another.
@Suite struct HandOverTests {
    private let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    private func answering(_ text: String, loops: Int = 1) throws -> (HTTPServer, EventLoopGroup) {
        let group = try EventLoopGroup(loops: loops)
        return (HTTPServer(group: group) { _ in ClosureHandler { $0.respond(text) } }, group)
    }

    private func ask(_ address: SocketAddress) throws -> String {
        let connection = try RawConnection(to: address)
        connection.send(request)
        return connection.receiveResponse().body
    }

    @Test func `what waits while one server holds is answered by the one that shares its sockets`() async throws {
        let old = try TestServer(loops: 2) { _ in ClosureHandler { $0.respond("old") } }
        await old.server.holdAccepting()
        let waiting = try (0..<10).map { _ in try old.connect() }
        for connection in waiting { connection.send(request) }
        let (new, group) = try answering("new", loops: 2)
        let shared = try await old.server.duplicateSockets()
        #expect(shared.count == 2)
        let sockets = try #require(try ListenerSockets(inheriting: shared, count: 2))
        #expect(sockets.address == old.address)
        try new.listen(on: sockets)
        for connection in waiting { #expect(connection.receiveResponse().body == "new") }
        await old.stop()
        #expect(try ask(old.address) == "new")
        await new.drain(within: .milliseconds(100))
        await group.shutdown()
    }

    @Test func `what waits during a hold is answered when the hold ends`() async throws {
        let server = try TestServer(loops: 2) { _ in ClosureHandler { $0.respond("old") } }
        try await withServer(server) { server in
            await server.server.holdAccepting()
            let waiting = try (0..<10).map { _ in try server.connect() }
            for connection in waiting { connection.send(request) }
            await server.server.resumeAccepting()
            for connection in waiting { #expect(connection.receiveResponse().body == "old") }
        }
    }

    @Test(arguments: [(sockets: 1, loops: 3), (sockets: 3, loops: 1), (sockets: 2, loops: 3)])
    func `no connection is lost when there are other loops than sockets`(sockets: Int, loops: Int) async throws {
        let (server, group) = try answering("hi", loops: loops)
        var inherited = [try Socket.listen(on: .loopback(port: 0))]
        let address = try #require(inherited[0].localAddress)
        while inherited.count < sockets { inherited.append(try Socket.listen(on: address)) }
        let before = try (0..<20).map { _ in try RawConnection(to: address) }
        try server.listen(on: try #require(try ListenerSockets(inheriting: inherited, count: loops)))
        for connection in before {
            connection.send(request)
            #expect(connection.receiveResponse().body == "hi")
        }
        for _ in 0..<20 { #expect(try ask(address) == "hi") }
        await server.drain(within: .milliseconds(100))
        await group.shutdown()
    }

    @Test func `an inherited socket that shares its port with nobody serves every loop, and so do two addresses`()
        async throws
    {
        let (server, group) = try answering("hi", loops: 2)
        let inherited = try (0..<2).map { _ in try Socket.listen(on: .loopback(port: 0), reusePort: false) }
        let addresses = inherited.compactMap(\.localAddress)
        try server.listen(on: try #require(try ListenerSockets(inheriting: inherited, count: 2)))
        for address in addresses + addresses + addresses { #expect(try ask(address) == "hi") }
        await server.drain(within: .milliseconds(100))
        for address in addresses { #expect(throws: SystemError.self) { try RawConnection(to: address) } }
        await group.shutdown()
    }

    @Test func `sockets that are only bound attract no connection until a server listens on them`() async throws {
        let (server, group) = try answering("hi")
        let sockets = try ListenerSockets(binding: .loopback(port: 0), count: 1)
        #expect(throws: SystemError.self) { try RawConnection(to: sockets.address) }
        try server.listen(on: sockets)
        #expect(try ask(sockets.address) == "hi")
        await server.drain(within: .milliseconds(100))
        await group.shutdown()
    }

    @Test func `a response that began before a drain with grace does not end its connection unannounced`() async throws
    {
        let (total, asked) = (8 << 20, CallCounter())
        let server = try TestServer { _ in
            ClosureHandler { exchange in
                asked.add()
                guard asked.value == 1 else { return exchange.respond("hi") }
                exchange.startResponseOnLoop(status: .ok, length: total, source: PatternSource(total: total))
            }
        }
        let connection = try RawConnection(to: server.address, receiveBuffer: 4_096)
        connection.send(request)
        let begun = connection.receive(until: "\r\n\r\n")
        #expect(!begun.contains("Connection: close"))
        let drain = Task { await server.server.drain(within: .seconds(60), idleGrace: .seconds(10)) }
        #expect(await eventually { (try? RawConnection(to: server.address)) == nil })
        var received = 0
        while received < total {
            let piece = connection.receive()
            try #require(!piece.isEmpty)
            received += piece.count
        }
        #expect(received == total)
        connection.send(request)
        #expect(connection.receiveAll().contains("Connection: close\r\n"))
        await drain.value
        await server.group.shutdown()
    }

    @Test func `an idle connection gets one more answer during the grace, and is closed after it`() async throws {
        let server = try TestServer { _ in ClosureHandler { $0.respond("hi") } }
        let (talking, silent) = (try server.connect(), try server.connect())
        for connection in [talking, silent] {
            connection.send(request)
            #expect(connection.receiveResponse().body == "hi")
        }
        let drain = Task { await server.server.drain(within: .seconds(30), idleGrace: .milliseconds(500)) }
        #expect(await eventually { (try? RawConnection(to: server.address)) == nil })
        talking.send(request)
        #expect(talking.receiveAll().contains("Connection: close\r\n"))
        #expect(silent.receiveAll().isEmpty)
        await drain.value
        await server.group.shutdown()
    }
}
