import HTTPServer
import HTTPWire
import Synchronization
import TestKit
import Testing

@testable import Edge

@Suite struct SharingTests {
    /// Numbers its answers, so that a shared one shows.
    private final class Numbering: Sendable {
        private let last = Mutex(0)
        func next() -> Int {
            last.withLock { last in
                last += 1
                return last
            }
        }
    }

    @Test(
        arguments: [
            ["Cache-Control": "private, max-age=600"], ["Cache-Control": "no-store"],
            ["Cache-Control": "public, max-age=600", "Set-Cookie": "session=1"],
            ["Cache-Control": "public, max-age=600", "Vary": "*"],
            ["Cache-Control": "public, max-age=600", "Vary": "Cookie"],
        ] as [Headers])
    func `what is for one client is never stored and never shared`(headers: Headers) async throws {
        try await withWorld { world in
            let numbering = Numbering()
            world.origin.answer("/open/a") { _ in
                Response(status: .ok, headers: headers, body: .bytes(Array("\(numbering.next())".utf8)))
            }
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<8 { group.addTask { try await world.get("/open/a") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.map(\.text)).count == 8)
            #expect(answers.allSatisfy { $0.cache == "Miss from weir" })
            #expect(answers.allSatisfy { $0.headers.first("Set-Cookie") == headers.first("Set-Cookie") })
        }
    }

    @Test func `a request with Authorization is passed through and its answer is not stored`() async throws {
        try await withWorld { world in
            let numbering = Numbering()
            world.origin.answer("/open/a") { _ in
                Response(
                    status: .ok, headers: ["Cache-Control": "public, max-age=600"],
                    body: .bytes(Array("\(numbering.next())".utf8)))
            }
            var texts: [String] = []
            for headers: Headers in [["Authorization": "Bearer x"], ["Authorization": "Bearer x"], [:]] {
                texts.append(try await world.get("/open/a", headers: headers).text)
            }
            #expect(texts == ["1", "2", "3"])
            #expect(
                world.origin.requests("/open/a").map { $0.headers.contains("Authorization") } == [true, true, false])
        }
    }

    @Test func `a client's fields do not reach the origin through a fill`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", [1])
            _ = try await world.get(
                "/open/a",
                headers: [
                    "Cookie": "a=b", "X-Forwarded-Host": "evil.example", "X-HTTP-Method-Override": "DELETE",
                    "Accept-Encoding": "gzip",
                ])
            let request = try #require(world.origin.requests("/open/a").first)
            for name in ["Cookie", "X-Forwarded-Host", "X-HTTP-Method-Override"] {
                #expect(!request.headers.contains(name))
            }
            #expect(request.headers.first("Accept-Encoding") == "identity")
        }
    }

    @Test func `a page that must be revalidated is stored and asked about each time`() async throws {
        try await withWorld { world in
            world.origin.answer("/") { request in
                let headers: Headers = ["Cache-Control": "no-cache", "ETag": "\"p1\""]
                if request.headers.first("If-None-Match") == "\"p1\"" {
                    return Response(status: .notModified, headers: headers)
                }
                return Response(status: .ok, headers: headers, body: .bytes(Array("page".utf8)))
            }
            let first = try await world.get("/")
            #expect(first.cache == "Miss from weir")
            let isConfirmed = try await eventually {
                let answer = try await world.get("/")
                #expect(answer.text == "page")
                return answer.cache == "RefreshHit from weir"
            }
            #expect(isConfirmed)
            let before = world.origin.count("/")
            #expect(try await world.get("/").status == 200)
            #expect(world.origin.count("/") == before + 1)
        }
    }
}
