import Daemon
import HTTPWire
import JSON

/// `weir purge`: makes an edge forget, and says when no later request can see the old bytes.
struct PurgeCommand {
    static let usage = """
        weir purge [--ready FILE | --admin URL --token-file FILE] [--url U]… [--prefix P]… [--tag T]… [--all] [--soft]
                   [--distribution ID]

          Tells the edge to forget by URL path, path prefix, tag, or everything; --soft keeps objects to serve them while
          the origin is away. Of several distributions of the edge, whole URLs choose one by their host, --distribution
          names one, and all are meant otherwise. Without --ready and --admin, ./weir-data/ready.json says where the edge is.

        """

    let words: [String]

    func run() async throws {
        let options = try CommandOptions(
            words, values: EdgeAdmin.optionNames.union(["--url", "--prefix", "--tag", "--distribution"]),
            flags: ["--all", "--soft"])
        if let stray = options.operands.first { throw UsageError("unexpected \(stray); did you mean --url \(stray)?") }
        try await Self.purge(options)
    }

    /// Also what `weir cache rm` does.
    static func purge(_ options: CommandOptions) async throws {
        let what = ["--url", "--prefix", "--tag"].flatMap { options.values[$0] ?? [] }
        guard !what.isEmpty || options.flags.contains("--all") else {
            throw UsageError("say what to purge: --url, --prefix, --tag or --all")
        }
        var body: JSONObject = [
            "urls": texts(options, "--url"), "prefixes": texts(options, "--prefix"), "tags": texts(options, "--tag"),
            "all": .bool(options.flags.contains("--all")), "soft": .bool(options.flags.contains("--soft")),
        ]
        if let id = options.values["--distribution"]?.last { body["distribution"] = .string(id) }
        let order = JSONValue.object(body)
        let edge = try EdgeAdmin(options)
        let answer = try await ServiceConnection.with(base: edge.base) { connection in
            try await connection.call(.post, "/purge", body: order, bearer: edge.token)
        }
        let microseconds = answer["elapsedMicroseconds"]?.integer ?? 0
        Terminal.output("purged as \(answer["id"]?.string ?? answer["id"]?.description ?? "?") in \(microseconds) µs\n")
    }

    private static func texts(_ options: CommandOptions, _ name: String) -> JSONValue {
        .array((options.values[name] ?? []).map(JSONValue.string))
    }
}
