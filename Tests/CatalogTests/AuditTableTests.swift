import Audit
import JSON
import SQLiteDatabase
import Testing

@testable import Catalog

@Suite struct AuditTableTests {
    private func write(_ count: Int, to catalog: SQLiteCatalog) async throws {
        for number in 0..<count {
            try await catalog.write { try $0.record(AuditAct(.jobRetried, of: .job("\(number)")), at: 5) }
        }
    }

    private func report(_ catalog: SQLiteCatalog, after mark: AuditMark = .beginning) async throws -> AuditReport {
        try await catalog.read { try $0.verifyAudit(after: mark, limit: 1_000) }
    }

    /// What somebody does who has the file and knows SQL.
    private func tamper(_ catalog: SQLiteCatalog, _ statements: [String]) async throws {
        try await catalog.database.write { connection in
            for trigger in [
                "audit_log_grows_at_its_end", "audit_log_is_not_changed", "audit_log_is_not_shortened",
                "audit_head_follows",
            ] { try connection.execute("DROP TRIGGER \(trigger)") }
            for statement in statements { try connection.execute(statement) }
        }
    }

    @Test func `entries of both stores make one chain, without gaps, under concurrent writes and failures`()
        async throws
    {
        try await withCatalog { catalog in
            let identities = SQLiteIdentityStore(catalog)
            struct Refused: Error {}
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let act = AuditAct(.jobRetried, of: .job("\(number)"))
                        switch number % 3 {
                        case 0: try await catalog.write { try $0.record(act, at: 5) }
                        case 1: try await identities.write { try $0.record(act, at: 5) }
                        default:
                            await #expect(throws: Refused.self) {
                                try await catalog.write { transaction in
                                    try transaction.record(act, at: 5)
                                    throw Refused()
                                }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let lines = try await catalog.read { try $0.auditLines(after: 0, limit: 100) }
            #expect(lines.map(\.sequence) == Array(1...40))
            let report = try await report(catalog)
            #expect(report.fault == nil && report.isComplete && report.checked == 40)
            #expect(try await catalog.read { try $0.auditHead().mark } == report.through)
        }
    }

    @Test func `entries are read in pages and verified in batches`() async throws {
        try await withCatalog { catalog in
            try await write(5, to: catalog)
            let page = try await catalog.read { try $0.auditLines(after: 1, limit: 2) }
            #expect(page.map(\.sequence) == [2, 3])
            var mark = AuditMark.beginning
            var checked: [Int64] = []
            while true {
                let report = try await catalog.read { [mark] in try $0.verifyAudit(after: mark, limit: 2) }
                #expect(report.fault == nil)
                checked.append(report.checked)
                mark = report.through
                if report.isComplete { break }
            }
            #expect(checked == [2, 2, 1])
        }
    }

    @Test(arguments: [
        "UPDATE audit_log SET entry = '{}' WHERE sequence = 2", "DELETE FROM audit_log WHERE sequence = 3",
        "DELETE FROM audit_log", "INSERT INTO audit_log VALUES (9, '{}', zeroblob(32))",
        "INSERT OR REPLACE INTO audit_log VALUES (2, '{}', zeroblob(32))",
        "UPDATE audit_log SET sequence = 7 WHERE sequence = 3", "DELETE FROM audit_head",
        "UPDATE audit_head SET sequence = 2", "UPDATE audit_head SET sequence = 4",
        "INSERT OR REPLACE INTO audit_head VALUES (1, 2, zeroblob(32), x'')",
    ])
    func `the database refuses everything but a next entry`(_ statement: String) async throws {
        try await withCatalog { catalog in
            try await write(3, to: catalog)
            await #expect(throws: DatabaseError.self) {
                try await catalog.database.write { try $0.execute(statement) }
            }
            let report = try await report(catalog)
            #expect(report.fault == nil && report.checked == 3)
        }
    }

    @Test func `what was changed past the triggers is found`() async throws {
        let cases: [([String], AuditFault)] = [
            (
                ["UPDATE audit_log SET entry = replace(entry, 'job:1', 'job:9') WHERE sequence = 2"],
                AuditFault(sequence: 2, reason: .altered)
            ),
            (["DELETE FROM audit_log WHERE sequence = 2"], AuditFault(sequence: 2, reason: .missing)),
            (["DELETE FROM audit_log WHERE sequence > 2"], AuditFault(sequence: 3, reason: .missing)),
            (
                [
                    "DELETE FROM audit_log WHERE sequence > 2",
                    "UPDATE audit_head SET sequence = 2, hash = (SELECT hash FROM audit_log WHERE sequence = 2)",
                ], AuditFault(sequence: 2, reason: .forgedEnd)
            ),
            (
                ["UPDATE audit_log SET hash = zeroblob(32) WHERE sequence = 4"],
                AuditFault(sequence: 4, reason: .altered)
            ),
        ]
        for (statements, fault) in cases {
            try await withCatalog { catalog in
                try await write(4, to: catalog)
                try await tamper(catalog, statements)
                #expect(try await report(catalog).fault == fault)
            }
        }
    }

    @Test func `a log with a forged end goes on, and says so for good`() async throws {
        try await withCatalog { catalog in
            try await write(4, to: catalog)
            try await tamper(
                catalog,
                [
                    "DELETE FROM audit_log WHERE sequence > 2",
                    "UPDATE audit_head SET sequence = 2, hash = (SELECT hash FROM audit_log WHERE sequence = 2)",
                ])
            try await write(3, to: catalog)
            #expect(try await report(catalog).fault == AuditFault(sequence: 3, reason: .forgedEnd))
            let lines = try await catalog.read { try $0.auditLines(after: 2, limit: 9) }
            #expect(lines.map { $0.document["afterForgedEnd"] == true } == [true, false, false])
            let mark = AuditMark(sequence: 3, hash: lines[0].hash)
            #expect(try await report(catalog, after: mark).fault == nil)
        }
    }
}
