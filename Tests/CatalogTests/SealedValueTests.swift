import SQLiteDatabase
import Testing

@testable import Catalog

@Suite struct SealedValueTests {
    /// Columns of bytes that hold nothing sealed say so by their names: hashes, ids, what is public, and
    /// blocks of the index of words.
    private static func holdsNothingSealed(_ column: String) -> Bool {
        column.hasSuffix("hash") || ["id", "seal", "public_key", "challenge", "fingerprint", "block"].contains(column)
    }

    /// What ends within minutes by itself and is not worth sealing anew: whoever is on the way back begins again.
    private static let shortLived: Set<String> = ["identity_departures.journey"]

    @Test func `every column of bytes is rewrapped or known to hold nothing sealed`() async throws {
        try await withCatalog { catalog in
            let columns = try await catalog.database.read { connection in
                try connection.query(
                    """
                    SELECT tables.name, columns.name FROM sqlite_schema AS tables
                    JOIN pragma_table_info(tables.name) AS columns
                    WHERE tables.type = 'table' AND columns.type = 'BLOB'
                    """
                ) { (table: try $0.text(0), column: try $0.text(1)) }
            }
            let sealed = Set(SealedColumn.allCases.map { "\($0.place.table).\($0.place.value)" })
            #expect(sealed.count == SealedColumn.allCases.count)
            let secret = columns.filter { !Self.holdsNothingSealed($0.column) }.map { "\($0.table).\($0.column)" }
            #expect(Set(secret) == sealed.union(Self.shortLived))
        }
    }

    @Test func `values come in the order of their owners and are replaced one by one`() async throws {
        try await withCatalog { catalog in
            let identities = SQLiteIdentityStore(catalog)
            try await identities.write { transaction in
                for id in ["b", "c", "a"] { try transaction.insert(sealedPoolSecret: Array(id.utf8), poolId: id) }
            }
            let first = try await catalog.read { try $0.sealedValues(.poolSecret, after: "", limit: 2) }
            #expect(
                first.map(\.id) == ["a", "b"] && first.map(\.owner) == ["a", "b"] && first.map(\.scope) == ["a", "b"])
            try await catalog.write { try $0.replace(first[1], in: .poolSecret, with: [1]) }
            let rest = try await catalog.read { try $0.sealedValues(.poolSecret, after: "a", limit: 2) }
            #expect(rest.map(\.sealed) == [[1], Array("c".utf8)])
            // What has changed since it was read stays.
            try await catalog.write { try $0.replace(first[1], in: .poolSecret, with: [2]) }
            #expect(try await identities.read { try $0.sealedPoolSecret(poolId: "b") } == [1])
        }
    }

    @Test(arguments: SealedColumn.allCases) func `every column can be read`(_ column: SealedColumn) async throws {
        try await withCatalog { catalog in
            let values = try await catalog.read { try $0.sealedValues(column, after: "", limit: 1) }
            #expect(values.isEmpty)
        }
    }
}
