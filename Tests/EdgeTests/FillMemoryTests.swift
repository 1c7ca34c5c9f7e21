import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// Fills whose objects are larger than the memory they may take. The store of these tests takes nothing above 16 MiB.
@Suite struct FillMemoryTests {
    private static let lasting: Headers = ["Cache-Control": "public, max-age=600", "ETag": "\"v1\""]
    private static let narrow: @Sendable (inout EdgeSettings) -> Void = { $0.fills.windowBytes = 512 << 10 }
    /// The window, and the piece that is being written.
    private static let mostBytes = 512 << 10 + FillBody.pieceBytes

    @Test func `a large object takes little memory, and a slow client reads it from the store`() async throws {
        try await withWorld(change: Self.narrow) { world in
            let bytes = patterned(14_000_000)
            world.origin.answer("/open/a", bytes, headers: Self.lasting)
            let slow = try await world.send("/open/a")
            let fast = try await world.get("/open/a")
            #expect(fast.body == bytes)
            #expect(try await world.metric(EdgeMetricTable.fillBytes) <= Self.mostBytes)
            try await world.untilStored("/open/a")
            #expect(await eventually { (try? await world.metric(EdgeMetricTable.fillBytes)) == 0 })
            #expect(try await slow.body.collect(upTo: 1 << 25) == bytes)
            #expect(world.origin.count("/open/a") == 1)
        }
    }

    @Test func `with all memory taken, fills go on with the least each`() async throws {
        try await withWorld(change: { ($0.fills.memoryBytes, $0.fills.windowBytes) = (4 << 20, 16 << 20) }) { world in
            let bytes = patterned(6_000_000)
            let paths = (0..<8).map { "/open/\($0)" }
            for path in paths { world.origin.answer(path, bytes, headers: Self.lasting) }
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for path in paths + paths { group.addTask { try await world.get(path).body == bytes } }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test(arguments: [true, false])
    func `what the store does not take is streamed with bounded memory`(isAnnounced: Bool) async throws {
        try await withWorld(change: Self.narrow) { world in
            let bytes = patterned(20_000_000)
            let mostSeen = Gate()
            world.origin.answer("/open/a") { _ in
                Response(
                    status: .ok, headers: Self.lasting,
                    body: .stream(length: isAnnounced ? bytes.count : nil) { writer in
                        for start in stride(from: 0, to: bytes.count, by: 500_000) {
                            try await writer.write(Array(bytes[start..<start + 500_000]))
                            let held = (try? await world.metric(EdgeMetricTable.fillBytes)) ?? .max
                            if held > Self.mostBytes { mostSeen.add(1) }
                        }
                    })
            }
            #expect(try await world.get("/open/a").body == bytes)
            #expect(mostSeen.count == 0, "more memory than the window")
            #expect(await eventually { (try? await world.metric(EdgeMetricTable.fillBytes)) == 0 })
            let explained = try await world.admin("/explain?url=/open/a", method: .get).document
            #expect(explained["state"] == "absent")
        }
    }

    /// Two clients of one fill, of which the second reads only when the first has everything.
    private func withLaggard(
        headers: Headers, _ body: (World, _ bytes: [UInt8], _ laggard: ClientResponse) async throws -> Void
    ) async throws {
        try await withWorld(change: Self.narrow) { world in
            let bytes = patterned(20_000_000)
            let gate = Gate()
            world.origin.answer("/open/a") { request in
                if request.headers.contains("Range") { return Response(ranged: bytes, headers: headers, for: request) }
                return Response(
                    status: .ok, headers: headers,
                    body: .stream(length: bytes.count) { writer in
                        try await writer.write(Array(bytes[..<100_000]))
                        await gate.wait()
                        try await writer.write(Array(bytes[100_000...]))
                    })
            }
            let fast = try await world.send("/open/a")
            let slow = try await world.send("/open/a")
            gate.open()
            let received = try await fast.body.collect(upTo: 1 << 25)
            #expect(received == bytes)
            try await body(world, bytes, slow)
        }
    }

    @Test func `who falls behind what the store does not take gets the rest in slices`() async throws {
        try await withLaggard(headers: Self.lasting) { world, bytes, laggard in
            let received = try await laggard.body.collect(upTo: 1 << 25)
            #expect(received == bytes)
            let conditions = world.origin.requests("/open/a").dropFirst().map { $0.headers.first("If-Range") }
            #expect(!conditions.isEmpty && conditions.allSatisfy { $0 == "\"v1\"" })
        }
    }

    @Test func `what is too large for the window, not stored and of no version is passed through`() async throws {
        try await withWorld(change: Self.narrow) { world in
            let bytes = patterned(20_000_000)
            world.origin.answer("/open/a", bytes, headers: ["Cache-Control": "public, max-age=600"])
            let clients = [try await world.send("/open/a"), try await world.send("/open/a")]
            for client in clients {
                let received = try await client.body.collect(upTo: 1 << 25)
                #expect(received == bytes)
            }
            // The fill, and one request for each client.
            #expect(world.origin.count("/open/a") == 3)
        }
    }

    @Test func `when the store takes nothing and the last client leaves, the origin is left too`() async throws {
        try await withWorld(change: Self.narrow) { world in
            let left = Gate()
            world.origin.answer("/open/a") { _ in
                Response(
                    status: .ok, headers: Self.lasting,
                    body: .stream(length: 60_000_000) { writer in
                        defer { left.open() }
                        while true { try await writer.write([UInt8](repeating: 1, count: 100_000)) }
                    })
            }
            do {
                let leaving = try await world.send("/open/a")
                var iterator = leaving.body.makeAsyncIterator()
                _ = try await iterator.next()
            }
            await left.wait()
            #expect(await eventually { (try? await world.metric(EdgeMetricTable.fills)) == 0 })
            #expect(try await world.metric(EdgeMetricTable.fillBytes) == 0)
        }
    }
}
