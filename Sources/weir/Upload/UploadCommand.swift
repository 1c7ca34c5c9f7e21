import HTTPClient
import JSON

/// `weir upload`: takes files from this disk to a stream that plays, and tells how long each step took.
struct UploadCommand {
    static let usage = """
        weir upload [WHERE] [--title TEXT] [--description TEXT] [--visibility public|unlisted|private] [--codecs LIST]
                    [--encryption aes-128|none] [--parallel N] [--restart] [--no-wait] [--json] FILE…

          Uploads each file, shows how far it is, then how far the transcoding is, and prints the watch page. --codecs names what the
          sizes are coded in, between commas, --encryption whether its segments are encrypted; without them the origin decides.

          Files above 64 MiB go in parts, four at a time (--parallel, up to 16); what fails is tried again. After Ctrl-C, a crash or
          an interruption that lasts longer, the same command goes on where it stopped and sends no part again that is there:
          a note beside the file says which video it is (.weir-upload-….json). --restart begins anew.

        \(OriginSession.usage)

          --json prints one object for each file and nothing else. Exit codes: 0 done, 1 could not be done, 64 wrong command line,
          75 broken off, the same command goes on, 130 and 143 ended by Ctrl-C or SIGTERM.

        """

    private static let values: Set<String> = [
        "--title", "--description", "--visibility", "--codecs", "--encryption", "--parallel",
    ]

    let words: [String]

    func run() async throws {
        let options = try CommandOptions(
            words, values: Self.values.union(OriginSession.optionNames), flags: ["--restart", "--no-wait", "--json"])
        guard !options.operands.isEmpty else { throw UsageError("give a file to upload") }
        guard !options.operands.contains("-") else {
            throw UsageError(
                "standard input cannot be uploaded: its size is asked for first, and what was sent cannot be read a "
                    + "second time; write it to a file")
        }
        let wishes = try UploadWishes(options)
        // Every file is opened before the first is sent: a wrong name is said at once.
        let files = try options.operands.map { try UploadFile($0) }
        try await OriginSession.with(options) { session in
            let interruption = Interruption("stopped before anything was sent")
            try await interruption.watch(on: session.connection.client.loop)
            for file in files {
                try await Upload(file: file, wishes: wishes, session: session).run(interruption)
            }
        }
    }
}

/// What the options say of the uploads of one command.
struct UploadWishes {
    let isPatient: Bool
    let isJSON: Bool
    let isRestart: Bool
    let parallel: Int
    private let title: String?
    private let description: String?
    private let visibility: String
    private let transcode: JSONObject

    init(_ options: CommandOptions) throws(UsageError) {
        let parallel = options["--parallel"] ?? "4"
        guard let count = Int(parallel), (1...16).contains(count) else {
            throw UsageError("--parallel \(parallel): expected 1 to 16")
        }
        self.parallel = count
        isPatient = !options.flags.contains("--no-wait")
        isJSON = options.flags.contains("--json")
        isRestart = options.flags.contains("--restart")
        title = options["--title"]
        description = options["--description"]
        visibility = options["--visibility"] ?? "public"
        var transcode: JSONObject = [:]
        if let codecs = options["--codecs"] {
            transcode["codecs"] = .array(codecs.split(separator: ",").map { .string(String($0)) })
        }
        if let encryption = options["--encryption"] { transcode["encryption"] = .string(encryption) }
        self.transcode = transcode
    }

    /// What makes the video of `file`.
    func order(for file: UploadFile) -> JSONValue {
        var body: JSONObject = [
            "fileName": .string(file.name), "contentType": .string(file.contentType), "size": .integer(file.size),
            "title": .string(title ?? file.name), "visibility": .string(visibility), "transcode": .object(transcode),
        ]
        if let description { body["description"] = .string(description) }
        return .object(body)
    }
}
