import Glibc
import HTTPClient
import HTTPServer
import HTTPWire
import JSON
import SegmentStore
import TestKit
import Testing

@testable import Edge

/// Hits whose bytes are not where they were, or not in memory.
@Suite struct InterruptedHitTests {
    private static let bytes = patterned(12 << 20)
    private static let tagged: Headers = ["Cache-Control": "public, max-age=600", "ETag": "\"v1\""]

    /// A client that has the head of a hit and reads no further, while the object leaves the store.
    private func hitOfWhatGoes(_ world: World, headers: Headers = [:]) async throws -> ClientResponse {
        // A connection that has read as much already may have grown a receive buffer that takes the whole object.
        _ = try await world.get("/open/a", headers: ["Connection": "close"])
        #expect(try await eventually { try await world.metric("weir_store_objects") == 1 })
        let slow = try await hitThatWaits(world, headers: headers)
        let store = world.edge.store
        store.remove(try #require(store.makeReader().lookup(key: Array("/open/a".utf8))))
        #expect(try await eventually { try await world.metric("weir_store_used_bytes") == 0 })
        return slow
    }

    /// A hit that waits for its client with bytes of the object still to send.
    ///
    /// The kernel's buffers may grow until all of it fits; then a new connection is tried.
    private func hitThatWaits(_ world: World, headers: Headers) async throws -> ClientResponse {
        for _ in 0..<10 {
            let before = try await world.metric(Self.sent)
            let slow = try await world.send("/open/a", headers: headers)
            #expect(slow.headers.first("X-Cache") == "Hit from weir")
            // While the kernel's buffers take more, the response would not wait for what is yet to come.
            #expect(try await eventually { try await !isGoingOut(world) })
            let taken = try await world.metric(Self.sent) - before
            if taken < Self.bytes.count - (2 << 20) { return slow }
        }
        throw KernelTakesEverything()
    }

    private struct KernelTakesEverything: Error {}

    private static let sent = #"weir_http_server_sent_bytes_total{listener="edge_http"}"#

    private func isGoingOut(_ world: World) async throws -> Bool {
        let before = try await world.metric(Self.sent)
        // On a busy machine one look may come before the next piece has gone.
        for _ in 0..<20 where try await world.metric(Self.sent) > before { return true }
        return false
    }

    @Test func `a hit whose object is evicted midway goes on with slices of the same version`() async throws {
        try await withWorld { world in
            world.origin.answerRanges("/open/a", Self.bytes, headers: Self.tagged)
            let slow = try await hitOfWhatGoes(world)
            #expect(try await slow.body.collect(upTo: 1 << 25) == Self.bytes)
            let ranges = world.origin.requests("/open/a").dropFirst().map { $0.headers.first("Range") }
            #expect(!ranges.isEmpty && ranges.allSatisfy { $0 != nil && $0 != "bytes=0-262127" })
        }
    }

    @Test func `a range of it goes on as well`() async throws {
        try await withWorld { world in
            world.origin.answerRanges("/open/a", Self.bytes, headers: Self.tagged)
            let slow = try await hitOfWhatGoes(world, headers: ["Range": "bytes=100-12000000"])
            #expect(slow.status == .partialContent)
            #expect(try await slow.body.collect(upTo: 1 << 25) == Array(Self.bytes[100...12_000_000]))
        }
    }

    @Test func `a hit goes on with the object that has taken the place of the one evicted`() async throws {
        try await withWorld { world in
            world.origin.answerRanges("/open/a", Self.bytes, headers: Self.tagged)
            let slow = try await hitOfWhatGoes(world)
            #expect(try await world.get("/open/a").body == Self.bytes)
            #expect(try await eventually { try await world.metric("weir_store_objects") == 1 })
            #expect(try await slow.body.collect(upTo: 1 << 25) == Self.bytes)
            #expect(world.origin.count("/open/a") == 2)
        }
    }

    /// What a client got before its response ended short.
    private func part(_ response: ClientResponse) async -> [UInt8]? {
        var part: [UInt8] = []
        do {
            for try await bytes in response.body { part += bytes }
            return nil
        } catch {
            return part
        }
    }

    @Test(arguments: [nil, "\"v2\"", "W/\"v1\""] as [String?])
    func `it ends short where nobody can say which bytes follow`(etag: String?) async throws {
        try await withWorld { world in
            var headers = Self.tagged
            if etag != "\"v2\"" {
                headers.remove("ETag")
                if let etag { headers.set("ETag", etag) }
            }
            world.origin.answerRanges("/open/a", Self.bytes, headers: headers)
            let slow = try await hitOfWhatGoes(world)
            let other = patterned(12 << 20, seed: 7)
            if let etag { headers.set("ETag", etag) }
            world.origin.answerRanges("/open/a", other, headers: headers)
            let part = try #require(await part(slow), "it must not end as if it were whole")
            #expect(part.count < Self.bytes.count)
            #expect(part == Array(Self.bytes[..<part.count]))
        }
    }

    @Test func `chunks that have left memory are read beside the loop, and are what they were`() async throws {
        try await withWorld { world in
            world.origin.answerRanges("/open/a", Self.bytes, headers: Self.tagged)
            _ = try await world.get("/open/a")
            #expect(try await eventually { try await world.metric("weir_store_objects") == 1 })
            #expect(try await world.metric("weir_store_cold_chunks_total") == 0)
            let descriptor = open(world.cacheFile("shard-0/chunks-262128.mdb"), O_RDONLY)
            defer { close(descriptor) }
            fsync(descriptor)
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
            let isForgotten = isForgotten(descriptor)
            let hit = try await world.get("/open/a")
            #expect(hit.cache == "Hit from weir")
            #expect(hit.body == Self.bytes)
            #expect((try await world.metric("weir_store_cold_chunks_total") > 0) == isForgotten)
            let ranges = try await world.get("/open/a", headers: ["Range": "bytes=5-9,300000-300009"])
            #expect(ranges.status == 206)
        }
    }

    /// Whether some page of the file is not in memory; a file system that is memory itself forgets none.
    private func isForgotten(_ descriptor: Int32) -> Bool {
        let count = Int(lseek(descriptor, 0, SEEK_END)) / 4_096 * 4_096
        guard let map = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), map != MAP_FAILED else { return false }
        defer { munmap(map, count) }
        var states = [UInt8](repeating: 1, count: count / 4_096)
        return mincore(map, count, &states) == 0 && states.contains { $0 & 1 == 0 }
    }
}
