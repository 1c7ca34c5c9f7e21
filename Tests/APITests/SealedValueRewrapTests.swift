import Catalog
import Crypto
import HTTPServer
import HTTPWire
import JSON
import Testing

@testable import API

@Suite struct SealedValueRewrapTests {
    private static let path = "/admin/sealing-keys/rewrap"

    /// Secrets of pools that say under which key they are sealed; `x` can be read by nobody.
    private static func rewrap(_ bench: Bench, batchSize: Int) -> SealedValueRewrap {
        var rewrapping: SealedValueRewrapping = [:]
        for column in SealedColumn.allCases {
            rewrapping[column] = { value in
                guard value.sealed != Array("x".utf8) else { throw CryptoError("open a sealed value", reasons: []) }
                return value.sealed == Array("old".utf8) ? Array("new".utf8) : nil
            }
        }
        return SealedValueRewrap(catalog: bench.catalog, rewrapping: rewrapping, batchSize: batchSize)
    }

    private static func store(_ values: [String: String], _ bench: Bench) async throws {
        try await SQLiteIdentityStore(bench.catalog).write { transaction in
            for (id, text) in values { try transaction.insert(sealedPoolSecret: Array(text.utf8), poolId: id) }
        }
    }

    /// Goes on from `place` to the end; what all batches have come to.
    private static func finish(
        _ rewrap: SealedValueRewrap, after place: SealedValueRewrap.Place? = nil
    ) async throws -> SealedValueRewrap.Batch {
        var (sum, place) = (SealedValueRewrap.Batch(), place)
        while true {
            let batch = try await rewrap.run(after: place, now: 1)
            sum.checked += batch.checked
            sum.rewrapped += batch.rewrapped
            sum.unreadable += batch.unreadable
            guard let next = batch.next else { return sum }
            place = next
        }
    }

    @Test func `a round seals everything anew, and the next one finds nothing to do`() async throws {
        let bench = try await Bench()
        try await Self.store(["a": "old", "b": "new", "c": "old", "d": "old"], bench)
        let rewrap = Self.rewrap(bench, batchSize: 2)
        // The bench has one key that signs access to media.
        #expect(try await Self.finish(rewrap).rewrapped == 3)
        let again = try await Self.finish(rewrap)
        #expect(again.checked == 5 && again.rewrapped == 0)
    }

    @Test func `a round that was left is begun again and loses nothing`() async throws {
        let bench = try await Bench()
        try await Self.store(["a": "old", "b": "old", "c": "old"], bench)
        let rewrap = Self.rewrap(bench, batchSize: 1)
        let first = try await rewrap.run(after: .init(column: .poolSecret, id: ""), now: 1)
        #expect(first.rewrapped == 1 && first.next == .init(column: .poolSecret, id: "a"))
        #expect(try await Self.finish(rewrap, after: first.next).rewrapped == 2)
        #expect(try await Self.finish(rewrap).rewrapped == 0)
    }

    @Test func `what no key opens is named and left, and the rest is done`() async throws {
        let bench = try await Bench()
        try await Self.store(["a": "x", "b": "old"], bench)
        let sum = try await Self.finish(Self.rewrap(bench, batchSize: 200))
        #expect(sum.rewrapped == 1 && sum.unreadable.map(\.description) == ["pool-secret:a"])
        let kept = try await bench.catalog.read { try $0.sealedValues(.poolSecret, after: "", limit: 9) }
        #expect(kept.map(\.sealed) == [Array("x".utf8), Array("new".utf8)])
    }

    @Test func `administrators ask for it batch by batch`() async throws {
        let bench = try await Bench()
        #expect(await bench.call(.post, Self.path, as: "token-anna").code == "role_required")
        var (after, batches) = (JSONValue.null, 0)
        repeat {
            let answer = await bench.call(.post, Self.path, as: "token-admin", after.isNull ? [:] : ["after": after])
            #expect(answer.status == .ok && answer.json["rewrapped"] == 0 && answer.json["unreadable"] == [])
            after = answer.json["next"] ?? .null
            batches += 1
        } while !after.isNull
        #expect(batches == SealedColumn.allCases.count)
        for (after, status) in [("users:1", 422), ("users", 400)] {
            let wrong = await bench.call(.post, Self.path, as: "token-admin", ["after": .string(after)])
            #expect(wrong.status.code == status)
        }
    }
}
