import HTTPServer
import HTTPWire
import JSON
import Synchronization
import TestKit
import Testing

@testable import Edge

@Suite struct PlaybackReportingTests {
    /// What the origin is told of each video by an edge that has done what `body` says and ends.
    private func reported(
        mediaPath: JSONValue? = nil, _ body: (World) async throws -> Void
    ) async throws -> [String: JSONValue] {
        let reports = Reports()
        try await withWorld(
            configure: { document in
                var control: JSONObject = [
                    "url": document["origins"]?["app"]?["url"] ?? .null, "edgeId": "e1", "accessKeyId": "AK",
                    "secretAccessKey": "secret",
                ]
                if let mediaPath { control["mediaPath"] = mediaPath }
                document["control"] = .object(control)
            },
            { world in
                for name in ["a", "b"] { world.origin.answer("/bucket/media/v1/\(name)", patterned(1_000)) }
                world.origin.answer("/open/v3/a", patterned(10))
                world.origin.answer("/edges/e1/playback") { await reports.take($0) }
                let files = ControlFiles(position: .none, keys: .none)
                try world.edge.followOrigin(files, catchingUpWithin: .zero)
                try await body(world)
            })
        return reports.videos.withLock { $0 }
    }

    private final class Reports: Sendable {
        let videos = Mutex<[String: JSONValue]>([:])

        func take(_ request: Request) async -> Response {
            let body = (try? await request.body.collect(upTo: 1 << 20)) ?? []
            let rows = (try? JSONValue.parse(body))?["videos"]?.array ?? []
            videos.withLock { videos in
                for row in rows { videos[row["videoId"]?.string ?? ""] = row }
            }
            let isSigned = request.headers.first("authorization")?.hasPrefix("AWS4-HMAC-SHA256 ") ?? false
            return Response(status: isSigned ? .noContent : .forbidden)
        }
    }

    @Test func `the origin is told what was served of a video, and what its players said`() async throws {
        let videos = try await reported { world async throws in
            #expect(try await world.play("/media/v1/a").status == 200)
            try await world.untilStored("/media/v1/a")
            #expect(try await world.play("/media/v1/a?CMCD=bs%2Csu%2Cmtp%3D4500").status == 200)
            let fields: Headers = ["CMCD-Request": "su,mtp=1500", "CMCD-Session": "sid=\"x\"", "Range": "bytes=0-99"]
            #expect(try await world.play("/media/v1/a", headers: fields).status == 206)
        }
        #expect(Array(videos.keys) == ["v1"])
        let row = try #require(videos["v1"])
        #expect(row["bytes"] == 2_100 && row["hits"] == 2 && row["misses"] == 1)
        #expect(row["told"] == 2 && row["starved"] == 1 && row["urgent"] == 2)
        #expect(row["measured"] == 2 && row["measuredKilobits"] == 6_000)
    }

    @Test func `who is refused, finds nothing or asks for something else counts for nobody`() async throws {
        let videos = try await reported { world async throws in
            #expect(try await world.get("/media/v1/a").status == 403)
            #expect(try await world.play("/media/v2/a").status == 404)
            #expect(try await world.play("/media/v1/a", method: .head).status == 200)
            #expect(try await world.get("/open/v3/a").status == 200)
        }
        #expect(videos.isEmpty)
    }

    @Test(arguments: [("/open/", ["v3"]), ("", [])] as [(String, [String])])
    func `the configuration says where videos lie`(_ path: String, _ expected: [String]) async throws {
        let videos = try await reported(mediaPath: .string(path)) { world async throws in
            #expect(try await world.play("/media/v1/a").status == 200)
            #expect(try await world.get("/open/v3/a").status == 200)
        }
        #expect(videos.keys.sorted() == expected)
    }
}

extension ControlFile {
    fileprivate static var none: ControlFile { ControlFile(read: { nil }, write: { _ in }) }
}
