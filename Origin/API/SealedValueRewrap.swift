internal import Audit
internal import Catalog
internal import Crypto
internal import HTTPServer
internal import HTTPWire
internal import JSON

/// Has everything that is sealed sealed under the key that seals now, a batch in a transaction.
///
/// A batch that was interrupted has changed nothing, and one that is done again changes nothing: so it may be stopped at any
/// moment, begun anew, and done while everything is being served.
struct SealedValueRewrap: Sendable {
    /// Values that are looked at in one transaction: few enough that nobody waits for it.
    static let batch = 200

    /// Where a batch ended: `COLUMN:ID`, everything up to which was looked at.
    struct Place: Equatable, CustomStringConvertible {
        let column: SealedColumn
        let id: String

        init(column: SealedColumn, id: String) {
            self.column = column
            self.id = id
        }

        init?(_ text: String) {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let column = SealedColumn(rawValue: String(parts[0])) else { return nil }
            self.init(column: column, id: String(parts[1]))
        }

        var description: String { "\(column.rawValue):\(id)" }
    }

    /// What became of a batch.
    struct Batch: Equatable {
        /// Values that were looked at.
        var checked = 0
        /// Those that were sealed under another key before.
        var rewrapped = 0
        /// Those that no key opens; they stay as they are.
        var unreadable: [Place] = []
        /// From where to go on; nil after the last.
        var next: Place?
    }

    private let catalog: any CatalogStore
    private let rewrapping: SealedValueRewrapping
    private let batchSize: Int

    init(catalog: any CatalogStore, rewrapping: SealedValueRewrapping, batchSize: Int = SealedValueRewrap.batch) {
        self.catalog = catalog
        self.rewrapping = rewrapping
        self.batchSize = batchSize
    }

    /// Rewraps what comes after `place`, from the beginning where it is nil; `now` is in epoch milliseconds.
    func run(after place: Place?, now: Int64) async throws -> Batch {
        let column = place?.column ?? SealedColumn.allCases[0]
        guard let rewrap = rewrapping[column] else { preconditionFailure("nobody seals \(column.rawValue)") }
        return try await catalog.write { [batchSize] transaction in
            var batch = Batch()
            let values = try transaction.sealedValues(column, after: place?.id ?? "", limit: batchSize)
            for value in values {
                batch.checked += 1
                do {
                    guard let sealed = try rewrap(value) else { continue }
                    try transaction.replace(value, in: column, with: sealed)
                    batch.rewrapped += 1
                } catch is CryptoError {
                    batch.unreadable.append(Place(column: column, id: value.id))
                }
            }
            if values.count == batchSize, let last = values.last {
                batch.next = Place(column: column, id: last.id)
            } else {
                batch.next = Self.column(after: column).map { Place(column: $0, id: "") }
            }
            guard batch.rewrapped > 0 else { return batch }
            let details: JSONObject = [
                "column": .string(column.rawValue), "count": .integer(Int64(batch.rewrapped)),
            ]
            try transaction.record(AuditAct(.secretsRewrapped, details), at: now)
            return batch
        }
    }

    private static func column(after column: SealedColumn) -> SealedColumn? {
        SealedColumn.allCases.drop { $0 != column }.dropFirst().first
    }
}

extension APIServices {
    /// `POST /admin/sealing-keys/rewrap`: one batch; the answer says from where to go on.
    func rewrapSealedValues(_ request: Request) async throws -> Response {
        let input = APIInput(request)
        let place = try input.text("after", limit: 512).map { text throws(Problem) in
            guard let place = SealedValueRewrap.Place(text) else {
                throw .unprocessable("after", "is no place that an answer named.")
            }
            return place
        }
        let batch = try await sealedValues.run(after: place, now: now())
        var answer: JSONObject = [
            "checked": .integer(Int64(batch.checked)), "rewrapped": .integer(Int64(batch.rewrapped)),
            "unreadable": .array(batch.unreadable.map { .string($0.description) }),
        ]
        if let next = batch.next { answer["next"] = .string(next.description) }
        return APIServices.json(.ok, answer)
    }
}
