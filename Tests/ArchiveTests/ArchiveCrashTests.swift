import Catalog
import TestKit
import Testing

@testable import Archive

/// A crash at every step of a way there and back.
@Suite struct ArchiveCrashTests {
    private static let parts: [[UInt8]] = [[1, 2, 3], [4], [UInt8](repeating: 7, count: 70_000)]
    private static let whole = parts.flatMap(\.self)
    /// More steps than any of these ways has.
    private static let most = 200

    @Test func `a crash while a source is archived loses nothing, and the next start ends what was begun`() async throws
    {
        try await atEveryStep { bench, object, crash, steps async throws in
            try? await { () async throws in
                try await bench.archiver(crash).archiveUntouched()
                while try await bench.restorer(crash).step() > 0 {}
            }()
            let state = try await bench.state(object)
            if state == nil || state == .archiving { #expect(try await bench.bytes(object) == Self.whole, "\(steps)") }
            try await bench.settle()
            #expect(try await bench.state(object) == .archived, "\(steps)")
            #expect(try await bench.names(in: bench.hot) == [], "\(steps)")
            #expect(try await bench.names(in: bench.archive).count == 3, "\(steps)")
            #expect(try await bench.ask(object) == .begun)
            while try await bench.restorer().step() > 0 {}
            #expect(try await bench.bytes(object) == Self.whole, "\(steps)")
        }
    }

    @Test func `a crash while a source comes back loses nothing, and the next start ends what was begun`() async throws
    {
        try await atEveryStep { bench, object, crash, steps async throws in
            try await bench.archiveAll()
            #expect(try await bench.ask(object) == .begun)
            try? await { () async throws in while try await bench.restorer(crash).step() > 0 {} }()
            #expect(try await bench.names(in: bench.archive).count == 3, "the archive keeps it")
            while try await bench.restorer().step() > 0 {}
            #expect(try await bench.state(object) == .restored, "\(steps)")
            #expect(try await bench.bytes(object) == Self.whole, "\(steps)")
        }
    }

    @Test func `a crash while days end loses nothing`() async throws {
        try await atEveryStep { bench, object, crash, steps async throws in
            try await bench.archiveAll()
            _ = try await bench.ask(object, days: 1)
            while try await bench.restorer().step() > 0 {}
            bench.clock.advance(seconds: Bench.day)
            try? await { () async throws in while try await bench.restorer(crash).step() > 0 {} }()
            while try await bench.restorer().step() > 0 {}
            #expect(try await bench.state(object) == .archived, "\(steps)")
            #expect(try await bench.names(in: bench.hot) == [], "\(steps)")
            #expect(try await bench.names(in: bench.archive).count == 3, "\(steps)")
        }
    }

    @Test func `what is deleted after a crash leaves nothing in either store`() async throws {
        try await atEveryStep { bench, object, crash, steps async throws in
            try? await { () async throws in
                try await bench.archiver(crash).archiveUntouched()
                while try await bench.restorer(crash).step() > 0 {}
                _ = try await bench.ask(object)
                while try await bench.restorer(crash).step() > 0 {}
            }()
            try await bench.deleteForGood(object)
            #expect(try await bench.names(in: bench.hot) == [], "\(steps)")
            #expect(try await bench.names(in: bench.archive) == [], "\(steps)")
        }
    }

    /// Does `body` with a catalog, stores and an untouched source of their own for each step before which a crash may come, until
    /// one comes too late.
    private func atEveryStep(_ body: (Bench, StoredObject, Crash, _ steps: Int) async throws -> Void) async throws {
        for steps in 0... {
            try #require(steps < Self.most)
            let bench = try Bench()
            let object = try await bench.add("a", Self.parts)
            bench.age()
            let crash = Crash(after: steps)
            try await body(bench, object, crash, steps)
            guard crash.hasHappened else { return }
        }
    }

    @Test func `what was begun is taken back when archiving is turned off`() async throws {
        for steps in 0..<12 {
            let bench = try Bench()
            let object = try await bench.add("a", Self.parts)
            bench.age()
            _ = try? await bench.archiver(Crash(after: steps)).archiveUntouched()
            guard try await bench.state(object) == .archiving else { continue }
            try await bench.archiver(days: 0).goOn()
            #expect(try await bench.state(object) == nil)
            #expect(try await bench.names(in: bench.archive) == [])
            #expect(try await bench.bytes(object) == Self.whole)
        }
    }
}
