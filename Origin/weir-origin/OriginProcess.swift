import Daemon
import EventLoop
import Telemetry

/// The process around the origin: starts it, says so, waits for signals: SIGHUP reads the configuration again,
/// SIGTERM and SIGINT drain and end it.
enum OriginProcess {
    /// - Returns: the exit code; 1 when the origin could not start.
    ///
    /// `reread` reads the configuration again when a reload is wanted.
    static func run(_ settings: OriginSettings, reread: @escaping @Sendable () throws -> OriginSettings) async -> Int32
    {
        let logger = Logger(label: "origin", level: settings.logLevel)
        do {
            try await serve(settings, reread: reread, logger: logger)
            return 0
        } catch {
            Terminal.error("weir-origin: cannot start: \(error)\n")
            return 1
        }
    }

    private static func serve(
        _ settings: OriginSettings, reread: @escaping @Sendable () throws -> OriginSettings, logger: Logger
    ) async throws {
        let control = try EventLoop(name: "origin-control")
        let signals = try await SignalWatcher.signals([.terminate, .interrupt, .hangUp], on: control)
        let reload = try OriginReload(settings, logger: logger, reread: reread)
        let origin = try await OriginServer.start(settings, reload: reload, logger: logger)
        logger.info(
            "serving",
            [
                "api": .string("\(settings.listen)"), "s3": .string("\(settings.s3Listen)"),
                "version": .string(weirVersion),
            ])
        ReadinessNotice.ready()
        for await signal in signals {
            if signal == .hangUp {
                // What comes of it is in the log.
                _ = try? await reload.reload()
                continue
            }
            logger.info("stopping", ["signal": .string(signal.description)])
            break
        }
        ReadinessNotice.stopping()
        await origin.stop(within: .seconds(10))
        await control.shutdown()
        logger.info("stopped")
        logger.flush()
    }
}
