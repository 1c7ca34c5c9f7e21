import Bytes
import Daemon
import HTTPWire
import JSON

/// `weir videos`: the library, over the origin's API.
struct VideosCommand {
    static let usage = """
        weir videos list     [WHERE] [--query TEXT] [--channel ID] [--status STATUS] [--sort ORDER] [--limit N] [--json]
        weir videos show     [WHERE] ID [--json]
        weir videos edit     [WHERE] ID [--title TEXT] [--description TEXT] [--visibility public|unlisted|private] [--json]
        weir videos delete   [WHERE] ID… [--permanent]
        weir videos restore  [WHERE] ID…
        weir videos download [WHERE] ID [--height LINES] [--output FILE] [--force]

          list shows 50 videos (--limit), newest first or as --sort says: newest, oldest, views or relevance. --query finds words of
          titles and descriptions; --channel ID lists one owner's; --status those that are awaiting_upload, queued, probing,
          transcoding, ready or failed, and looks through the whole list for them. delete puts videos into the trash, from which
          restore brings them back, or deletes file and media for good. download fetches the largest size, or that of --height, to
          ID-HEIGHTp.mp4; after an interruption the same command goes on.

        \(OriginSession.usage)
          Exit codes: 0 done, 1 could not be done, 64 wrong command line, 75 a download broke off and can be gone on with.

        """

    private static let path = "/api/v1/videos"
    private static let verbs = "list, show, edit, delete, restore or download"

    let words: [String]

    func run() async throws {
        guard let verb = words.first else { throw UsageError("say what to do: \(Self.verbs)") }
        let rest = Array(words.dropFirst())
        switch verb {
        case "list":
            let values: Set<String> = ["--query", "--channel", "--status", "--sort", "--limit"]
            try await list(try LibraryOptions(rest, values, flags: ["--json"], operands: 0...0))
        case "show": try await show(try LibraryOptions(rest, flags: ["--json"]))
        case "edit":
            try await edit(
                try LibraryOptions(rest, ["--title", "--description", "--visibility"], flags: ["--json"]))
        case "delete": try await delete(try LibraryOptions(rest, flags: ["--permanent"], operands: 1...1_000))
        case "restore": try await restore(try LibraryOptions(rest, operands: 1...1_000))
        case "download":
            let options = try LibraryOptions(rest, ["--height", "--output"], flags: ["--force"])
            let download = try VideoDownload(options)
            try await OriginSession.with(options.words) { try await download.run($0) }
        default: throw UsageError("unknown videos \(verb); say \(Self.verbs)")
        }
    }

    private func list(_ options: LibraryOptions) async throws {
        let limit = try options.limit
        let status = options["--status"]
        var target = Self.path + "?limit=\(status == nil ? min(limit, 100) : 100)"
        for (name, option) in [("q", "--query"), ("channel", "--channel"), ("sort", "--sort")] {
            if let value = options[option] { target += "&\(name)=\(PercentEncoding.encode(value))" }
        }
        let videos = try await OriginSession.with(options.words) { [target] session in
            try await session.items(of: target, limit: limit) { status == nil || $0["status"]?.string == status }
        }
        options.show(["items": .array(videos)], as: VideoTable.list(videos))
    }

    private func show(_ options: LibraryOptions) async throws {
        let video = try await OriginSession.with(options.words) {
            try await $0.call(.get, Self.path(of: options.operands[0]))
        }
        options.show(video, as: VideoTable.details(video))
    }

    private func edit(_ options: LibraryOptions) async throws {
        var change: JSONObject = [:]
        for name in ["title", "description", "visibility"] {
            if let value = options["--\(name)"] { change[name] = .string(value) }
        }
        guard !change.isEmpty else { throw UsageError("say what to change: --title, --description or --visibility") }
        let video = try await OriginSession.with(options.words) { [change] in
            try await $0.call(.patch, Self.path(of: options.operands[0]), body: .object(change))
        }
        options.show(video, as: VideoTable.details(video))
    }

    private func delete(_ options: LibraryOptions) async throws {
        let isPermanent = options.flags.contains("--permanent")
        try await OriginSession.with(options.words) { session in
            for id in options.operands {
                _ = try await session.call(.delete, Self.path(of: id) + (isPermanent ? "?permanent=true" : ""))
                Terminal.output("\(id.printable) is \(isPermanent ? "deleted" : "in the trash")\n")
            }
        }
    }

    private func restore(_ options: LibraryOptions) async throws {
        try await OriginSession.with(options.words) { session in
            for id in options.operands {
                _ = try await session.call(.post, Self.path(of: id) + "/restore")
                Terminal.output("\(id.printable) is back\n")
            }
        }
    }

    /// The path of a video's calls.
    static func path(of id: String) -> String { "\(path)/\(PercentEncoding.encode(id))" }
}
