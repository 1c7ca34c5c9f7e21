internal import Glibc

/// Writes structured lines for one part of the program.
///
/// A small value: copy it, give it fields, pass it down.
///
/// The message is a constant, so lines can be counted and searched; what varies goes into fields. A disabled level costs one
/// comparison. Safe on any thread, event loops included: no sink blocks for long.
public struct Logger: Sendable {
    /// The part of the program, such as `edge` or `s3`.
    public var label: String
    /// Lines below this level are dropped.
    public var level: LogLevel
    /// Where its lines go.
    public let sink: any LogSink
    private var context: [(StaticString, LogValue)] = []

    /// Creates a logger; without a sink it writes to standard error.
    public init(label: String, level: LogLevel = .info, sink: any LogSink = LogWriter.standardError) {
        self.label = label
        self.level = level
        self.sink = sink
    }

    /// The same logger with a field on every line.
    public func with(_ key: StaticString, _ value: LogValue) -> Logger {
        var logger = self
        logger.context.append((key, value))
        return logger
    }

    /// The same logger for another part of the program.
    public func labelled(_ label: String) -> Logger {
        var logger = self
        logger.label = label
        return logger
    }

    /// The same logger for the work of one request.
    public func with(_ requestID: RequestID) -> Logger {
        with("request_id", .string(requestID.description))
    }

    /// Writes a line at `debug`.
    public func debug(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        log(.debug, message, fields())
    }

    /// Writes a line at `info`.
    public func info(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        log(.info, message, fields())
    }

    /// Writes a line at `warning`.
    public func warning(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        log(.warning, message, fields())
    }

    /// Writes a line at `error`.
    public func error(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        log(.error, message, fields())
    }

    /// Writes a line.
    public func log(_ level: LogLevel, _ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        guard level >= self.level else { return }
        var line = LogLine(epochNanoseconds: Self.now(), level: level, label: label, message: message)
        for (key, value) in context { line.add(key, value) }
        for (key, value) in fields() { line.add(key, value) }
        line.end()
        sink.write(line.bytes)
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// Opens the log's file anew; see `LogSink.reopen`.
    public func reopen() {
        sink.reopen()
    }

    /// Waits until what was logged so far has left the process; call it before the process ends.
    public func flush() {
        sink.flush()
    }
}
