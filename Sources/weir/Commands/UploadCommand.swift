import Daemon
import EventLoop
import HTTPWire
import JSON

/// `weir upload`: takes files from this disk to a stream that plays, and tells how long each step took.
struct UploadCommand {
    static let usage = """
        weir upload [--ready FILE] [--title TEXT] [--visibility public|unlisted|private] [--no-wait] FILE…

          Uploads each file, follows the transcoding and prints the watch page. Without --ready, ./weir-data/ready.json says
          where the service is.

        """

    let words: [String]

    func run() async throws {
        let options = try CommandOptions(words, values: ["--ready", "--title", "--visibility"], flags: ["--no-wait"])
        guard !options.operands.isEmpty else { throw UsageError("give a file to upload") }
        let ready = try ReadyFile(options["--ready"] ?? "./weir-data/ready.json")
        for file in options.operands {
            try await upload(file, options: options, ready: ready)
        }
    }

    private func upload(_ path: String, options: CommandOptions, ready: ReadyFile) async throws {
        let file = try UploadFile(path)
        try await ServiceConnection.with(base: try ready["origin"]) { origin in
            let token = try await origin.signIn(ready)
            let started = ContinuousClock.now
            let slot = try await origin.call(
                .post, "/api/v1/uploads",
                body: [
                    "fileName": .string(file.name), "contentType": .string(file.contentType),
                    "size": .integer(Int64(file.size)), "title": .string(options["--title"] ?? file.name),
                    "visibility": .string(options["--visibility"] ?? "public"),
                ], bearer: token)
            guard let videoId = slot["videoId"]?.string, let url = slot["url"]?.string else {
                throw CommandFailure("the origin answered the upload without videoId or url: \(slot)")
            }
            try await origin.put(file, to: url, headers: slot["headers"]?.object)
            Terminal.output("\(file.name): uploaded \(file.size) bytes in \(started.elapsed), video \(videoId)\n")
            if options.flags.contains("--no-wait") { return }
            let watchPage = "\(try ready["edge"])/watch/\(videoId)"
            try await follow(videoId, since: started, on: origin, token: token, watchPage: watchPage)
        }
    }

    /// Polls until the video is ready or failed, and says each change once.
    private func follow(
        _ videoId: String, since started: ContinuousClock.Instant, on origin: ServiceConnection, token: String,
        watchPage: String
    ) async throws {
        var said = ""
        var wasPlayable = false
        while true {
            let video = try await origin.call(.get, "/api/v1/videos/\(videoId)", bearer: token)
            let status = video["status"]?.string ?? "unknown"
            if video["playable"]?.bool == true && !wasPlayable {
                wasPlayable = true
                Terminal.output("  playable after \(started.elapsed): \(watchPage)\n")
            }
            switch status {
            case "ready":
                Terminal.output("  ready after \(started.elapsed): \(watchPage)\n")
                return
            case "failed":
                throw CommandFailure("video \(videoId) failed: \(video["failure"]?.forPeople ?? "no reason given")")
            default:
                let line = "  \(status) \(video["progress"]?.percent ?? "")\n"
                if line != said { Terminal.output(line) }
                said = line
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}

extension ContinuousClock.Instant {
    /// Seconds since this instant with two decimals, for people.
    fileprivate var elapsed: String {
        let hundredths = (ContinuousClock.now - self) / .milliseconds(10)
        return "\(Int(hundredths) / 100).\(Int(hundredths) % 100 < 10 ? "0" : "")\(Int(hundredths) % 100) s"
    }
}

extension JSONValue {
    fileprivate var forPeople: String { self["reason"]?.string ?? string ?? description }

    fileprivate var percent: String {
        switch self {
        case .number(let fraction): "\(Int(fraction * 100)) %"
        case .integer(let whole): "\(whole * 100) %"
        default: ""
        }
    }
}
