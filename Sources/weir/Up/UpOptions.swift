/// `weir up`'s command line.
struct UpOptions {
    static let usage = """
        weir up [--data DIR] [--edge HOST:PORT] [--edge-tls HOST:PORT] [--origin HOST:PORT] [--s3 HOST:PORT]
                [--admin HOST:PORT] [--workers N] [--database sqlite:PATH] [--objects file:DIR] [--public-url URL]
                [--mail FILE]

          Runs the edge, the origin and N transcoders (1) on this machine, and writes DIR/ready.json when all of them serve.
          Port 0 picks a free port. SIGTERM or Ctrl-C drains and stops everything. With OTEL_EXPORTER_OTLP_ENDPOINT in the
          environment, edge and origin send spans there. Codes and invitations are kept in DIR/mail; with --mail they go
          where FILE says, which holds the section mail of the origin's configuration.

        """

    var dataDirectory: String
    var edge: HostAndPort
    var edgeTLS: HostAndPort
    var origin: HostAndPort
    var s3: HostAndPort
    var admin: HostAndPort
    var workers: Int
    var databasePath: String
    var objectsDirectory: String
    var publicURL: String?
    /// A document with the section `mail` of the origin's configuration; nil for a folder.
    var mailPath: String?

    init(_ words: [String]) throws(UsageError) {
        let options = try CommandOptions(
            words,
            values: [
                "--data", "--edge", "--edge-tls", "--origin", "--s3", "--admin", "--workers", "--database", "--objects",
                "--public-url", "--mail",
            ])
        if let stray = options.operands.first { throw UsageError("unexpected \(stray)") }
        dataDirectory = options["--data"] ?? "./weir-data"
        edge = try HostAndPort(options["--edge"] ?? "127.0.0.1:8080", option: "--edge")
        edgeTLS = try HostAndPort(options["--edge-tls"] ?? "127.0.0.1:8443", option: "--edge-tls")
        origin = try HostAndPort(options["--origin"] ?? "127.0.0.1:9000", option: "--origin")
        s3 = try HostAndPort(options["--s3"] ?? "127.0.0.1:9001", option: "--s3")
        admin = try HostAndPort(options["--admin"] ?? "127.0.0.1:9090", option: "--admin")
        workers = try Self.workerCount(options["--workers"] ?? "1")
        databasePath = try Self.path(
            of: options["--database"] ?? "sqlite:\(dataDirectory)/catalog.sqlite", scheme: "sqlite",
            option: "--database")
        objectsDirectory = try Self.path(
            of: options["--objects"] ?? "file:\(dataDirectory)/objects", scheme: "file", option: "--objects")
        publicURL = options["--public-url"].map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        mailPath = options["--mail"]
        if let publicURL, !publicURL.hasPrefix("http://"), !publicURL.hasPrefix("https://") {
            throw UsageError("--public-url \(publicURL): expected http://HOST or https://HOST")
        }
    }

    private static func workerCount(_ text: String) throws(UsageError) -> Int {
        guard let count = Int(text), (0...64).contains(count) else {
            throw UsageError("--workers \(text): expected a number from 0 to 64")
        }
        return count
    }

    private static func path(of url: String, scheme: String, option: String) throws(UsageError) -> String {
        guard url.hasPrefix("\(scheme):"), url.count > scheme.count + 1 else {
            throw UsageError("\(option) \(url): this version keeps its data on this machine, give \(scheme):PATH")
        }
        return String(url.dropFirst(scheme.count + 1))
    }
}

/// `HOST:PORT` as people type it.
struct HostAndPort {
    var host: String
    var port: UInt16

    init(_ text: String, option: String) throws(UsageError) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            colon > text.startIndex
        else {
            throw UsageError("\(option) \(text): expected HOST:PORT, such as 127.0.0.1:8080")
        }
        host = String(text[..<colon])
        self.port = port
    }
}
