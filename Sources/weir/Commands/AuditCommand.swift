import Audit
import Bytes
import Crypto
import Daemon
import HTTPWire
import JSON

/// `weir audit`: shows who did what, and checks that nobody has rewritten it.
struct AuditCommand {
    static let usage = """
        weir audit tail   [WHERE] [-n N | --all] [--follow] [--json]
        weir audit verify [WHERE] [--since N:HASH]
        weir audit verify --file FILE --sealing-key-file KEYFILE [--since N:HASH]

          tail shows the last 20 entries of the audit log (or N, or all), and with --follow those that come; --json as JSON
          lines, which is the export. verify has the origin check every entry with its key and prints where the log ends: that
          place, noted elsewhere and given as --since later, shows that nothing before it was rewritten or cut off. With --file
          it checks an export instead, with the sealing key of the origin (identity.sealingKey).

          WHERE is --ready FILE (default ./weir-data/ready.json), or --origin URL --token-file FILE with an access token of
          the group admin.
          Exit codes: 0 done, 1 could not be done, 2 verify found the log changed, 64 wrong command line.

        """

    private static let path = "/api/v1/admin/audit"
    /// Tokens last an hour; a follower signs in again before.
    private static let followOnOneToken = Duration.seconds(3_000)

    let words: [String]

    func run() async throws {
        let rest = Array(words.dropFirst())
        switch words.first {
        case "tail": try await tail(try options(rest, ["-n"], flags: ["--all", "--follow", "--json"]))
        case "verify":
            let options = try options(rest, ["--since", "--file", "--sealing-key-file"])
            if let file = options["--file"] {
                try verify(file: file, options)
            } else {
                try await verify(options)
            }
        case let other?: throw UsageError("unknown audit command \(other): tail or verify")
        case nil: throw UsageError("say what to do with the audit log: tail or verify")
        }
    }

    private func options(
        _ words: [String], _ values: Set<String>, flags: Set<String> = []
    ) throws(UsageError) -> CommandOptions {
        let options = try CommandOptions(words, values: values.union(OriginAdmin.optionNames), flags: flags)
        if let stray = options.operands.first { throw UsageError("unexpected \(stray)") }
        return options
    }

    // MARK: tail

    private func tail(_ options: CommandOptions) async throws {
        guard let wanted = Int64(options["-n"] ?? "20"), wanted >= 0 else {
            throw UsageError("-n needs a number of entries")
        }
        let flags = options.flags
        var shown: Int64? = flags.contains("--all") ? 0 : nil
        repeat {
            shown = try await OriginAdmin.with(options) { [shown] origin, token in
                let end = ContinuousClock.now + Self.followOnOneToken
                var last: Int64
                if let shown {
                    last = shown
                } else {
                    let page = try await origin.call(.get, Self.path + "?limit=1", bearer: token)
                    last = max(0, try Self.mark(page, "head").sequence - wanted)
                }
                while true {
                    last = try await show(after: last, asJSON: flags.contains("--json"), origin, token)
                    guard flags.contains("--follow"), ContinuousClock.now < end else { return last }
                    try await Task.sleep(for: .seconds(1))
                }
            }
        } while flags.contains("--follow")
    }

    /// Prints what there is behind an entry; returns the number of the last one.
    private func show(
        after start: Int64, asJSON: Bool, _ origin: ServiceConnection, _ token: String
    ) async throws -> Int64 {
        var last = start
        while true {
            let page = try await origin.call(.get, "\(Self.path)?limit=1000&after=\(last)", bearer: token)
            for entry in page["items"]?.array ?? [] {
                Terminal.output((asJSON ? entry.description : Self.line(entry)).printable + "\n")
                last = entry["sequence"]?.integer ?? last
            }
            if page["lastEvaluatedKey"] == nil { return last }
        }
    }

    private static func line(_ entry: JSONValue) -> String {
        let sequence = "#\(entry["sequence"]?.integer ?? 0)"
        if let text = entry["unreadable"]?.string { return "\(sequence)  unreadable: \(JSONValue.string(text))" }
        func text(_ name: String) -> String { entry[name]?.string ?? "" }
        var parts = [
            ISO8601.extended(milliseconds: entry["at"]?.integer ?? 0), sequence, "\(text("action")) \(text("outcome"))",
            entry["subject"].map { "\(text("actor")) -> \($0.string ?? "")" } ?? text("actor"),
        ]
        if entry["client"] != nil {
            parts.append(text("client") + (entry["forwardedFor"].map { " for \($0.string ?? "")" } ?? ""))
        }
        if let details = entry["details"] { parts.append(details.description) }
        if entry["afterForgedEnd"] != nil { parts.append("AFTER A FORGED END") }
        return parts.joined(separator: "  ")
    }

    // MARK: verify

    /// The origin has the key, which does not leave it.
    private func verify(_ options: CommandOptions) async throws {
        guard options["--sealing-key-file"] == nil else {
            throw UsageError("--sealing-key-file goes with --file; a running origin has its own key")
        }
        let since = try mark(options)
        try await OriginAdmin.with(options) { origin, token in
            var progress = Progress()
            var (through, checked) = (since, Int64(0))
            while true {
                let target = "\(Self.path)/verify?limit=5000&since=\(PercentEncoding.encode(through.description))"
                let report = try await origin.call(.get, target, bearer: token)
                checked += report["checked"]?.integer ?? 0
                through = try Self.mark(report, "through")
                if let fault = report["fault"] {
                    throw Self.broken(fault["detail"]?.string ?? "", through, checked)
                }
                if report["complete"]?.bool == true { break }
                progress.say(checked)
            }
            Self.whole(through, checked)
        }
    }

    private func verify(file: String, _ options: CommandOptions) throws {
        guard OriginAdmin.optionNames.allSatisfy({ options[$0] == nil }), let keyFile = options["--sealing-key-file"]
        else {
            throw UsageError("--file needs --sealing-key-file FILE and no origin")
        }
        guard let sealingKeys = SealingKeys(text: try SecretFile.read(keyFile)) else {
            throw CommandFailure("\(keyFile) holds no sealing key, 64 hexadecimal digits, or one a line")
        }
        var verification = AuditVerification(
            keys: AuditKeys(sealingKeys: sealingKeys.all), after: try mark(options))
        var progress = Progress()
        for (index, bytes) in try File.read(file).split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let line = AuditLine(exported: String(decoding: bytes, as: UTF8.self)) else {
                Terminal.output("line \(index + 1) of \(file) is no entry of an audit log\n")
                throw DamageFound()
            }
            if let fault = verification.check(line) {
                throw Self.broken(fault.description, verification.through, verification.checked)
            }
            progress.say(verification.checked)
        }
        Self.whole(verification.through, verification.checked)
    }

    private func mark(_ options: CommandOptions) throws(UsageError) -> AuditMark {
        guard let text = options["--since"] else { return .beginning }
        guard let mark = AuditMark(text) else { throw UsageError("--since needs N:HASH, as verify prints it") }
        return mark
    }

    private static func mark(_ answer: JSONValue, _ name: String) throws(CommandFailure) -> AuditMark {
        guard let mark = answer[name]?.string.flatMap({ AuditMark($0) }) else {
            throw CommandFailure("the origin's answer has no \(name)")
        }
        return mark
    }

    private static func whole(_ through: AuditMark, _ checked: Int64) {
        Terminal.output("verified \(checked) entries: nothing was changed. The log ends at\n\(through)\n")
    }

    private static func broken(_ detail: String, _ through: AuditMark, _ checked: Int64) -> DamageFound {
        Terminal.output("\(detail)\nverified \(checked) entries before it; the last that is right is\n\(through)\n")
        return DamageFound()
    }
}

/// Says once a second how far it is.
private struct Progress {
    private var next = ContinuousClock.now + .seconds(1)

    mutating func say(_ checked: Int64) {
        guard ContinuousClock.now >= next else { return }
        Terminal.error("weir: \(checked) entries so far\n")
        next = ContinuousClock.now + .seconds(1)
    }
}
