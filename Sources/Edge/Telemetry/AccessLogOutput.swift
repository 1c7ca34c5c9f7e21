import AccessLog
import Telemetry

/// Where the lines of all loops leave the process: an output of their own, or that of the process log.
final class AccessLogOutput: Sendable {
    private let settings: AccessLogSettings
    private let process: Logger
    /// `nil` where the process log's is shared.
    private let own: LogWriter?

    /// - Parameters:
    ///   - process: where what is wrong with the output is said.
    ///   - isShared: whether the process log goes to the same place.
    init(_ settings: AccessLogSettings, process: Logger, isShared: Bool) {
        self.settings = settings
        self.process = process
        own =
            isShared
            ? nil
            : LogWriter(settings.destination, header: settings.format == .w3c ? W3CLine.header : "") { event in
                Self.report(event, to: process)
            }
    }

    /// The log of one loop.
    func makeLog() -> RequestLog {
        let capacity = settings.bufferBytes
        return RequestLog(settings, to: own?.channel(capacity: capacity) ?? process.sink.channel(capacity: capacity))
    }

    /// Opens a file anew, after it has been renamed.
    func reopen() {
        own?.reopen()
    }

    /// Writes what waits, for some seconds at most. Blocks; not for a loop's thread.
    func close() {
        guard let own else { return process.sink.flush() }
        let before = own.droppedLines
        own.close(within: 5)
        let lost = own.droppedLines - before
        if lost > 0 { process.error("access log lines lost at the end", ["lines": .count(lost)]) }
    }

    /// Lines that are lost, of both logs.
    func exportStatistics(to registry: MetricsRegistry) {
        registry.read(EdgeMetricTable.droppedLogLines, "process") { [process] in Double(process.sink.droppedLines) }
        registry.read(EdgeMetricTable.droppedLogLines, "access") { [own] in Double(own?.droppedLines ?? 0) }
    }

    private static func report(_ event: LogEvent, to logger: Logger) {
        switch event {
        case .failing(let reason):
            logger.error("access log cannot be written, its lines wait", ["reason": .string(reason)])
        case .recovered: logger.info("access log is written again")
        case .dropping: logger.error("access log lines are dropped: what may wait is full")
        case .dropped(let lines): logger.warning("access log lines were dropped", ["lines": .count(lines)])
        }
    }
}

extension EdgeMetricTable {
    static let droppedLogLines = MetricDeclaration(
        "weir_edge_log_dropped_lines_total", .counter, unit: "lines",
        help: """
            Log lines lost because what may wait was full, or their reader did not take them. An access log that shares \
            the process log's output counts there.
            """,
        labels: ["log"])
}
