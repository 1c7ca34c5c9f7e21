import Bytes
import Daemon
import HTTPWire
import JSON

/// `weir jobs`: what transcoders do and gave up, over the origin's API.
struct JobsCommand {
    static let usage = """
        weir jobs list  [WHERE] [--status queued|running|done|dead] [--limit N] [--json]
        weir jobs show  [WHERE] JOB [--json]
        weir jobs retry [WHERE] JOB…

          list shows 50 jobs (--limit), newest first. show tells why a job was given up, and which of its units are open. retry
          gives a dead job all its attempts again; it goes on at the first segment that is not stored. They need the role admin.

        \(OriginSession.usage)

        """

    private static let path = "/api/v1/admin/jobs"
    private static let verbs = "list, show or retry"

    let words: [String]

    func run() async throws {
        guard let verb = words.first else { throw UsageError("say what to do: \(Self.verbs)") }
        let rest = Array(words.dropFirst())
        switch verb {
        case "list":
            try await list(try LibraryOptions(rest, ["--status", "--limit"], flags: ["--json"], operands: 0...0))
        case "show": try await show(try LibraryOptions(rest, flags: ["--json"]))
        case "retry": try await retry(try LibraryOptions(rest, operands: 1...1_000))
        default: throw UsageError("unknown jobs \(verb); say \(Self.verbs)")
        }
    }

    private func list(_ options: LibraryOptions) async throws {
        let limit = try options.limit
        let state = options["--status"].map { "&state=\(PercentEncoding.encode($0))" } ?? ""
        let target = "\(Self.path)?limit=\(min(limit, 100))\(state)"
        let jobs = try await OriginSession.with(options.words) { try await $0.items(of: target, limit: limit) }
        options.show(["items": .array(jobs)], as: JobTable.list(jobs))
    }

    private func show(_ options: LibraryOptions) async throws {
        let job = try await OriginSession.with(options.words) {
            try await $0.call(.get, "\(Self.path)/\(PercentEncoding.encode(options.operands[0]))")
        }
        options.show(job, as: JobTable.details(job))
        if !options.flags.contains("--json") { Terminal.output(JobTable.units(job).text) }
    }

    private func retry(_ options: LibraryOptions) async throws {
        try await OriginSession.with(options.words) { session in
            for id in options.operands {
                _ = try await session.call(.post, "\(Self.path)/\(PercentEncoding.encode(id))/retry")
                Terminal.output("\(id.printable) is queued again\n")
            }
        }
    }
}

/// Jobs as tables for people.
enum JobTable {
    static func list(_ jobs: [JSONValue]) -> TextTable {
        let rows = jobs.map { job in
            [
                text(job, "jobId"), text(job, "state"), progress(job), text(job, "createdAt"), text(job, "updatedAt"),
                job["failure"].map { text($0, "reason") } ?? "-",
            ]
        }
        return TextTable(heading: ["JOB", "STATE", "UNITS", "CREATED", "UPDATED", "FAILURE"], rows: rows)
    }

    static func details(_ job: JSONValue) -> TextTable {
        var rows = [
            ["state", text(job, "state")], ["units", progress(job)], ["video", text(job, "videoId")],
            ["owner", text(job, "ownerId")], ["created", text(job, "createdAt")], ["updated", text(job, "updatedAt")],
        ]
        if let failure = job["failure"] {
            rows.append(["failure", text(failure, "reason")])
            rows.append(["", text(failure, "detail")])
        }
        return TextTable(heading: ["job", text(job, "jobId")], rows: rows)
    }

    /// Units that are not done.
    static func units(_ job: JSONValue) -> TextTable {
        let rows = (job["openUnits"]?.array ?? []).map { unit in
            [
                "\(unit["number"]?.integer ?? 0)", text(unit, "kind"), text(unit, "state"),
                "\(unit["attempts"]?.integer ?? 0)", "\(Int((unit["progress"]?.number ?? 0) * 100)) %",
                unit["workerId"]?.string ?? "-", unit["failure"].map { text($0, "reason") } ?? "-",
            ]
        }
        return TextTable(
            heading: ["UNIT", "KIND", "STATE", "ATTEMPTS", "PROGRESS", "WORKER", "FAILURE"], rows: rows)
    }

    /// How many units are done, of how many.
    private static func progress(_ job: JSONValue) -> String {
        let counts = (job["units"]?.object?.members ?? []).map { $0.value.integer ?? 0 }
        return "\(job["units"]?["done"]?.integer ?? 0)/\(counts.reduce(0, +))"
    }

    private static func text(_ value: JSONValue, _ name: String) -> String { value[name]?.string ?? "" }
}
