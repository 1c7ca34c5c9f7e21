import Catalog
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Testing

@testable import EdgeControl

@Suite struct ControlLogTests {
    private func append(_ order: EdgeOrder, _ bench: ControlBench) async throws -> Int64 {
        let log = bench.log
        let sequence = try await bench.catalog.write { try log.append(order, in: $0) }
        log.announce()
        return sequence
    }

    @Test func `an edge without a position learns where the log stands`() async throws {
        let bench = try ControlBench()
        _ = try await append(.forget(videoId: "1"), bench)
        let answer = await bench.follow()
        #expect(answer.status == .ok && answer.orders.isEmpty)
        #expect(answer.json["latest"]?.integer == 1)
        #expect(answer.json["log"]?.string == (try await bench.logId()))
        #expect(try await bench.edges().isEmpty)
    }

    @Test func `an edge gets what is behind its position, in order, and thereby acknowledges what is not`() async throws
    {
        let bench = try ControlBench()
        for number in 1...3 { _ = try await append(.forget(videoId: "\(number)"), bench) }
        let answer = await bench.follow(log: try await bench.logId(), after: 1)
        #expect(answer.orders == ["2", "3"].map { ["purge": ["tags": [.string("video:\($0)")]]] })
        #expect(answer.json["entries"]?.array?.compactMap { $0["sequence"]?.integer } == [2, 3])
        let edges = try await bench.edges()
        #expect(edges == [FollowingEdge(id: "e1", acknowledged: 1, connectedUntil: bench.now + 30_000)])
    }

    /// Adds a key, as `SigningKeys` does, and says so to the edges.
    private func trust(_ id: String, _ bench: ControlBench) async throws {
        let log = bench.log
        try await bench.catalog.write { transaction in
            try transaction.insert(
                SigningKey(
                    id: id, groupId: "g", algorithm: "RSA-2048", publicKey: "pem \(id)", sealedPrivateKey: nil,
                    createdAt: 1, createdBy: "anna"))
            try log.append(.keys(try TrustedKeyGroups(transaction)), in: transaction)
        }
        log.announce()
    }

    private func groups(_ ids: String...) -> JSONValue {
        ["groups": ["g": .array(ids.map { ["id": .string($0), "publicKey": .string("pem \($0)")] })]]
    }

    @Test func `a change of keys is an order with all keys there are`() async throws {
        let bench = try ControlBench()
        try await trust("K1", bench)
        try await trust("K2", bench)
        let answer = await bench.follow(log: try await bench.logId(), after: 0)
        #expect(answer.orders == [["keys": groups("K1")], ["keys": groups("K1", "K2")]])
        #expect(answer.json["keys"] == nil)
    }

    @Test func `the keys of the moment come to an edge without a position, that has lost its place, or has none`()
        async throws
    {
        let bench = try ControlBench()
        try await trust("K1", bench)
        try await trust("K2", bench)
        let log = try await bench.logId()
        #expect(await bench.follow().json["keys"] == groups("K1", "K2"))
        let lost = await bench.follow(log: "another", after: 1)
        #expect(lost.status == .gone && lost.json["keys"] == groups("K1", "K2"))
        let without = await bench.follow(log: log, after: 2, wait: 50, lacksKeys: true)
        #expect(without.status == .ok && without.orders.isEmpty && without.json["keys"] == groups("K1", "K2"))
        #expect(without.json["latest"]?.integer == 2)
    }

    @Test func `an edge that waits is answered when an order comes`() async throws {
        let bench = try ControlBench()
        let logId = try await bench.logId()
        async let waiting = bench.follow(log: logId, after: 0, wait: 50)
        _ = try await append(.forget(videoId: "1"), bench)
        #expect(await waiting.orders.count == 1)
    }

    @Test func `closing answers those who wait`() async throws {
        let bench = try ControlBench()
        let logId = try await bench.logId()
        async let waiting = bench.follow(log: logId, after: 0, wait: 50)
        bench.log.close()
        let answer = await waiting
        #expect(answer.status == .ok && answer.orders.isEmpty)
    }

    @Test func `a position the log does not reach back to is gone, and acknowledges nothing`() async throws {
        let bench = try ControlBench()
        let logId = try await bench.logId()
        for number in 1...2 { _ = try await append(.forget(videoId: "\(number)"), bench) }
        bench.advance(seconds: 8 * 86_400)
        _ = try await append(.forget(videoId: "3"), bench)
        for (log, after) in [(logId, 1), (logId, 4), ("another", 3)] as [(String, Int64)] {
            let answer = await bench.follow(log: log, after: after)
            #expect(answer.status == .gone, "after \(after) of \(log)")
            #expect(answer.json["latest"]?.integer == 3)
        }
        #expect(try await bench.edges().isEmpty)
        #expect(await bench.follow(log: logId, after: 2).orders.count == 1)
    }

    @Test func `an order is carried out once every connected edge is behind it`() async throws {
        let bench = try ControlBench()
        let logId = try await bench.logId()
        _ = await bench.follow("slow", log: logId, after: 0)
        _ = await bench.follow("fast", log: logId, after: 0)
        let sequence = try await append(.forget(videoId: "1"), bench)
        _ = await bench.follow("fast", log: logId, after: sequence)
        #expect(try await bench.log.carriedOut(sequence, within: .zero) == false)
        async let isCarriedOut = bench.log.carriedOut(sequence, within: .seconds(60))
        _ = await bench.follow("slow", log: logId, after: sequence)
        #expect(try await isCarriedOut)
    }

    @Test func `an edge that has gone away holds nothing up`() async throws {
        let bench = try ControlBench()
        _ = await bench.follow(log: try await bench.logId(), after: 0)
        let sequence = try await append(.forget(videoId: "1"), bench)
        #expect(try await bench.log.carriedOut(sequence, within: .zero) == false)
        bench.advance(seconds: 61)
        #expect(try await bench.log.carriedOut(sequence, within: .zero))
    }

    @Test func `an edge that says goodbye holds nothing up`() async throws {
        let bench = try ControlBench()
        let logId = try await bench.logId()
        _ = await bench.follow(log: logId, after: 0)
        let sequence = try await append(.forget(videoId: "1"), bench)
        let goodbye = await bench.call(
            .get, "/edges/e1/log?log=\(logId)&after=0&leave", as: "EDGE", service: "weir", region: "eu-central-1")
        #expect(goodbye.status == .ok)
        #expect(try await bench.log.carriedOut(sequence, within: .zero))
    }

    @Test func `only keys of edges may follow, and only under a name`() async throws {
        let bench = try ControlBench()
        let target = "/edges/e1/log?wait=0"
        #expect(await bench.call(.get, target, as: nil).status == .forbidden)
        #expect(
            await bench.call(.get, target, as: "ADMIN", service: "weir", region: "eu-central-1").status == .forbidden)
        #expect(await bench.call(.get, target, as: "EDGE").status == .forbidden)
        func follow(as key: String, _ edge: String) async -> HTTPStatus {
            await bench.call(.get, "/edges/\(edge)/log?wait=0", as: key, service: "weir", region: "eu-central-1").status
        }
        #expect(await follow(as: "EDGE-A", "a") == .ok)
        #expect(await follow(as: "EDGE-A", "b") == .forbidden)
        #expect(await bench.follow("e%2F1").status == .badRequest)
        let odd = "/edges/e1/log?log=x&after=1x"
        #expect(
            await bench.call(.get, odd, as: "EDGE", service: "weir", region: "eu-central-1").status == .badRequest)
    }
}
