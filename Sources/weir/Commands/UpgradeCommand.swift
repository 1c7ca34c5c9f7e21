import Daemon
import HTTPWire
import JSON

/// `weir upgrade`: an edge leaves its place to a new process of its program, as it is now on the disk, with the configuration as
/// it is now.
struct UpgradeCommand {
    static let usage = """
        weir upgrade [--ready FILE | --admin URL --token-file FILE]

          Replace the program's file first (write a new one beside it and rename it). The edge starts it, hands its
          listening sockets over and drains; no connection is refused. When the new process does not come to serve, the
          old one goes on, and this says why. Without --ready and --admin, ./weir-data/ready.json says where the edge is.

        """

    let words: [String]

    func run() async throws {
        let options = try CommandOptions(words, values: EdgeAdmin.optionNames)
        if let stray = options.operands.first { throw UsageError("unexpected \(stray)") }
        let edge = try EdgeAdmin(options)
        let answer = try await ServiceConnection.with(base: edge.base) { connection in
            try await connection.call(.post, "/upgrade", bearer: edge.token)
        }
        Terminal.output("process \(answer["pid"]?.integer ?? 0) serves now; the old one drains\n")
    }
}
