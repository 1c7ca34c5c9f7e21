import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

@Suite struct CacheReportTests {
    @Test func `an operator sees figures, objects and whether they are right`() async throws {
        try await withWorld { world in
            for name in ["/open/a", "/open/b", "/open/c"] {
                world.origin.answer(name, patterned(300_000))
                _ = try await world.get(name)
                try await world.untilStored(name)
            }
            let figures = try await world.admin("/cache", method: .get)
            #expect(figures.status == 200)
            #expect(figures.document["objects"]?.integer == 3)
            #expect(figures.document["bodyBytes"]?.integer == 900_000)
            var keys: [String] = []
            var cursor = ""
            repeat {
                let page = try await world.admin("/cache/objects?limit=2&prefix=/open/\(cursor)", method: .get)
                keys += page.document["objects"]?.array?.compactMap { $0["key"]?.string } ?? []
                cursor = page.document["cursor"]?.string.map { "&cursor=\($0)" } ?? ""
            } while !cursor.isEmpty
            #expect(keys.sorted() == ["/open/a", "/open/b", "/open/c"])
            let check = try await world.admin("/cache/verify")
            #expect(check.document["objects"]?.integer == 3)
            #expect(check.document["damaged"]?.array?.count == 0)
        }
    }

    @Test func `what makes no sense is refused`() async throws {
        try await withWorld { world in
            for target in ["/cache/objects?limit=0", "/cache/objects?limit=x", "/cache/objects?cursor=x"] {
                let refused = try await world.admin(target, method: .get)
                #expect(refused.status == 400, "\(target)")
            }
            let badCursor = try await world.admin("/cache/verify?cursor=64-")
            #expect(badCursor.status == 400)
            let stranger = try await world.admin("/cache", method: .get, token: nil)
            #expect(stranger.status == 401)
        }
    }
}
