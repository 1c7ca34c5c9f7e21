import Catalog
import Testing

@Suite struct ControlLogTableTests {
    @Test func `entries are numbered from one in the order they were appended`() async throws {
        try await withCatalog { catalog in
            let empty = try await catalog.read { try $0.controlLogExtent() }
            #expect(empty.oldest == 1 && empty.latest == 0 && empty.logId.utf8.count == 32)
            for number in 1...3 {
                let sequence = try await catalog.write { try $0.appendControlEntry("{\(number)}", now: 5) }
                #expect(sequence == Int64(number))
            }
            let entries = try await catalog.read { try $0.controlEntries(after: 1, limit: 10) }
            #expect(entries == [2, 3].map { ControlEntry(sequence: $0, body: "{\($0)}", createdAt: 5) })
            let first = try await catalog.read { try $0.controlEntries(after: 0, limit: 1) }
            #expect(first.map(\.sequence) == [1])
        }
    }

    @Test func `an entry of a transaction that fails leaves no gap`() async throws {
        try await withCatalog { catalog in
            struct Refused: Error {}
            await #expect(throws: Refused.self) {
                try await catalog.write { transaction in
                    _ = try transaction.appendControlEntry("{}", now: 1)
                    throw Refused()
                }
            }
            let sequence = try await catalog.write { try $0.appendControlEntry("{}", now: 1) }
            #expect(sequence == 1)
        }
    }

    @Test func `a trimmed log says how far it reaches back`() async throws {
        try await withCatalog { catalog in
            let extent = try await catalog.write { transaction in
                for time in [10, 20, 15, 30] as [Int64] { _ = try transaction.appendControlEntry("{}", now: time) }
                try transaction.trimControlLog(before: 20)
                return try transaction.controlLogExtent()
            }
            #expect(extent.oldest == 2 && extent.latest == 4)
            #expect([0, 1, 4, 5].map { extent.reachesBack(to: $0) } == [false, true, true, false])
            let emptied = try await catalog.write { transaction in
                try transaction.trimControlLog(before: 100)
                return try transaction.controlLogExtent()
            }
            #expect(emptied.oldest == 5 && emptied.latest == 4)
            #expect(emptied.reachesBack(to: 4) && !emptied.reachesBack(to: 3))
        }
    }

    @Test func `edges are connected until the time noted last`() async throws {
        try await withCatalog { catalog in
            let edges = try await catalog.write { transaction in
                for (id, sequence, until) in [("b", 1, 100), ("a", 2, 50), ("b", 3, 200)] as [(String, Int64, Int64)] {
                    try transaction.note(FollowingEdge(id: id, acknowledged: sequence, connectedUntil: until))
                }
                return (
                    try transaction.followingEdges(connectedAt: 50), try transaction.followingEdges(connectedAt: 51)
                )
            }
            #expect(edges.0.map(\.id) == ["a", "b"] && edges.0.map(\.acknowledged) == [2, 3])
            #expect(edges.1 == [FollowingEdge(id: "b", acknowledged: 3, connectedUntil: 200)])
        }
    }
}

@Suite struct InvalidationTableTests {
    private func invalidation(_ number: Int64, of distribution: String = "D") -> Invalidation {
        Invalidation(
            id: "I\(number)", distributionId: distribution, callerReference: "ref-\(number)",
            paths: ["/a b/*", "#tag", "/é\"\\"], sequence: number, createdAt: number * 10)
    }

    @Test func `an invalidation is found by its id and by its caller's name`() async throws {
        try await withCatalog { catalog in
            let one = invalidation(1)
            let found = try await catalog.write { transaction in
                try transaction.insert(one)
                return [
                    try transaction.invalidation(id: "I1", distributionId: "D"),
                    try transaction.invalidation(callerReference: "ref-1", distributionId: "D"),
                    try transaction.invalidation(id: "I1", distributionId: "other"),
                    try transaction.invalidation(callerReference: "ref-1", distributionId: "other"),
                ]
            }
            #expect(found == [one, one, nil, nil])
        }
    }

    @Test func `lists are newest first, in slices, of one distribution`() async throws {
        try await withCatalog { catalog in
            let (three, one, two) = (invalidation(3), invalidation(1), invalidation(2, of: "other"))
            let lists = try await catalog.write { transaction in
                for invalidation in [one, two, three] { try transaction.insert(invalidation) }
                return [
                    try transaction.invalidations(distributionId: "D", after: nil, limit: 10),
                    try transaction.invalidations(distributionId: "D", after: nil, limit: 1),
                    try transaction.invalidations(distributionId: "D", after: "I3", limit: 10),
                ]
            }
            #expect(lists.map { $0.map(\.id) } == [["I3", "I1"], ["I3"], ["I1"]])
        }
    }

    @Test func `what is complete stays as it is`() async throws {
        try await withCatalog { catalog in
            let (one, two) = (invalidation(1), invalidation(2))
            let open = try await catalog.write { transaction in
                try transaction.insert(one)
                try transaction.insert(two)
                try transaction.completeInvalidations(upTo: 1, now: 70)
                try transaction.completeInvalidations(upTo: 1, now: 90)
                return try transaction.openInvalidations(distributionId: "D")
            }
            #expect(open == [two])
            let completed = try await catalog.read { try $0.invalidation(id: "I1", distributionId: "D") }
            #expect(completed?.completedAt == 70)
        }
    }
}
