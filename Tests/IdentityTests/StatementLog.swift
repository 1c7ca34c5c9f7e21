import Synchronization
import Testing

@testable import Catalog
@testable import SQLiteDatabase

/// What SQLite was asked: each statement's plan is looked at once in the life of the tests, whatever test ran it first, so that a new
/// way through the service cannot be forgotten.
final class StatementLog: Sendable {
    private static let checked = Mutex<Set<String>>([])

    /// Walks through these are meant: keys that sign, pools and outside providers are few, the head of the audit log is one row.
    private static let small = ["identity_signing_keys", "identity_pools", "identity_providers", "audit_head"]

    private let noted = Mutex<(texts: [String], unchecked: [String])>(([], []))

    func note(_ text: String) {
        let isTheTests = text.hasPrefix("EXPLAIN") || text.hasPrefix("SELECT count(*)") && !text.contains("WHERE")
        guard !isTheTests, !["BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"].contains(text) else { return }
        noted.withLock {
            $0.texts.append(text)
            $0.unchecked.append(text)
        }
    }

    /// What was run since this was last asked, in order.
    func take() -> [String] {
        noted.withLock { noted in
            defer { noted.texts = [] }
            return noted.texts
        }
    }

    /// Complains of statements since the last call that go through a table.
    ///
    /// - Parameter isAdministrators: whether they were an administrator's, whose lists may.
    func checkPlans(in catalog: SQLiteCatalog, isAdministrators: Bool) async {
        let noted = noted.withLock { noted in
            defer { noted.unchecked = [] }
            return noted.unchecked
        }
        let texts =
            isAdministrators ? [] : Self.checked.withLock { checked in noted.filter { checked.insert($0).inserted } }
        guard !texts.isEmpty else { return }
        do {
            for (text, steps) in try await Self.plans(of: texts, in: catalog) where Self.scans(steps) {
                Issue.record("goes through a table: \(text): \(steps)")
            }
        } catch {
            Issue.record(error)
        }
    }

    /// What SQLite does for each statement, in its own words.
    static func plans(of texts: [String], in catalog: SQLiteCatalog) async throws -> [(text: String, steps: [String])] {
        try await catalog.database.write { connection in
            try texts.map { text in
                // The marks are unbound, which changes nothing about the plan.
                let marks = [(any SQLBindable)?](repeating: nil, count: text.count { $0 == "?" })
                return (text, try connection.query("EXPLAIN QUERY PLAN " + text, marks) { try $0.text(3) })
            }
        }
    }

    static func scans(_ steps: [String]) -> Bool {
        steps.contains { step in
            step.hasPrefix("SCAN") && !step.hasPrefix("SCAN (subquery") && !step.hasPrefix("SCAN CONSTANT ROW")
                && !small.contains(where: step.contains)
        }
    }
}
