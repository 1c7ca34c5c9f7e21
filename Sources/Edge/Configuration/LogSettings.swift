import Configuration
import JSON
public import Telemetry

/// Where a log goes, as `log` and `accessLog` say it.
public struct AccessLogSettings: Sendable {
    /// The form of a line.
    public enum Format: String, Sendable {
        /// A JSON object in each line.
        case json
        /// CloudFront's standard log.
        case w3c
    }

    /// The form of a line.
    public var format = Format.json
    /// Where lines go.
    public var destination = LogDestination.standardError
    /// Bytes of lines of one loop that may wait.
    public var bufferBytes = 4 << 20
    /// Names of query parameters that are redacted beside those that always are.
    public var redactedParameters: [String] = []
    /// Whether the names of cookies are logged.
    public var logsCookieNames = false
    /// What `x-edge-location` says.
    public var location = ""

    /// The defaults.
    public init() {}
}

extension EdgeParameters {
    /// `log`: what the process says.
    static let log: Parameter = .section(
        "log", "what the process says, as JSON lines",
        [
            .optional("level", .choice(["debug", "info", "warning", "error"]), default: "info", "least level logged"),
            .optional("access", .boolean, default: true, "whether each request is a line, where accessLog says"),
        ] + LogDestinationReading.parameters)

    /// `accessLog`: a line for each request.
    static let accessLog: Parameter = .section(
        "accessLog", "a line for each request; where its output is also that of log, both share it",
        [
            .optional(
                "format", .choice(["json", "w3c"]), default: "json",
                "JSON lines, or CloudFront's standard log, which needs an output of its own"),
            .optional(
                "bufferKibibytes", .integer(64...1_048_576, unit: "KiB"), default: 4096,
                "lines that may wait to be written, per loop; beyond it they are dropped and counted"),
            .optional(
                "redactedParameters", .texts, default: [],
                "query parameters whose values are not logged, beside those that never are; any case"),
            .optional("cookies", .choice(["none", "names"]), default: "none", "what is logged of cookies"),
            .optional("location", .text, default: "", "what x-edge-location says; printable ASCII without blanks"),
        ] + LogDestinationReading.parameters)
}

/// Reads the destination of one of both logs.
struct LogDestinationReading {
    static let parameters: [Parameter] = [
        .optional(
            "output", .choice(["stderr", "stdout", "file", "syslog"]), default: "stderr", "where its lines go"),
        .optional(
            "file", .text,
            "for output file; made when missing, opened anew at a reload, for logrotate; relative to this file"),
        .optional(
            "syslog", .text, default: "/dev/log",
            "for output syslog: a datagram socket's path, or a numeric ADDRESS:PORT for UDP; RFC 5424"),
        .optional(
            "facility", .choice(SyslogFacility.allCases.map(\.name)), default: "local0", "for output syslog"),
    ]

    private(set) var destination = LogDestination.standardError
    private(set) var problems: [ConfigurationProblem] = []

    init(_ values: Configuration, at path: String, sources: SettingsSources) {
        switch values.text("output") {
        case "stdout": destination = .standardOutput
        case "file":
            guard let file = values.optionalText("file"), !file.isEmpty else {
                refuse("\(path).file", "is required: output is \"file\"")
                return
            }
            destination = .file(sources.path(file))
        case "syslog":
            let text = values.text("syslog")
            guard let address = SyslogAddress(text) else {
                refuse(
                    "\(path).syslog",
                    "\"\(text)\" is neither the path of a socket nor a numeric address with a port, such as 192.0.2.1:514"
                )
                return
            }
            let facility = SyslogFacility.allCases.first { $0.name == values.text("facility") } ?? .local0
            destination = .syslog(address, facility: facility)
        default: destination = .standardError
        }
        if values.text("output") != "file", values.optionalText("file") != nil {
            refuse("\(path).file", "is of no use: output is \"\(values.text("output"))\", not \"file\"")
        }
    }

    private mutating func refuse(_ path: String, _ message: String) {
        problems.append(ConfigurationProblem(path: path, message: message))
    }
}

/// Reads `accessLog`.
struct AccessLogReading {
    private(set) var settings = AccessLogSettings()
    private(set) var problems: [ConfigurationProblem] = []

    /// - Parameter process: where the other log goes.
    init(_ values: Configuration, process: LogDestination, sources: SettingsSources) {
        let reading = LogDestinationReading(values, at: "$.accessLog", sources: sources)
        problems = reading.problems
        settings.destination = reading.destination
        settings.format = AccessLogSettings.Format(rawValue: values.text("format")) ?? .json
        settings.bufferBytes = values.integer("bufferKibibytes") << 10
        settings.redactedParameters = values.texts("redactedParameters")
        settings.logsCookieNames = values.text("cookies") == "names"
        settings.location = values.text("location")
        if settings.format == .w3c, settings.destination == process {
            refuse(
                "$.accessLog.format",
                "w3c cannot share an output with log, whose lines are JSON; set accessLog.output to another one")
        }
        if !settings.location.utf8.allSatisfy({ 0x21...0x7e ~= $0 && $0 != 0x22 && $0 != 0x5c }) {
            refuse(
                "$.accessLog.location",
                "\"\(settings.location)\" holds other than printable ASCII without blanks and quotes")
        }
    }

    private mutating func refuse(_ path: String, _ message: String) {
        problems.append(ConfigurationProblem(path: path, message: message))
    }
}
