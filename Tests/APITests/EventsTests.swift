import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Jobs
import TestKit
import Testing

@testable import API

@Suite struct EventsTests {
    @Test func `a watcher hears each change as it happens, to the end`() async throws {
        let bench = try await Bench()
        let group = try EventLoopGroup(loops: 1, name: "api-test")
        let api = bench.api
        let server = HTTPServer(configuration: HTTPServerConfiguration(), group: group) { _ in
            AsyncExchangeHandler { await api.respond(to: $0) }
        }
        let address = try server.bind(to: SocketAddress("127.0.0.1:0")!)
        let id = await bench.upload()
        let connection = try RawConnection(to: address)
        connection.send("GET /api/v1/videos/\(id)/events HTTP/1.1\r\nHost: origin.test\r\n\r\n")
        let head = connection.receive(until: "\r\n\r\n")
        #expect(head.hasPrefix("HTTP/1.1 200") && head.lowercased().contains("content-type: text/event-stream"))
        #expect(connection.receive(until: "\n\n").contains("\"status\":\"awaiting_upload\""))
        try await bench.arrive(id)
        #expect(connection.receive(until: "\n\n").contains("\"status\":\"queued\""))
        _ = await bench.worker("lease", ["workerId": "w"])
        #expect(connection.receive(until: "\n\n").contains("\"status\":\"probing\""))
        _ = await bench.worker(
            "jobs/transcode-\(id)/heartbeat", ["fence": 1, "phase": "transcoding", "progress": 0.5])
        #expect(connection.receive(until: "\n\n").contains("\"progress\":0.5"))
        _ = await bench.worker("jobs/transcode-\(id)/complete", ["fence": 1, "durationSeconds": 1])
        #expect(connection.receive(until: "\n\n").contains("\"status\":\"ready\""))
        #expect(connection.receive(until: "0\r\n\r\n").hasSuffix("0\r\n\r\n"))
        await server.drain(within: .seconds(1))
        await group.shutdown()
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
