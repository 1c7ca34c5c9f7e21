import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// Several ranges, from a fill and from the store.
@Suite struct RangeTests {
    private static let lasting: Headers = [
        "Cache-Control": "public, max-age=600", "ETag": "\"v1\"", "Content-Type": "video/mp4",
    ]

    /// The parts of a multipart body: `Content-Type`, `Content-Range`, bytes.
    private func parts(of answer: Answer) throws -> [(type: String, range: String, bytes: [UInt8])] {
        let type = try #require(answer.headers.first("Content-Type"))
        #expect(type.hasPrefix("multipart/byteranges; boundary="))
        let boundary = Array("--\(type.dropFirst("multipart/byteranges; boundary=".count))".utf8)
        var rest = answer.body[...]
        var parts: [(String, String, [UInt8])] = []
        while true {
            let end = try #require(rest.firstRange(of: boundary))
            if !parts.isEmpty { parts[parts.count - 1].2 = Array(rest[..<(end.lowerBound - 2)]) }
            rest = rest[end.upperBound...]
            if rest.elementsEqual(Array("--\r\n".utf8)) { return parts }
            let head = try #require(rest.firstRange(of: Array("\r\n\r\n".utf8)))
            var fields = Headers()
            for line in String(decoding: rest[..<head.lowerBound], as: UTF8.self).split(separator: "\r\n") {
                let colon = try #require(line.firstIndex(of: ":"))
                fields.add(String(line[..<colon]), String(line[colon...].dropFirst(2)))
            }
            parts.append((fields.first("Content-Type") ?? "", fields.first("Content-Range") ?? "", []))
            rest = rest[head.upperBound...]
        }
    }

    @Test func `several ranges come as parts, from a fill and from the store`() async throws {
        try await withWorld { world in
            let bytes = patterned(700_000)
            world.origin.answer("/open/a", bytes, headers: Self.lasting)
            for expected in ["Miss from weir", "Hit from weir"] {
                // The second part crosses from one stored chunk into the next.
                let answer = try await world.get(
                    "/open/a", headers: ["Range": "bytes=-10,262000-262999,0-0,262990-300000"])
                #expect(answer.status == 206)
                #expect(answer.cache == expected)
                #expect(answer.headers.first("Content-Length") == "\(answer.body.count)")
                #expect(!answer.headers.contains("Content-Range"))
                #expect(answer.headers.values("Content-Type").count == 1)
                // From a fill they come by their place, as the bytes do.
                let parts = try parts(of: answer).sorted { $0.bytes.count < $1.bytes.count }
                #expect(parts.map(\.type) == ["video/mp4", "video/mp4", "video/mp4"])
                let ranges = ["bytes 0-0/700000", "bytes 699990-699999/700000", "bytes 262000-300000/700000"]
                #expect(parts.map(\.range) == ranges)
                #expect(
                    parts.map(\.bytes) == [
                        Array(bytes[0...0]), Array(bytes[699_990...]), Array(bytes[262_000...300_000]),
                    ])
                try await world.untilStored("/open/a")
            }
        }
    }

    @Test func `no answer to ranges is larger than the object`() async throws {
        try await withWorld { world in
            let bytes = patterned(5_000)
            world.origin.answer("/open/a", bytes, headers: Self.lasting)
            _ = try await world.get("/open/a")
            try await world.untilStored("/open/a")
            let values = [
                "bytes=" + (0..<1_000).map { "\($0)-" }.joined(separator: ","),
                "bytes=" + (0..<1_000).map { "\($0 * 2)-\($0 * 2)" }.joined(separator: ","),
                "bytes=" + (0..<16).map { "\($0)-4999" }.joined(separator: ","),
                "bytes=" + (0..<16).map { "\($0 * 300)-\($0 * 300 + 280)" }.joined(separator: ","),
                "bytes=0-4999,0-4999", "bytes=0-2499,2500-4999", "bytes=0-2400,2600-4999",
            ]
            for value in values {
                let answer = try await world.get("/open/a", headers: ["Range": value])
                #expect(answer.body.count <= bytes.count, "\(value.prefix(40))")
                if answer.status == 200 { #expect(answer.body == bytes) } else { #expect(answer.status == 206) }
            }
        }
    }

    @Test func `the number of ranges is a setting`() async throws {
        try await withWorld(change: { $0.limits.ranges = 1 }) { world in
            world.origin.answer("/open/a", patterned(5_000), headers: Self.lasting)
            let two = try await world.get("/open/a", headers: ["Range": "bytes=0-1,9-9"])
            let one = try await world.get("/open/a", headers: ["Range": "bytes=0-1"])
            #expect(two.status == 200)
            #expect(one.status == 206)
        }
    }

    @Test func `a refusal says nothing of the object and may not be kept in its place`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(5_000), headers: Self.lasting)
            for _ in 0..<2 {
                let failed = try await world.get("/open/a", headers: ["If-Match": "\"v0\""])
                let outside = try await world.get("/open/a", headers: ["Range": "bytes=5000-"])
                #expect(failed.status == 412)
                #expect(outside.status == 416)
                #expect(outside.headers.first("Content-Range") == "bytes */5000")
                for answer in [failed, outside] {
                    #expect(answer.headers.values("Cache-Control") == ["no-store"])
                    for name in ["ETag", "Content-Type", "Age"] { #expect(!answer.headers.contains(name), "\(name)") }
                    #expect(answer.body.isEmpty)
                }
                try await world.untilStored("/open/a")
            }
        }
    }

    @Test func `304 leaves out what describes the bytes it does not send`() async throws {
        try await withWorld { world in
            world.origin.answer("/open/a", patterned(5_000), headers: Self.lasting)
            for _ in 0..<2 {
                let same = try await world.get("/open/a", headers: ["If-None-Match": "\"v1\""])
                #expect(same.status == 304)
                #expect(same.headers.first("ETag") == "\"v1\"")
                #expect(same.headers.first("Cache-Control") == "public, max-age=600")
                #expect(!same.headers.contains("Content-Type"))
                try await world.untilStored("/open/a")
            }
        }
    }
}
