import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

@Suite struct OriginCredentialTests {
    private static let sliced: @Sendable (inout EdgeSettings) -> Void = {
        ($0.fills.sliceBytes, $0.fills.wholeBytes) = (262_128, 0)
    }

    private func useKey(_ id: String, in world: World) async throws {
        try world.reconfigure { document in
            guard case .object(var origins)? = document["origins"], case .object(var media)? = origins["media"] else {
                return
            }
            media["sigv4"] = ["accessKeyId": .string(id), "secretAccessKey": "another-secret"]
            origins["media"] = .object(media)
            document["origins"] = .object(origins)
        }
        #expect(try await world.admin("/reload").document["needsRestart"]?.array == [])
    }

    /// The access keys that signed what the origin was asked, in order.
    private func keys(_ world: World, _ path: String) -> [String] {
        world.origin.requests(path).map { request in
            let field = request.headers.first("Authorization") ?? ""
            let credential = field.firstRange(of: "Credential=").map { field[$0.upperBound...] } ?? ""
            return String(credential.prefix { $0 != "/" })
        }
    }

    @Test func `after a reload the origin is asked with the new key`() async throws {
        try await withWorld { world in
            for name in ["a", "b"] { world.origin.answer("/bucket/media/\(name)", patterned(10)) }
            _ = try await world.play("/media/a")
            try await useKey("AKNEXT", in: world)
            #expect(try await world.play("/media/b").status == 200)
            #expect(keys(world, "/bucket/media/a") == ["AKTEST"])
            #expect(keys(world, "/bucket/media/b") == ["AKNEXT"])
        }
    }

    @Test func `a response that began before a reload fetches its next slices with the new key`() async throws {
        try await withWorld(change: Self.sliced) { world in
            let bytes = patterned(1_000_000)
            let gate = Gate()
            world.origin.answer("/bucket/media/a") { request in
                await gate.wait()
                return Response(
                    ranged: bytes, headers: ["Cache-Control": "public, max-age=600", "ETag": "\"v1\""], for: request)
            }
            async let playing = world.play("/media/a", headers: ["Range": "bytes=0-"])
            #expect(await eventually { world.origin.count("/bucket/media/a") == 1 })
            try await useKey("AKNEXT", in: world)
            gate.open()
            let answer = try await playing
            #expect(answer.status == 206 && answer.body == bytes)
            #expect(keys(world, "/bucket/media/a") == ["AKTEST", "AKNEXT", "AKNEXT", "AKNEXT"])
        }
    }
}
