import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import TestKit
import Testing

@Suite struct PoolTests {
    @Test func `a connection is closed after its number of requests`() async throws {
        let upstream = try Upstream { _ in .text(.ok, "ok") }
        try await withClient(TestClient { $0.maxRequestsPerConnection = 3 }) { client in
            for _ in 0..<9 { try await expectText("ok", of: client, upstream.request()) }
            #expect(upstream.connections == 3)
        }
        await upstream.stop()
    }

    @Test func `a connection that is old is closed once its request is over`() async throws {
        let upstream = try Upstream { _ in .text(.ok, "ok") }
        try await withClient(TestClient { $0.maxConnectionAge = .zero }) { client in
            for _ in 0..<3 { try await expectText("ok", of: client, upstream.request()) }
            #expect(upstream.connections == 3)
        }
        await upstream.stop()
    }

    @Test func `no more connections are kept unused than allowed, and the last used is used first`() async throws {
        let gate = Gate()
        let upstream = try Upstream { request in
            if request.path == "/wait" { await gate.wait() }
            return .text(.ok, "ok")
        }
        try await withClient(TestClient { $0.maxIdlePerEndpoint = 2 }) { client in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for _ in 0..<5 {
                    tasks.addTask { try await expectText("ok", of: client, upstream.request(.get, "/wait")) }
                }
                #expect(await eventually { upstream.connections == 5 })
                gate.open()
                try await tasks.waitForAll()
            }
            for _ in 0..<3 { try await expectText("ok", of: client, upstream.request()) }
            #expect(upstream.connections == 5, "one of the two kept serves all three")
        }
        await upstream.stop()
    }
}
