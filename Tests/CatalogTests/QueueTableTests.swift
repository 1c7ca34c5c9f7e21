import Catalog
import SQLiteDatabase
import TestKit
import Testing

@testable import Catalog

@Suite struct QueueTableTests {
    private func send(_ bodies: [String], group: String = "", now: Int64 = 1, to catalog: SQLiteCatalog) async throws {
        try await catalog.write { transaction in
            for body in bodies { try transaction.send(to: .objectEvents, group: group, now: now) { _ in body } }
        }
    }

    private func visible(_ catalog: SQLiteCatalog, group: String = "", now: Int64) async throws -> [QueueMessage] {
        try await catalog.read { try $0.visibleMessages(in: .objectEvents, group: group, now: now, limit: 9) }
    }

    @Test func `messages come in the order they were sent, each group by itself`() async throws {
        try await withCatalog { catalog in
            try await send(["1", "2"], to: catalog)
            try await send(["3"], group: "other", to: catalog)
            #expect(try await visible(catalog, now: 1).map(\.body) == ["1", "2"])
            #expect(try await visible(catalog, group: "other", now: 1).map(\.body) == ["3"])
            #expect(try await visible(catalog, now: 0).isEmpty)
        }
    }

    @Test func `a received message is its receiver's until it is visible again, and then no more`() async throws {
        try await withCatalog { catalog in
            try await send(["1"], to: catalog)
            let first = try #require(try await visible(catalog, now: 1).first)
            let mine = try #require(try await catalog.write { try $0.receive(first, hiddenUntil: 10) })
            #expect(mine.receives == 1 && mine.visibleAt == 10)
            #expect(try await catalog.write { try $0.receive(first, hiddenUntil: 11) } == nil)
            #expect(try await visible(catalog, now: 9).isEmpty)
            #expect(try await visible(catalog, now: 10) == [mine])
            let theirs = try #require(try await catalog.write { try $0.receive(mine, hiddenUntil: 20) })
            #expect(
                try await catalog.write {
                    (
                        try $0.delete(mine), try $0.hide(mine, until: 99, reason: ""),
                        try $0.bury(mine, at: 9, reason: "")
                    )
                } == (false, false, false))
            #expect(try await catalog.write { try $0.delete(theirs) })
            #expect(try await catalog.read { try $0.depth(of: .objectEvents, now: 99) }.hidden == 0)
        }
    }

    @Test func `what a transaction does to a message is undone with it`() async throws {
        struct Stop: Error {}
        try await withCatalog { catalog in
            try await send(["1"], to: catalog)
            let message = try #require(try await visible(catalog, now: 1).first)
            await #expect(throws: Stop.self) {
                try await catalog.write { transaction in
                    #expect(try transaction.delete(message))
                    throw Stop()
                }
            }
            #expect(try await visible(catalog, now: 1) == [message])
        }
    }

    @Test func `depth tells what waits, what is hidden and what is dead`() async throws {
        try await withCatalog { catalog in
            #expect(
                try await catalog.read { try $0.depth(of: .objectEvents, now: 1) }
                    == QueueDepth(waiting: 0, hidden: 0, dead: 0, oldestSentAt: nil))
            try await send(["1", "2", "3"], now: 5, to: catalog)
            try await send(["4"], group: "other", now: 6, to: catalog)
            let messages = try await visible(catalog, now: 5)
            try await catalog.write { transaction in
                _ = try transaction.hide(messages[0], until: 50, reason: "later")
                _ = try transaction.bury(messages[1], at: 7, reason: "broken")
            }
            #expect(
                try await catalog.read { try $0.depth(of: .objectEvents, now: 49) }
                    == QueueDepth(waiting: 2, hidden: 1, dead: 1, oldestSentAt: 5))
        }
    }

    @Test func `dead letters are listed in pages, redriven and deleted`() async throws {
        try await withCatalog { catalog in
            try await send(["1", "2", "3", "4"], to: catalog)
            let messages = try await visible(catalog, now: 1)
            try await catalog.write { transaction in
                for (index, message) in messages.enumerated() {
                    _ = try transaction.bury(message, at: index < 2 ? 7 : 8, reason: "broken")
                }
            }
            let first = try await catalog.read { try $0.deadMessages(in: .objectEvents, limit: 3, after: nil) }
            #expect(first.items.map(\.body) == ["4", "3", "2"] && first.items[0].reason == "broken")
            let rest = try await catalog.read { try $0.deadMessages(in: .objectEvents, limit: 3, after: first.next) }
            #expect(rest.items.map(\.body) == ["1"] && rest.next == nil)
            let outcome = try await catalog.write { transaction in
                [
                    try transaction.redrive(.objectEvents, ids: [first.items[0].id, 77], now: 9, limit: 9),
                    try transaction.redrive(.objectEvents, ids: nil, now: 9, limit: 2),
                ]
            }
            #expect(outcome == [1, 2])
            let again = try await visible(catalog, now: 9)
            #expect(again.map(\.body) == ["1", "2", "4"] && again.allSatisfy { $0.receives == 0 && $0.deadAt == nil })
            #expect(
                try await catalog.write { transaction in
                    [
                        try transaction.deleteDead(in: .objectEvents, id: messages[2].id),
                        try transaction.deleteDead(in: .objectEvents, id: messages[2].id),
                        try transaction.deleteDead(in: .objectEvents, id: messages[0].id),
                    ]
                } == [true, false, false])
        }
    }

    @Test func `who is next and how much there is comes from an index`() async throws {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let database = try Database(path: folder.file("c.sqlite"), migrations: CatalogSchema.migrations)
        for (sql, index) in [
            (
                """
                SELECT body FROM queue_messages WHERE queue = 'q' AND message_group = 'g' AND dead_at IS NULL
                AND visible_at <= 1 ORDER BY visible_at, id LIMIT 1
                """, "INDEX queue_messages_live"
            ),
            (
                """
                SELECT count(*), sum(visible_at <= 1), min(sent_at) FROM queue_messages
                WHERE queue = 'q' AND dead_at IS NULL
                """, "COVERING INDEX queue_messages_live"
            ),
            (
                """
                SELECT body FROM queue_messages WHERE queue = 'q' AND dead_at IS NOT NULL AND (dead_at, id) < (1, 1)
                ORDER BY dead_at DESC, id DESC LIMIT 1
                """, "INDEX queue_messages_dead"
            ),
        ] {
            let plan = try await database.read { connection in
                try connection.query("EXPLAIN QUERY PLAN \(sql)") { try $0.text(3) }
            }
            #expect(plan.count == 1 && plan[0].contains(index), "\(plan)")
        }
    }
}

@Suite struct ObjectEventTests {
    private func announced(_ event: ObjectEvent) async throws -> ObjectEvent {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let catalog = try SQLiteCatalog(path: folder.file("c.sqlite"))
        let body = try await catalog.write { transaction in
            try transaction.append(event)
            return try transaction.visibleMessages(in: .objectEvents, group: "", now: .max, limit: 1)[0].body
        }
        #expect(
            body.contains(#""key":"v%201/%C3%A4%2B.mp4""#) && body.contains(#""eventTime":"1970-01-01T00:00:05.000Z""#))
        return try ObjectEvent(document: body)
    }

    @Test func `every field of an event survives as S3 tells it`() async throws {
        var event = ObjectEvent(
            name: "ObjectCreated:Copy", bucket: "b", key: "v 1/ä+.mp4", size: 7, etag: "e-2", requestId: "r",
            createdAt: 5_000, region: "eu-central-1", principalId: "AKIA", sourceAddress: "192.0.2.1")
        let told = try await announced(event)
        event.sequencer = "0000000000000001"
        #expect(told == event)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"Records":[]}"#, #"{"Records":[{"eventVersion":"3.0"}]}"#,
        #"{"Records":[{"eventVersion":"2.4","eventName":"x"}]}"#, #"{"Records":[{},{}]}"#,
    ])
    func `what is no notification of one event is refused`(_ document: String) {
        #expect(throws: ObjectEventUnreadable.self) { try ObjectEvent(document: document) }
    }

    @Test func `sequencers compare as the numbers they are`() {
        #expect(ObjectEvent.sequencer(255) == "00000000000000FF")
        #expect(ObjectEvent.sequencer(9) < ObjectEvent.sequencer(16))
    }

    @Test func `events that wait in a catalog from before become messages in their order`() async throws {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.file("catalog.sqlite")
        let before = CatalogSchema.migrations.prefix { $0.name != "queues" }
        let old = try Database(path: path, migrations: Array(before))
        try await old.write { connection in
            for key in ["v/original", "ä +%/ü'\"", "last"] {
                try connection.execute(
                    """
                    INSERT INTO object_events (name, bucket, key, size, etag, request_id, created_at)
                    VALUES ('ObjectCreated:Put', 'uploads', ?, 9, 'e', 'r', 1795000000123)
                    """, [key])
            }
        }
        let catalog = try SQLiteCatalog(path: path)
        let messages = try await catalog.read {
            try $0.visibleMessages(in: .objectEvents, group: "", now: .max, limit: 9)
        }
        let events = try messages.map { try ObjectEvent(document: $0.body) }
        #expect(events.map(\.key) == ["v/original", "ä +%/ü'\"", "last"])
        #expect(events.map(\.createdAt) == [1_795_000_000_000, 1_795_000_000_000, 1_795_000_000_000])
        #expect(messages.map(\.sentAt) == [1_795_000_000_123, 1_795_000_000_123, 1_795_000_000_123])
        #expect(events.map(\.sequencer) == [1, 2, 3].map(ObjectEvent.sequencer))
        #expect(events[0].name == "ObjectCreated:Put" && events[0].size == 9 && events[0].requestId == "r")
        // The next event's number is a new one.
        let next = try await catalog.write { try $0.send(to: .objectEvents, group: "", now: 1) { "\($0)" } }
        #expect(next == 4)
    }
}
