import Configuration
import HTTP2
import JSON

/// The budgets of `HTTP2Limits`. The limits on heads are those of HTTP/1, in the section `limits`; slow uploads, readers and
/// windows are judged by the rates there.
extension EdgeParameters {
    static let http2: [Parameter] = [
        .optional(
            "concurrentStreams", .integer(1...10_000, unit: "streams"), default: 128,
            "requests in progress; further ones are refused"),
        .optional(
            "streamWindowKibibytes", .integer(64...65_536, unit: "KiB"), default: 256,
            "bytes of one request body sent ahead of the origin"),
        .optional(
            "connectionWindowKibibytes", .integer(64...1_048_576, unit: "KiB"), default: 1024,
            "the same of all request bodies; so much memory a connection may hold"),
        .optional(
            "continuations", .integer(1...1000, unit: "frames"), default: 16, "CONTINUATION frames of one header block"),
        .optional(
            "headerExcess", .integer(1...1000, unit: "times"), default: 16,
            "what a header block may decode to, in limits.headerBytes; between one and this it is answered 431"),
        .optional(
            "budgetSeconds", .integer(1...3600, unit: "seconds"), default: 60,
            "over which the following are counted"),
        .optional(
            "resets", .integer(1...1_000_000, unit: "streams"), default: 200,
            "streams reset, by the client or because of what it did"),
        .optional("settings", .integer(1...1_000_000, unit: "frames"), default: 32, "SETTINGS frames"),
        .optional("pings", .integer(1...1_000_000, unit: "frames"), default: 120, "PING frames"),
        .optional(
            "priorities", .integer(1...1_000_000, unit: "frames"), default: 1000, "PRIORITY and PRIORITY_UPDATE frames"),
        .optional(
            "emptyData", .integer(1...1_000_000, unit: "frames"), default: 200,
            "DATA frames that carry nothing and end nothing"),
        .optional(
            "windowUpdates", .integer(1...1_000_000, unit: "frames"), default: 2000,
            "WINDOW_UPDATE frames besides one for each KiB of body sent"),
        .optional("unknownFrames", .integer(1...1_000_000, unit: "frames"), default: 200, "frames of unknown types"),
        .optional(
            "queuedFrames", .integer(16...100_000, unit: "frames"), default: 256,
            "acknowledgements and resets that wait for a client that does not read"),
    ]
}

extension HTTP2Limits {
    /// The section `http2` of a validated document.
    init(_ values: Configuration) {
        self.init()
        concurrentStreams = values.integer("concurrentStreams")
        streamWindow = values.integer("streamWindowKibibytes") << 10
        connectionWindow = values.integer("connectionWindowKibibytes") << 10
        continuations = values.integer("continuations")
        headExcessFactor = values.integer("headerExcess")
        windowNanoseconds = UInt64(values.integer("budgetSeconds")) * 1_000_000_000
        resets = values.integer("resets")
        settings = values.integer("settings")
        pings = values.integer("pings")
        priorities = values.integer("priorities")
        emptyData = values.integer("emptyData")
        windowUpdates = values.integer("windowUpdates")
        unknownFrames = values.integer("unknownFrames")
        queuedControlFrames = values.integer("queuedFrames")
    }
}
