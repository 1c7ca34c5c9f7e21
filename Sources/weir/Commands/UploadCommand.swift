import Daemon
import EventLoop
import Glibc
import HTTPWire
import JSON
import UploadView

/// `weir upload`: takes files from this disk to a stream that plays, and tells how long each step took.
struct UploadCommand {
    static let usage = """
        weir upload [--ready FILE] [--title TEXT] [--visibility public|unlisted|private] [--codecs LIST]
                    [--encryption aes-128|none] [--no-wait] FILE…

          Uploads each file, shows how far the transcoding is and prints the watch page. Without --ready, ./weir-data/ready.json says
          where the service is. --codecs names what the sizes are coded in, between commas, --encryption whether its
          segments are encrypted; without them the origin decides.

        """

    let words: [String]

    func run() async throws {
        let options = try CommandOptions(
            words, values: ["--ready", "--title", "--visibility", "--codecs", "--encryption"], flags: ["--no-wait"])
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
            var body: JSONObject = [
                "fileName": .string(file.name), "contentType": .string(file.contentType),
                "size": .integer(Int64(file.size)), "title": .string(options["--title"] ?? file.name),
                "visibility": .string(options["--visibility"] ?? "public"),
            ]
            var transcode: JSONObject = [:]
            if let codecs = options["--codecs"] {
                transcode["codecs"] = .array(codecs.split(separator: ",").map { .string(String($0)) })
            }
            if let encryption = options["--encryption"] { transcode["encryption"] = .string(encryption) }
            body["transcode"] = .object(transcode)
            let slot = try await origin.call(.post, "/api/v1/uploads", body: .object(body), bearer: token)
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

    /// Shows how far the video is until it is ready or failed. A stream that breaks off is taken up again.
    private func follow(
        _ videoId: String, since started: ContinuousClock.Instant, on origin: ServiceConnection, token: String,
        watchPage: String
    ) async throws {
        var display = ProgressDisplay(watchPage: watchPage, since: started)
        var state: UploadState?
        var failures = 0
        while true {
            do {
                try await origin.follow("/api/v1/videos/\(videoId)/events", bearer: token) { event in
                    guard event.name == "status", let json = try? JSONValue.parse(event.data),
                        let news = UploadState(json: json)
                    else {
                        if event.name == "deleted" { throw CommandFailure("video \(videoId) was deleted") }
                        return true
                    }
                    failures = 0
                    display.show(news)
                    state = news
                    return !["ready", "failed"].contains(news.status)
                }
            } catch let error as CommandFailure {
                display.end()
                throw error
            } catch {
                failures += 1
                guard failures < 5 else { throw error }
            }
            switch state?.status {
            case "ready": return
            case "failed":
                throw CommandFailure("video \(videoId) failed: \(state?.failure ?? "no reason given")")
            default: try await Task.sleep(for: .seconds(1))
            }
        }
    }
}

/// Says how far a video is: on a terminal one line that is drawn over, otherwise a line per step.
struct ProgressDisplay {
    private let watchPage: String
    private let started: ContinuousClock.Instant
    private let isTerminal = isatty(1) == 1
    private var said: UploadState?
    private var isLineOpen = false

    init(watchPage: String, since started: ContinuousClock.Instant) {
        self.watchPage = watchPage
        self.started = started
    }

    mutating func show(_ state: UploadState) {
        let line = ProgressLine(state)
        if state.isPlayable && said?.isPlayable != true {
            end()
            Terminal.output("  playable after \(started.elapsed): \(watchPage)\n")
        }
        if state.status == "ready" || state.status == "failed" {
            end()
            if state.status == "ready" { Terminal.output("  ready after \(started.elapsed): \(watchPage)\n") }
        } else if isTerminal {
            Terminal.output("\r\(line.text(width: TerminalScreen.size?.columns ?? 80))\u{1b}[K")
            isLineOpen = true
        } else if let news = line.news(since: said) {
            Terminal.output(news + "\n")
        }
        said = state
    }

    /// Leaves the line to what comes next.
    mutating func end() {
        if isLineOpen { Terminal.output("\r\u{1b}[K") }
        isLineOpen = false
    }
}

extension ContinuousClock.Instant {
    /// Seconds since this instant with two decimals, for people.
    fileprivate var elapsed: String {
        let hundredths = (ContinuousClock.now - self) / .milliseconds(10)
        return "\(Int(hundredths) / 100).\(Int(hundredths) % 100 < 10 ? "0" : "")\(Int(hundredths) % 100) s"
    }
}
