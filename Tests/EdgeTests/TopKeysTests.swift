import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

struct TopKeysTests {
    private func ask(_ keys: inout TopKeys, _ path: String, times: Int = 1, bytes: Int = 10, at second: Int64 = 1_000) {
        for _ in 0..<times {
            Array(path.utf8).withUnsafeBytes { keys.asked(for: $0, scope: 1, bytes: bytes, at: second) }
        }
    }

    private func shares(_ keys: inout TopKeys, at second: Int64 = 1_000) -> [(path: String, share: Double)] {
        var report = TopReport()
        report.add(keys.report(at: second)) { _ in "E1" }
        return (report.document["keys"]?.array ?? []).map { ($0["path"]?.string ?? "", $0["share"]?.number ?? -1) }
    }

    @Test func `paths come with their part of the requests, the most frequent first`() {
        var keys = TopKeys()
        ask(&keys, "/a", times: 30)
        ask(&keys, "/b", times: 60)
        ask(&keys, "/c", times: 10)
        let shares = shares(&keys)
        #expect(shares.map(\.path) == ["/b", "/a", "/c"])
        #expect(shares.map(\.share) == [0.6, 0.3, 0.1])
    }

    @Test func `what is asked for most is found among thousands that are asked for once`() {
        var keys = TopKeys()
        for round in 0..<8_000 {
            ask(&keys, "/rare/\(round)", at: 1_000 + Int64(round / 400))
            if round % 4 == 0 { ask(&keys, "/hot", at: 1_000 + Int64(round / 400)) }
        }
        let shares = shares(&keys, at: 1_019)
        #expect(shares.first?.path == "/hot")
        #expect(abs((shares.first?.share ?? 0) - 0.2) < 0.05)
    }

    @Test func `a busy loop looks at some requests only, and the parts stay right`() {
        var keys = TopKeys()
        for round in 0..<100_000 { ask(&keys, round % 10 < 7 ? "/a" : "/b\(round % 3)") }
        let shares = shares(&keys)
        #expect(shares.first?.path == "/a")
        #expect(abs((shares.first?.share ?? 0) - 0.7) < 0.05)
    }

    @Test func `what was asked for long ago fades`() {
        var keys = TopKeys()
        ask(&keys, "/old", times: 500, at: 1_000)
        ask(&keys, "/new", times: 300, at: 1_060)
        #expect(shares(&keys, at: 1_060).map(\.path) == ["/new", "/old"])
        #expect(shares(&keys, at: 9_000).isEmpty)
    }

    @Test func `long paths are told apart and shown cut`() {
        var keys = TopKeys()
        let long = "/" + String(repeating: "x", count: 300)
        ask(&keys, long + "1", times: 2)
        ask(&keys, long + "2")
        let paths = shares(&keys).map(\.path)
        #expect(paths.allSatisfy { $0.utf8.count == TopKeys.pathBytes })
        #expect(keys.report(at: 1_000).keys.count == 2)
    }

    @Test func `the admin listener says what is asked for most, without queries`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(10))
            for number in 0..<5 { _ = try await world.get("/open/a?signature=\(number)") }
            _ = try await world.get("/open/b")
            var keys: [JSONValue] = []
            let isCounted = try await eventually {
                keys = try await world.admin("/top", method: .get).document["keys"]?.array ?? []
                return keys.count == 2 && (keys[0]["share"]?.number ?? 0) > 0.8
            }
            #expect(isCounted)
            #expect(keys.map { $0["path"]?.string } == ["/open/a", "/open/b"])
            #expect(keys.first?["distribution"] == "ETEST")
            #expect(try await world.admin("/top", method: .get, token: nil).status == 401)
        }
    }
}
