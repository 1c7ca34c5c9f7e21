import Catalog
import HTTPServer
import HTTPWire
import JSON
import Jobs
import Objects
import Presentation
import Publishing
import TestKit
import Testing

@testable import API

@Suite struct PosterTests {
    /// One size and its pictures, two segments of 6 s.
    private static let plan = WorkPlan(
        outline: PresentationOutline(
            renditions: Bench.plan.outline.renditions + [
                RenditionOutline(
                    name: "poster", content: .poster(width: 640, height: 360), codec: "mjpg", declaredPeak: 0,
                    declaredAverage: 0)
            ], targetDurationSeconds: 6, durationSeconds: 12, explanation: ["ladder": []]),
        media: ["preset": "veryfast"],
        units: [
            UnitOutline(
                number: 1, kind: .pictures, renditions: [0, 1], segments: 1...2, memoryMebibytes: 100,
                detail: ["first": 0])
        ])

    private func store(_ pictures: JSONValue, _ id: String, _ number: Int, in bench: Bench) async throws {
        let segments = [0, 1].map { Bench.segment($0, number) }
        for (name, ending) in [("360p", "m4s"), ("poster", "jpg")] {
            let object = try await ObjectDraft.whole(
                StoredObject(
                    bucket: "media", key: "media/\(id)/\(name)/0000\(number).\(ending)", blob: "", size: 0, etag: "",
                    contentType: "x", createdAt: bench.clock.now),
                [UInt8](repeating: 7, count: segments[0].bytes), in: bench.blobs)
            try await bench.catalog.publish([object], in: bench.blobs) { _ in }
        }
        try await bench.accepted(pictures, "segments", ["segments": .array(segments.map(\.json))])
        bench.clock.advance(seconds: 1)
        try await bench.publisher.publishDue()
    }

    @Test func `an owner chooses the picture at a place, and it stays the choice in what is published later`()
        async throws
    {
        let bench = try await Bench()
        let id = await bench.upload()
        func choose(_ seconds: JSONValue, as account: String = "token-anna") async -> Response {
            await bench.call(.put, "/videos/\(id)/poster", as: account, ["seconds": seconds])
        }
        func thumbnail(_ answer: Response) -> Substring? {
            answer.json["thumbnailUrl"]?.string?.split(separator: "?")[0]
        }
        #expect(await choose(1).code == "no_pictures")
        try await bench.arrive(id)
        try await bench.accepted(try await bench.lease(), "complete", ["plan": Self.plan.json])
        let pictures = try await bench.lease()
        try await store(pictures, id, 1, in: bench)
        #expect(thumbnail(await choose(7)) == "http://edge.test/media/\(id)/poster/00001.jpg", "the last there is")
        try await store(pictures, id, 2, in: bench)
        let later = await bench.call(.get, "/videos/\(id)")
        #expect(thumbnail(later) == "http://edge.test/media/\(id)/poster/00002.jpg")
        #expect(thumbnail(await choose(5.9)) == "http://edge.test/media/\(id)/poster/00001.jpg")
        #expect(await choose(12.1).code == "unprocessable")
        #expect(await choose(-1).code == "invalid_request")
        #expect(await choose("first").code == "invalid_request")
        #expect(await choose(1, as: "token-ben").code == "forbidden")
    }
}
