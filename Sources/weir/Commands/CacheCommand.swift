import Daemon
import HTTPWire
import JSON

/// `weir cache`: what a running edge has in its cache, whether it is right, and away with it.
///
/// All of it goes through the edge's admin API: the files belong to the edge's process. For `verify --directory`, while no edge
/// has them open, this becomes `weir-edge --verify-cache`, because only that program knows the files.
struct CacheCommand {
    static let usage = """
        weir cache stat|ls|verify|rm [--ready FILE | --admin URL --token-file FILE]

          stat                                      figures of the cache, one per line
          ls [--prefix P] [--limit N]               keys with bytes, status and seconds it was fresh for when it was stored
          verify                                    compares every object with its checksums and drops what is damaged
          verify --directory DIR                    the same without an edge, and changes nothing
          rm [--url U]… [--prefix P]… [--tag T]… [--all] [--soft] [--distribution ID]    as weir purge

          Exit codes: 0 done, 1 could not be done, 2 verify found damage, 64 wrong command line.

        """

    let words: [String]

    /// Most objects `ls` shows unless told otherwise.
    private static let usualLimit = 1_000

    func run() async throws {
        let rest = Array(words.dropFirst())
        switch words.first {
        case "stat": try await stat(try options(rest))
        case "ls": try await list(try options(rest, ["--prefix", "--limit"]))
        case "verify":
            let options = try options(rest, ["--directory"])
            if let directory = options["--directory"] {
                guard EdgeAdmin.optionNames.allSatisfy({ options[$0] == nil }) else {
                    throw UsageError("--directory is for a cache that no edge has open; leave the edge's options out")
                }
                try Programs.become("weir-edge", ["--verify-cache", directory])
            } else {
                try await verify(options)
            }
        case "rm":
            try await PurgeCommand.purge(
                try options(rest, ["--url", "--prefix", "--tag", "--distribution"], flags: ["--all", "--soft"]))
        case let other?: throw UsageError("unknown cache command \(other): stat, ls, verify or rm")
        case nil: throw UsageError("say what to do with the cache: stat, ls, verify or rm")
        }
    }

    private func options(
        _ words: [String], _ values: Set<String> = [], flags: Set<String> = []
    ) throws -> CommandOptions {
        let options = try CommandOptions(words, values: EdgeAdmin.optionNames.union(values), flags: flags)
        if let stray = options.operands.first { throw UsageError("unexpected \(stray)") }
        return options
    }

    private func stat(_ options: CommandOptions) async throws {
        let edge = try EdgeAdmin(options)
        let answer = try await ServiceConnection.with(base: edge.base) { connection in
            try await connection.call(.get, "/cache", bearer: edge.token)
        }
        for member in answer.object?.members ?? [] { Terminal.output("\(member.key) \(member.value.integer ?? 0)\n") }
    }

    private func list(_ options: CommandOptions) async throws {
        let limit = try options["--limit"].map { text throws(UsageError) in
            guard let limit = Int(text), limit > 0 else { throw UsageError("--limit needs a number above 0") }
            return limit
        }
        let edge = try EdgeAdmin(options)
        var left = limit ?? Self.usualLimit
        try await ServiceConnection.with(base: edge.base) { connection in
            var cursor: String?
            repeat {
                var query = Query(items: [.init(name: "limit", value: String(min(left, 10_000)))])
                if let prefix = options["--prefix"] { query.items.append(.init(name: "prefix", value: prefix)) }
                if let cursor { query.items.append(.init(name: "cursor", value: cursor)) }
                let page = try await connection.call(.get, "/cache/objects?\(query.encoded)", bearer: edge.token)
                for object in page["objects"]?.array ?? [] { Terminal.output(Self.line(object)) }
                left -= page["objects"]?.array?.count ?? 0
                cursor = page["cursor"]?.string
            } while cursor != nil && left > 0
            if cursor != nil { Terminal.error("weir: there are more; raise --limit or give a --prefix\n") }
        }
    }

    private static func line(_ object: JSONValue) -> String {
        let bytes = object["bytes"]?.integer ?? 0
        let lifetime = (object["freshUntil"]?.integer ?? 0) - (object["storedAt"]?.integer ?? 0)
        let mark = object["softPurged"]?.bool == true ? " soft-purged" : ""
        return "\(object["key"]?.string ?? "")\t\(bytes)\t\(object["status"]?.integer ?? 0)\t\(lifetime)\(mark)\n"
    }

    private func verify(_ options: CommandOptions) async throws {
        let edge = try EdgeAdmin(options)
        var objects: Int64 = 0
        var bytes: Int64 = 0
        var damaged = 0
        try await ServiceConnection.with(base: edge.base) { connection in
            var cursor: String?
            repeat {
                let place = cursor.map { "?cursor=\($0)" } ?? ""
                let page = try await connection.call(.post, "/cache/verify\(place)", bearer: edge.token)
                objects += page["objects"]?.integer ?? 0
                bytes += page["bytes"]?.integer ?? 0
                for key in page["damaged"]?.array ?? [] {
                    damaged += 1
                    Terminal.output("damaged \(key.string ?? "")\n")
                }
                cursor = page["cursor"]?.string
                if cursor != nil { Terminal.error("weir: \(objects) objects, \(bytes >> 20) MiB so far\n") }
            } while cursor != nil
        }
        Terminal.output("verified \(objects) objects, \(bytes) bytes: \(damaged) damaged\n")
        if damaged > 0 { throw DamageFound() }
    }
}

/// A verification did its work and found something.
struct DamageFound: Error {}
