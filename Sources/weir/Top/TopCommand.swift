import Daemon
import EventLoop
import Glibc
import HTTPWire
import JSON
import TopView

/// `weir top`: what an edge does right now, on a terminal or, for scripts, as one picture.
struct TopCommand {
    static let usage = """
        weir top [--ready FILE | --admin URL --token-file FILE] [--once] [--interval SECONDS]

          Shows requests, hit ratio, bandwidth, latency, origins, the store, the loops and the paths asked for most, anew
          every SECONDS (1 to 60, default 2). q quits, p pauses. --once prints one picture of a second and ends, and so does a
          standard output that is no terminal. NO_COLOR is honoured.

        """

    let words: [String]

    func run() async throws {
        let options = try CommandOptions(
            words, values: EdgeAdmin.optionNames.union(["--interval"]), flags: ["--once"])
        if let stray = options.operands.first { throw UsageError("unexpected \(stray)") }
        guard let interval = Int(options["--interval"] ?? "2"), 1...60 ~= interval else {
            throw UsageError("--interval \(options["--interval"] ?? "") is not 1 to 60 seconds")
        }
        let edge = try EdgeAdmin(options)
        let isLive = !options.flags.contains("--once") && isatty(0) == 1 && isatty(1) == 1
        try await ServiceConnection.with(base: edge.base) { connection in
            let watched = WatchedEdge(edge: edge, connection: connection)
            if isLive {
                try await TopScreen(watched, interval: .seconds(interval)).run()
            } else {
                try await Self.printOnce(watched)
            }
        }
    }

    /// Whether the one who looks wants colours (no-color.org) and the terminal has some.
    static var hasColours: Bool {
        func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
        return variable("NO_COLOR").isEmpty && !["", "dumb"].contains(variable("TERM")) && isatty(1) == 1
    }

    private static func printOnce(_ watched: WatchedEdge) async throws {
        let first = try await watched.sample()
        try await Task.sleep(for: .seconds(1))
        let frame = TopFrame(
            from: first, to: try await watched.sample(), address: watched.edge.base,
            width: TerminalScreen.size?.columns ?? 110, hasColours: hasColours)
        Terminal.output(frame.lines().map { "\($0)\n" }.joined())
    }
}

/// The edge that is looked at.
struct WatchedEdge {
    let edge: EdgeAdmin
    let connection: ServiceConnection

    /// Asks it for its metrics and its paths.
    func sample() async throws -> TopSample {
        let page = try await connection.get("/metrics", headers: [("Authorization", "Bearer \(edge.token)")])
        guard page.status == .ok else {
            throw CommandFailure("\(edge.base) answered GET /metrics with \(page.status.code): is the token right?")
        }
        let seconds = Double(MonotonicClock.nanoseconds()) / 1e9
        let top = try await connection.call(.get, "/top", bearer: edge.token)
        let keys = (top["keys"]?.array ?? []).compactMap { key -> TopSample.Key? in
            guard let path = key["path"]?.string, let share = key["share"]?.number,
                let byteShare = key["byteShare"]?.number
            else { return nil }
            return TopSample.Key(path: path, share: share, byteShare: byteShare)
        }
        return TopSample(
            page: MetricsPage(String(decoding: page.content, as: UTF8.self)), keys: keys, seconds: seconds)
    }
}
