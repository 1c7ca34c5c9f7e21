import EventLoop
import Glibc
import HTTPClient
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// Origins that misbehave under a fill: no client hangs, nothing of it is stored.
@Suite struct HostileFillTests {
    private static let head = "HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nETag: \"v1\"\r\n"

    /// What an origin sends after the request; then it closes.
    struct Trick: Sendable, CustomStringConvertible {
        let name: String
        var description: String { name }
        let play: @Sendable (RawConnection) -> Void
        /// Whether a client that asked for a range may have it as it is.
        var isFineForRanges = false

        init(_ name: String, _ text: String, isFineForRanges: Bool = false) {
            self.name = name
            self.isFineForRanges = isFineForRanges
            play = { $0.send(text) }
        }

        init(_ name: String, play: @escaping @Sendable (RawConnection) -> Void) {
            self.name = name
            self.play = play
        }
    }

    private static let tricks = [
        Trick("a short body", head + "Content-Length: 10\r\n\r\nfive!"),
        Trick("a chunked body without end", head + "Transfer-Encoding: chunked\r\n\r\n5\r\nfive!\r\n"),
        Trick("a broken chunk", head + "Transfer-Encoding: chunked\r\n\r\n5\r\nfive!\r\nxyz\r\n"),
        Trick("304 to no condition", "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\nCache-Control: max-age=600\r\n\r\n"),
        Trick(
            "a part of a whole",
            "HTTP/1.1 206 Partial Content\r\nCache-Control: max-age=600\r\nContent-Range: bytes 0-4/10\r\n"
                + "Content-Length: 5\r\n\r\nfive!", isFineForRanges: true),
        Trick("a flood of interim responses", String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 1000)),
        Trick("no response", ""),
        Trick("bytes that are no response", "SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        Trick("a reset in the body") { connection in
            connection.resetOnClose()
            connection.send(Self.head + "Content-Length: 10\r\n\r\nfive!")
        },
        Trick("endless fields") { connection in
            connection.send(Self.head)
            while connection.send("X-Endless: \(String(repeating: "x", count: 1000))\r\n") {}
        },
    ]

    @Test(arguments: tricks)
    func `the client is told at once and nothing is stored`(trick: Trick) async throws {
        let origin = try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            trick.play(connection)
        }
        try await withWorld(app: "http://\(origin.address)") { world in
            for range in trick.isFineForRanges ? [nil] : [nil, "bytes=2-9"] {
                var headers: Headers = [:]
                if let range { headers.set("Range", range) }
                let response = try await world.send("/open/a", headers: headers)
                if response.status == .ok || response.status == .partialContent {
                    await #expect(throws: ClientError.self) { _ = try await response.body.collect(upTo: 1000) }
                } else {
                    #expect(response.status == .badGateway)
                    _ = try await response.body.collect(upTo: 1000)
                }
            }
            #expect(await eventually { (try? await world.metric(EdgeMetricTable.fills)) == 0 })
            #expect(try await world.metric("weir_store_objects") == 0)
        }
    }

    @Test func `an origin that drips is given up`() async throws {
        let origin = try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send(Self.head + "Content-Length: 100000\r\n\r\n")
            while connection.send("x") { usleep(20_000) }
        }
        try await withWorld(app: "http://\(origin.address)") { world in
            let start = ContinuousClock.now
            let response = try await world.send("/open/a")
            await #expect(throws: ClientError.self) { _ = try await response.body.collect(upTo: 100_000) }
            #expect(ContinuousClock.now - start < .seconds(4 * FillPace.intervalSeconds))
            #expect(try await world.metric("weir_store_objects") == 0)
            #expect(try await world.metric(EdgeMetricTable.fills) == 0)
        }
    }
}
