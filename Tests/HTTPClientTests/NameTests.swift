import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import Synchronization
import Telemetry
import TestKit
import Testing

/// Names with several and with changing addresses.
@Suite struct NameTests {
    /// A client whose names mean what the test says.
    private final class Names: Sendable {
        let group: EventLoopGroup
        let client: HTTPClient
        let metrics = MetricsRegistry()
        private let answers: Answers

        private final class Answers: Sendable {
            let current: Mutex<[SocketAddress]?>
            init(_ current: [SocketAddress]?) { self.current = Mutex(current) }
        }

        init(_ addresses: [SocketAddress]?, _ change: (inout HTTPClientConfiguration) -> Void = { _ in }) throws {
            group = try EventLoopGroup(loops: 1, name: "client")
            let answers = Answers(addresses)
            self.answers = answers
            var configuration = HTTPClientConfiguration()
            change(&configuration)
            let pool = try BlockingPool(name: "resolver", threads: 1, queueLimit: 10)
            let resolver = Resolver(pool: pool, lifetime: .milliseconds(1)) { host, _ in
                guard let addresses = answers.current.withLock({ $0 }) else {
                    throw ResolutionError(host: host, reason: "no name server", isTemporary: true)
                }
                return addresses
            }
            client = HTTPClient(
                loop: group.loops[0], configuration: configuration, resolver: resolver, metrics: metrics)
        }

        func means(_ addresses: [SocketAddress]?) {
            answers.current.withLock { $0 = addresses }
        }

        func stop() async {
            let client = client
            try? await client.loop.run { client.shutdownOnLoop() }
            await group.shutdown()
        }
    }

    private static let request = ClientRequest(endpoint: Endpoint(host: "origin.test", port: 80), target: "/")

    private func upstream(_ text: String) throws -> Upstream {
        try Upstream { _ in .text(.ok, text) }
    }

    private func withNames(
        _ names: Names, _ upstreams: [Upstream], _ body: (HTTPClient) async throws -> Void
    ) async throws {
        do {
            try await body(names.client)
        } catch {
            await names.stop()
            for upstream in upstreams { await upstream.stop() }
            throw error
        }
        await names.stop()
        for upstream in upstreams { await upstream.stop() }
    }

    @Test func `connections are spread over all addresses of a name`() async throws {
        let upstreams = [try upstream("a"), try upstream("b"), try upstream("c")]
        let names = try Names(upstreams.map(\.address)) { $0.maxRequestsPerConnection = 1 }
        try await withNames(names, upstreams) { client in
            for _ in 0..<9 { _ = try await text(of: client, Self.request) }
            #expect(upstreams.map(\.connections) == [3, 3, 3])
        }
    }

    @Test func `an address that refuses costs nothing while another one answers`() async throws {
        let listener = try Socket.listen(on: .loopback(port: 0), reusePort: false)
        let dead = try #require(listener.localAddress)
        listener.close()
        let alive = try upstream("alive")
        let names = try Names([dead, alive.address]) { $0.maxRequestsPerConnection = 1 }
        try await withNames(names, [alive]) { client in
            for _ in 0..<4 {
                let answer = try await text(of: client, Self.request)
                #expect(answer == "alive")
            }
        }
    }

    @Test func `an address that hangs is overtaken after a quarter of a second`() async throws {
        // A full queue of connections nobody accepts: the kernel drops what comes next.
        let listener = try Socket.listen(on: .loopback(port: 0), reusePort: false, backlog: 0)
        let hanging = try #require(listener.localAddress)
        let fillers = try (0..<8).map { _ in try Socket.connect(to: hanging).0 }
        let alive = try upstream("alive")
        let names = try Names([hanging, alive.address]) { $0.maxRequestsPerConnection = 1 }
        try await withNames(names, [alive]) { client in
            for _ in 0..<2 {
                let begin = ContinuousClock.now
                let answer = try await text(of: client, Self.request)
                #expect(answer == "alive")
                #expect(ContinuousClock.now - begin < .seconds(4), "the connect timeout is 5 s")
            }
        }
        for socket in fillers { socket.close() }
        listener.close()
    }

    @Test func `connections to an address the name no longer has are given up`() async throws {
        let (old, new) = (try upstream("old"), try upstream("new"))
        let names = try Names([old.address]) { $0.resolveInterval = .milliseconds(5) }
        try await withNames(names, [old, new]) { client in
            let before = try await text(of: client, Self.request)
            #expect(before == "old")
            names.means([new.address])
            let moved = try await eventually {
                try await text(of: client, Self.request) == "new"
            }
            #expect(moved)
        }
    }

    @Test func `the last good answer stays while the name servers fail`() async throws {
        let upstream = try upstream("there")
        let names = try Names([upstream.address]) {
            $0.resolveInterval = .milliseconds(5)
            $0.maxRequestsPerConnection = 1
        }
        try await withNames(names, [upstream]) { client in
            _ = try await text(of: client, Self.request)
            names.means(nil)
            for _ in 0..<5 {
                try await client.loop.sleep(for: .milliseconds(10))
                let answer = try await text(of: client, Self.request)
                #expect(answer == "there")
            }
        }
    }

    @Test func `after a failed connection the name is asked again before the next one`() async throws {
        let listener = try Socket.listen(on: .loopback(port: 0), reusePort: false)
        let dead = try #require(listener.localAddress)
        listener.close()
        let alive = try upstream("alive")
        let names = try Names([dead])
        try await withNames(names, [alive]) { client in
            let error = try #require(await failure(of: client, Self.request))
            #expect(error.kind == .connection)
            #expect(error.message.contains("\(dead)"), "the address is named")
            names.means([alive.address])
            let answer = try await text(of: client, Self.request)
            #expect(answer == "alive")
        }
    }
}
