import Bytes
import HTTPClient
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

@Suite struct CachingTests {
    private static let lasting: Headers = [
        "Cache-Control": "public, max-age=600", "ETag": "\"v1\"", "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT",
        "Content-Type": "video/mp4", "x-amz-meta-cache-tag": "video:v1",
    ]

    @Test(arguments: [0, 100, 8_193, 262_128, 1_000_000])
    func `the first request asks the origin, the second is answered from the store`(count: Int) async throws {
        try await withWorld { world in
            let bytes = patterned(count)
            world.origin.answer("/open/a.mp4", bytes, headers: Self.lasting)
            let first = try await world.get("/open/a.mp4")
            #expect(first.status == 200)
            #expect(first.body == bytes)
            #expect(first.cache == "Miss from weir")
            try await world.untilStored("/open/a.mp4")
            let second = try await world.get("/open/a.mp4")
            #expect(second.body == bytes)
            #expect(second.cache == "Hit from weir")
            #expect(second.headers.first("ETag") == "\"v1\"")
            #expect(second.headers.first("Content-Type") == "video/mp4")
            #expect(second.headers.first("Age") != nil)
            #expect(second.headers.first("Via") == "1.1 weir")
            #expect(second.headers.first("X-Amz-Cf-Id")?.isEmpty == false)
            #expect(second.headers.first("Cache-Status")?.hasPrefix("weir; hit") == true)
            #expect(!second.headers.contains("x-amz-meta-cache-tag"))
            #expect(world.origin.count("/open/a.mp4") == 1)
        }
    }

    @Test func `fifty cold requests at once cost the origin one`() async throws {
        try await withWorld { world in
            let bytes = patterned(700_000)
            let gate = Gate()
            world.origin.answer("/open/a") { _ in
                await gate.wait()
                return Response(status: .ok, headers: Self.lasting, body: .bytes(bytes))
            }
            try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<50 { group.addTask { try await world.get("/open/a") } }
                #expect(await eventually { world.origin.count("/open/a") == 1 })
                gate.open()
                for try await answer in group {
                    #expect(answer.status == 200)
                    #expect(answer.body == bytes)
                }
            }
            #expect(world.origin.count("/open/a") == 1)
        }
    }

    @Test func `clients get the bytes that are here while the rest is on its way`() async throws {
        try await withWorld { world in
            let bytes = patterned(600_000)
            let gate = Gate()
            world.origin.answer("/open/a") { _ in
                Response(
                    status: .ok, headers: Self.lasting,
                    body: .stream(length: bytes.count) { writer in
                        try await writer.write(Array(bytes[..<300_000]))
                        await gate.wait()
                        try await writer.write(Array(bytes[300_000...]))
                    })
            }
            let clients = [try await world.send("/open/a"), try await world.send("/open/a")]
            var iterators = clients.map { $0.body.makeAsyncIterator() }
            for index in iterators.indices {
                var received: [UInt8] = []
                while received.count < 300_000, let piece = try await iterators[index].next() { received += piece }
                #expect(received == Array(bytes[..<300_000]))
            }
            gate.open()
            for index in iterators.indices {
                var received: [UInt8] = []
                while let piece = try await iterators[index].next() { received += piece }
                #expect(received == Array(bytes[300_000...]))
            }
            #expect(world.origin.count("/open/a") == 1)
        }
    }

    @Test func `a client that leaves does not end the fill`() async throws {
        try await withWorld { world in
            let bytes = patterned(600_000)
            let gate = Gate()
            world.origin.answer("/open/a") { _ in
                Response(
                    status: .ok, headers: Self.lasting,
                    body: .stream(length: bytes.count) { writer in
                        try await writer.write(Array(bytes[..<300_000]))
                        await gate.wait()
                        try await writer.write(Array(bytes[300_000...]))
                    })
            }
            do {
                let leaving = try await world.send("/open/a")
                var iterator = leaving.body.makeAsyncIterator()
                _ = try await iterator.next()
            }
            gate.open()
            try await world.untilStored("/open/a")
            #expect(try await world.get("/open/a").body == bytes)
            #expect(world.origin.count("/open/a") == 1)
        }
    }

    @Test func `ranges outside and conditions that no longer hold`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(1000), headers: Self.lasting)
            _ = try await world.get("/open/a")
            try await world.untilStored("/open/a")
            let outside = try await world.get("/open/a", headers: ["Range": "bytes=1000-"])
            #expect(outside.status == 416)
            #expect(outside.headers.first("Content-Range") == "bytes */1000")
            let changed = try await world.get("/open/a", headers: ["Range": "bytes=0-9", "If-Range": "\"v0\""])
            #expect(changed.status == 200)
            #expect(changed.body.count == 1000)
            let same = try await world.get("/open/a", headers: ["Range": "bytes=0-9", "If-Range": "\"v1\""])
            #expect(same.status == 206)
        }
    }

    @Test func `a client that has the object already gets 304, hit or miss`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(1000), headers: Self.lasting)
            for expected in ["Miss from weir", "Hit from weir"] {
                let byTag = try await world.get("/open/a", headers: ["If-None-Match": "\"v0\", W/\"v1\""])
                #expect(byTag.status == 304)
                #expect(byTag.cache == expected)
                #expect(byTag.body.isEmpty)
                #expect(byTag.headers.first("ETag") == "\"v1\"")
                try await world.untilStored("/open/a")
            }
            let byDate = try await world.get("/open/a", headers: ["If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"])
            #expect(byDate.status == 304)
            let other = try await world.get("/open/a", headers: ["If-None-Match": "\"v2\""])
            #expect(other.status == 200)
            #expect(world.origin.requests("/open/a").first?.headers.contains("If-None-Match") == false)
        }
    }

    @Test func `HEAD gives the fields of GET and no body, hit or miss`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(300_000), headers: Self.lasting)
            for expected in ["Miss from weir", "Hit from weir"] {
                let head = try await world.get("/open/a", method: .head)
                #expect(head.status == 200)
                #expect(head.headers.first("Content-Length") == "300000")
                #expect(head.body.isEmpty)
                #expect(head.cache == expected)
                try await world.untilStored("/open/a")
            }
            #expect(world.origin.count("/open/a") == 1)
        }
    }

    @Test func `query parameters outside the key make no other object and are not forwarded`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(10), headers: Self.lasting)
            _ = try await world.get("/open/a?x=1")
            try await world.untilStored("/open/a?x=2")
            #expect(world.origin.requests("/open/a").map(\.query) == [nil])
        }
    }

    @Test func `an object larger than may be collected is passed through with the client's range`() async throws {
        try await withWorld(objectMebibytes: 1) { world in
            let bytes = patterned(1_500_000)
            world.origin.answer("/open/a") { request in
                guard request.headers.contains("Range") else {
                    return Response(status: .ok, headers: Self.lasting, body: .bytes(bytes))
                }
                var headers = Self.lasting
                headers.set("Content-Range", "bytes 0-9/1500000")
                return Response(status: .partialContent, headers: headers, body: .bytes(Array(bytes[..<10])))
            }
            let whole = try await world.get("/open/a")
            #expect(whole.body == bytes)
            let part = try await world.get("/open/a", headers: ["Range": "bytes=0-9"])
            #expect(part.status == 206)
            #expect(part.body == Array(bytes[..<10]))
            #expect(part.headers.first("Content-Range") == "bytes 0-9/1500000")
            #expect(part.headers.first("Cache-Status") == "weir; fwd=bypass")
        }
    }
}

extension World {
    /// Waits until the store has the object: a commit happens after the last client has its bytes.
    func untilStored(_ target: String) async throws {
        let question = "/explain?url=\(PercentEncoding.encode(target))"
        let isStored = try await eventually(within: .seconds(30)) {
            try await self.admin(question, method: .get).document["state"]?.string == "fresh"
        }
        if !isStored { throw Unexpected(what: "\(target) was never stored") }
    }
}
