internal import Audit
internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON

extension APIServices {
    /// Entries that are read at a time: few enough that nobody waits for a snapshot to end.
    private static let auditBatch = 1_000

    /// `GET /admin/audit`: a page of entries, oldest first.
    func listAudit(_ request: Request) async throws -> Response {
        let query = try APIQuery(request)
        let start = try query.auditStart()
        let limit = try query.limit(default: 100, maximum: Self.auditBatch)
        let (lines, end) = try await catalog.read { reader in
            (try reader.auditLines(after: start, limit: limit), try reader.auditHead().mark)
        }
        var answer: JSONObject = ["items": .array(lines.map(\.document)), "head": .string(end.description)]
        if let last = lines.last?.sequence, last < end.sequence { answer["lastEvaluatedKey"] = .string("\(last)") }
        return APIServices.json(.ok, answer)
    }

    /// `GET /admin/audit/export`: everything there is at this moment, an entry a line.
    func exportAudit(_ request: Request) async throws -> Response {
        let start = try APIQuery(request).auditStart()
        let catalog = catalog
        let end = try await catalog.read { try $0.auditHead().mark.sequence }
        var response = Response(status: .ok)
        response.headers.set("Content-Type", "application/x-ndjson")
        response.headers.set("Cache-Control", "no-store")
        response.body = .stream(length: nil) { writer in
            var last = start
            while last < end {
                let lines = try await catalog.read { [last] in
                    try $0.auditLines(after: last, limit: Self.auditBatch)
                }
                guard let newest = lines.last else { return }
                try await writer.write(lines.map { $0.exported + "\n" }.joined())
                last = newest.sequence
            }
        }
        return response
    }

    /// `GET /admin/audit/verify`: checks a batch of entries; who asks goes on behind `through` until it is complete.
    func verifyAudit(_ request: Request) async throws -> Response {
        let query = try APIQuery(request)
        let mark = try query.auditMark()
        let limit = try query.limit(default: Self.auditBatch, maximum: 10 * Self.auditBatch)
        let report = try await catalog.read { try $0.verifyAudit(after: mark, limit: limit) }
        var answer: JSONObject = [
            "checked": .integer(report.checked), "through": .string(report.through.description),
            "complete": .bool(report.isComplete),
        ]
        if let fault = report.fault {
            answer["fault"] = [
                "sequence": .integer(fault.sequence), "reason": .string(fault.reason.rawValue),
                "detail": .string(fault.description),
            ]
        }
        return APIServices.json(.ok, answer)
    }
}

extension APIQuery {
    /// The number of the entry to begin behind: `after`, or `startKey` as in every list.
    fileprivate func auditStart() throws(Problem) -> Int64 {
        let name = text("startKey") == nil ? "after" : "startKey"
        guard let text = text(name) else { return 0 }
        guard let number = ASCII.parseDecimal(text).flatMap({ Int64(exactly: $0) }) else {
            throw .unprocessableParameter(name, "must be the number of an entry.")
        }
        return number
    }

    /// The place to begin behind, taken as right.
    fileprivate func auditMark() throws(Problem) -> AuditMark {
        guard let text = text("since") else { return .beginning }
        guard let mark = AuditMark(text) else {
            throw .unprocessableParameter(
                "since", "must be the number of an entry, a colon and its hash, as `through` says them.")
        }
        return mark
    }
}
