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

    @Test func `uploads leave connections for others and take their turn among themselves`() async throws {
        let upstream = try Upstream { request in
            .text(.ok, "\((try? await request.body.collect(upTo: 100))?.count ?? -1)")
        }
        let client = try TestClient {
            $0.maxConnectionsPerEndpoint = 4
            $0.maxUploadsPerEndpoint = 2
            $0.maxWaitingPerEndpoint = 3
        }
        try await withClient(client) { sender in
            let outcomes = (0..<6).map { _ in Outcomes() }
            let exchanges = try await sender.loop.run {
                outcomes.map {
                    let request = upstream.request(.put, body: .stream(length: nil))
                    return LoopBound(sender.startOnLoop(request, receiver: $0.makeReceiver()), loop: sender.loop)
                }
            }
            // Two have a connection, three wait, one finds the queue full; and still there is a way.
            #expect(await eventually { upstream.connections == 2 && outcomes[5].all.first??.kind == .overloaded })
            try await expectText("0", of: sender, upstream.request())
            #expect(upstream.connections == 3)
            // One that leaves makes room, one that ends does.
            try await sender.loop.run {
                exchanges[0].valueOnLoop.cancelOnLoop()
                exchanges[3].valueOnLoop.cancelOnLoop()
                for index in [1, 2, 4] { exchanges[index].valueOnLoop.finishBodyOnLoop() }
            }
            #expect(await eventually { [1, 2, 4].allSatisfy { outcomes[$0].all.count == 1 } })
            #expect([1, 2, 4].allSatisfy { outcomes[$0].all[0] == nil })
            #expect(outcomes[0].all.isEmpty && outcomes[3].all.isEmpty)
        }
        await upstream.stop()
    }
}
