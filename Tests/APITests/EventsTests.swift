import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Jobs
import Presentation
import Publishing
import TestKit
import Testing

@testable import API

@Suite struct EventsTests {
    @Test func `a watcher hears each change as it happens, to the end`() async throws {
        let bench = try await Bench()
        let group = try EventLoopGroup(loops: 1, name: "api-test")
        let id = await bench.upload()
        let (server, connection) = try await Self.follow(id, of: bench, on: group)
        #expect(connection.receive(until: "\n\n").contains("\"status\":\"awaiting_upload\""))
        try await bench.arrive(id)
        #expect(connection.receive(until: "\n\n").contains("\"status\":\"queued\""))
        let probe = try await bench.lease()
        #expect(connection.receive(until: "\n\n").contains("\"status\":\"probing\""))
        try await bench.accepted(probe, "complete", ["plan": Bench.plan.json])
        #expect(connection.receive(until: "\n\n").contains("\"status\":\"transcoding\""))
        let pictures = try await bench.lease()
        bench.clock.advance(seconds: 4)
        try await bench.commit(pictures, id, [("360p", 0, 1)])
        let committed = connection.receive(until: "\n\n")
        // Half of the work took four seconds, so the other half and the check will take as long.
        #expect(committed.contains("\"progress\":0.495") && committed.contains("\"estimatedSecondsLeft\":4"))
        try await bench.publisher.publishDue()
        let published = connection.receive(until: "\n\n")
        #expect(published.contains("\"playable\":true"))
        #expect(published.contains("{\"name\":\"360p\",\"publishedSeconds\":6.0}"))
        try await bench.commit(pictures, id, [("360p", 0, 2)])
        #expect(connection.receive(until: "\n\n").contains("\"progress\":0.99"))
        try await bench.accepted(pictures, "complete", [:])
        try await bench.publisher.publishDue()
        #expect(connection.receive(until: "\n\n").contains("\"publishedSeconds\":12.0"))
        try await bench.accepted(try await bench.lease(), "complete", ["conformance": [:]])
        #expect(connection.receive(until: "\n\n").contains("\"status\":\"ready\""))
        #expect(connection.receive(until: "0\r\n\r\n").hasSuffix("0\r\n\r\n"))
        await server.drain(within: .seconds(1))
        await group.shutdown()
    }

    @Test func `watchers leave when the origin is about to stop`() async throws {
        let bench = try await Bench()
        let group = try EventLoopGroup(loops: 1, name: "api-test")
        let (server, connection) = try await Self.follow(await bench.upload(), of: bench, on: group)
        #expect(connection.receive(until: "\n\n").contains("\"status\":\"awaiting_upload\""))
        bench.changes.close()
        #expect(connection.receive(until: "0\r\n\r\n").hasSuffix("0\r\n\r\n"))
        await server.drain(within: .seconds(1))
        await group.shutdown()
    }

    /// A listener and a connection on which the events of a video come, read up to the end of the head.
    private static func follow(
        _ id: String, of bench: Bench, on group: EventLoopGroup
    ) async throws -> (HTTPServer, RawConnection) {
        let api = bench.api
        let server = HTTPServer(configuration: HTTPServerConfiguration(), group: group) { _ in
            AsyncExchangeHandler { await api.respond(to: $0) }
        }
        let connection = try RawConnection(to: try server.bind(to: SocketAddress("127.0.0.1:0")!))
        connection.send("GET /api/v1/videos/\(id)/events HTTP/1.1\r\nHost: origin.test\r\n\r\n")
        let head = connection.receive(until: "\r\n\r\n")
        #expect(head.hasPrefix("HTTP/1.1 200") && head.lowercased().contains("content-type: text/event-stream"))
        return (server, connection)
    }

    @Test func `the routes are reached through a router of the listener's`() async throws {
        let bench = try await Bench()
        var router = Router()
        bench.api.addRoutes(to: &router)
        let request = Request(
            method: .get, target: "/api/v1/videos/none", peer: SocketAddress("127.0.0.1:9")!, requestID: "r")
        #expect(await router.respond(to: request).code == "video_not_found")
    }
}
