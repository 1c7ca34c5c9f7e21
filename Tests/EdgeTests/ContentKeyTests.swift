import HTTPServer
import HTTPWire
import TestKit
import Testing

/// The key of an encrypted video passes through the edge for viewers with a grant, and stays nowhere.
@Suite struct ContentKeyTests {
    private static let path = "/media/v/content.key"
    private static let key = (0..<16).map { UInt8(truncatingIfNeeded: 0x91 + $0 * 13) }

    private func serveKey(_ world: World) {
        world.origin.answer(
            "/bucket" + Self.path, Self.key,
            headers: ["Cache-Control": "private, no-store", "Content-Type": "application/octet-stream"])
    }

    @Test func `a key is for viewers with a grant, and the origin is asked by the edge's own signature`() async throws {
        try await withWorld { world in
            serveKey(world)
            for headers in [
                [:], ["Cookie": try World.cookies("http*://*/media/another/*")],
                ["Cookie": try World.cookies("http*://*/media/v/*", expires: 1)],
            ] as [Headers] {
                let refused = try await world.get(Self.path, headers: headers)
                #expect(refused.status == 403)
                #expect(refused.body.firstRange(of: Self.key) == nil)
            }
            #expect(world.origin.total == 0)
            let cookies = try World.cookies("http*://*/media/v/*")
            let answer = try await world.get(Self.path, headers: ["Cookie": cookies])
            #expect(answer.status == 200 && answer.body == Self.key)
            #expect(answer.headers.first("Cache-Control") == "private, no-store")
            let asked = try #require(world.origin.requests("/bucket" + Self.path).first)
            #expect(asked.headers.first("Authorization")?.hasPrefix("AWS4-HMAC-SHA256 Credential=AKTEST/") == true)
            #expect(!asked.headers.contains("Cookie"))
        }
    }

    @Test func `a key is fetched for every viewer, and lies nowhere on the disk`() async throws {
        try await withWorld { world in
            serveKey(world)
            let segment = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            world.origin.answer("/bucket/media/v/00001.m4s", segment)
            for _ in 0..<3 {
                let answer = try await world.play(Self.path)
                #expect(answer.body == Self.key && !answer.cache.hasPrefix("Hit"))
                _ = try await world.play("/media/v/00001.m4s")
            }
            async let first = world.play(Self.path)
            async let second = world.play(Self.path)
            #expect(try await [first.body, second.body] == [Self.key, Self.key])
            #expect(world.origin.count("/bucket" + Self.path) == 5)
            try await world.untilStored("/media/v/00001.m4s")
            let files = TemporaryDirectory.contents(below: world.cacheFile("."))
            #expect(files.values.contains { $0.firstRange(of: segment) != nil })
            #expect(files.values.allSatisfy { $0.firstRange(of: Self.key) == nil })
            #expect(files.values.allSatisfy { $0.firstRange(of: Array(Self.path.utf8)) == nil })
        }
    }
}
