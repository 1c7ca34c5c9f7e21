import CZlib
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// Text that is stored once per coding.
@Suite struct CompressionTests {
    private static let distribution = World.distribution(
        policy: [
            "ParametersInCacheKeyAndForwardedToOrigin": [
                "EnableAcceptEncodingGzip": true, "EnableAcceptEncodingBrotli": true,
            ]
        ], behavior: ["Compress": true])
    private static let playlist = Array(
        ("#EXTM3U\n" + (0..<400).map { "#EXTINF:6.000,\nsegment-\($0).m4s\n" }.joined()).utf8)
    private static let fields: Headers = [
        "Cache-Control": "max-age=600", "Content-Type": "application/vnd.apple.mpegurl; charset=utf-8",
        "ETag": "\"v1\"",
        "Cache-Tag": "list",
    ]

    private func get(_ world: World, _ codings: String?, _ more: Headers = [:], path: String = "/open/a") async throws
        -> Answer
    {
        var headers = more
        if let codings { headers.set("Accept-Encoding", codings) }
        return try await world.get(path, headers: headers)
    }

    /// A world with the playlist stored in every coding.
    private func compressed(_ body: (World) async throws -> Void) async throws {
        try await withWorld(distribution: Self.distribution) { world async throws in
            world.origin.answer("/open/a", Self.playlist, headers: Self.fields)
            try await untilCoded(world)
            try await body(world)
        }
    }

    private func untilCoded(_ world: World) async throws {
        for coding in ["br", "gzip"] {
            let isCoded = try await eventually {
                try await self.get(world, coding).headers.first("Content-Encoding") == coding
            }
            if !isCoded { throw Unexpected(what: "never sent as \(coding)") }
        }
    }

    /// What zlib makes of a gzip body.
    private func unzipped(_ body: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var input = body
        var output = [UInt8](repeating: 0, count: 1 << 20)
        let result = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return inflate(&stream, Z_FINISH)
            }
        }
        return result == Z_STREAM_END ? Array(output.prefix(Int(stream.total_out))) : nil
    }

    @Test func `each client gets the coding it prefers, and who takes none gets the identity`() async throws {
        try await compressed { world async throws in
            let gzip = try await get(world, "gzip;q=0.9, br;q=0.1")
            #expect(gzip.headers.first("Content-Encoding") == "gzip")
            #expect(gzip.headers.first("ETag") == "\"v1-gzip\"")
            #expect(unzipped(gzip.body) == Self.playlist)
            let brotli = try await get(world, "gzip, deflate, br")
            #expect(brotli.headers.first("Content-Encoding") == "br")
            #expect(brotli.headers.first("ETag") == "\"v1-br\"")
            #expect(brotli.body.count < Self.playlist.count / 5)
            for none in [nil, "identity", "gzip;q=0, br;q=0"] as [String?] {
                let identity = try await get(world, none)
                #expect(identity.body == Self.playlist)
                #expect(identity.headers.first("ETag") == "\"v1\"")
                #expect(!identity.headers.contains("Content-Encoding"))
                #expect(identity.headers.values("Vary") == ["Accept-Encoding"])
            }
            for answer in [gzip, brotli] {
                #expect(answer.headers.values("Vary") == ["Accept-Encoding"])
                #expect(answer.headers.first("Content-Length") == "\(answer.body.count)")
                #expect(answer.headers.first("Content-Type") == Self.fields.first("Content-Type"))
                #expect(answer.cache == "Hit from weir")
            }
            #expect(world.origin.count("/open/a") == 1)
            #expect(world.origin.requests("/open/a").first?.headers.first("Accept-Encoding") == "identity")
        }
    }

    @Test func `every coding stored is counted with its bytes before and after`() async throws {
        try await compressed { world async throws in
            for coding in ["br", "gzip"] {
                let after = try await get(world, coding).body.count
                let label = "{coding=\"\(coding)\"}"
                #expect(try await world.metric("weir_edge_compressed_objects_total\(label)") == 1)
                #expect(
                    try await world.metric("weir_edge_compression_input_bytes_total\(label)") == Self.playlist.count)
                #expect(try await world.metric("weir_edge_compression_output_bytes_total\(label)") == after)
            }
        }
    }

    @Test func `conditions, ranges and HEAD are about the coding that would be sent`() async throws {
        try await compressed { world async throws in
            let whole = try await get(world, "gzip")
            let same = try await get(world, "gzip", ["If-None-Match": "\"v1-gzip\""])
            #expect(same.status == 304)
            #expect(same.headers.first("ETag") == "\"v1-gzip\"")
            #expect(try await get(world, "gzip", ["If-None-Match": "\"v1\""]).status == 200)
            #expect(try await get(world, nil, ["If-None-Match": "\"v1\""]).status == 304)
            let part = try await get(world, "gzip", ["Range": "bytes=0-9", "If-Range": "\"v1-gzip\""])
            #expect(part.status == 206)
            #expect(part.body == Array(whole.body[..<10]))
            #expect(part.headers.first("Content-Range") == "bytes 0-9/\(whole.body.count)")
            let head = try await world.get("/open/a", method: .head, headers: ["Accept-Encoding": "gzip"])
            #expect(head.headers.first("Content-Length") == "\(whole.body.count)")
            #expect(head.headers.first("Content-Encoding") == "gzip")
        }
    }

    @Test(
        arguments: [["urls": ["/open/a"]], ["tags": ["list"]], ["prefixes": ["/open/"]], ["all": true]] as [JSONValue])
    func `a purge covers every coding, and a new version is compressed anew`(order: JSONValue) async throws {
        try await compressed { world async throws in
            let next = Array(Self.playlist.reversed())
            world.origin.answer("/open/a", next, headers: Self.fields)
            try await world.purge(order)
            #expect(try await get(world, "gzip").body == next)
            try await untilCoded(world)
            #expect(unzipped(try await get(world, "gzip").body) == next)
        }
    }

    @Test(
        arguments: [
            (["Content-Encoding": "gzip"], 5000), (["Cache-Control": "max-age=600, no-transform"], 5000),
            (["Content-Type": "video/mp4"], 5000), ([:], 999),
        ] as [(Headers, Int)])
    func `what is coded already, must not be altered, would not shrink or is small stays as it is`(
        change: Headers, count: Int
    ) async throws {
        try await withWorld(distribution: Self.distribution) { world async throws in
            var headers = Self.fields
            for field in change { headers.set(field.name, field.value) }
            let body = Array(Self.playlist.prefix(count))
            world.origin.answer("/open/a", body, headers: headers)
            _ = try await get(world, "gzip")
            try await world.untilStored("/open/a")
            let hit = try await get(world, "gzip")
            #expect(hit.body == body)
            #expect(hit.headers.first("Content-Encoding") == change.first("Content-Encoding"))
            #expect(!hit.headers.contains("Vary"))
        }
    }
}
