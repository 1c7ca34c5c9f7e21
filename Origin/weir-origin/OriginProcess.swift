import Daemon
import EventLoop
import Telemetry

/// The process around the origin: starts it, says so, waits for a signal, drains.
enum OriginProcess {
    /// - Returns: the exit code; 1 when the origin could not start.
    static func run(_ settings: OriginSettings) async -> Int32 {
        let logger = Logger(label: "origin", level: settings.logLevel)
        do {
            try await serve(settings, logger: logger)
            return 0
        } catch {
            Terminal.error("weir-origin: cannot start: \(error)\n")
            return 1
        }
    }

    private static func serve(_ settings: OriginSettings, logger: Logger) async throws {
        let control = try EventLoop(name: "origin-control")
        let signals = try await SignalWatcher.signals([.terminate, .interrupt], on: control)
        let origin = try await OriginServer.start(settings, logger: logger)
        logger.info(
            "serving",
            [
                "api": .string("\(settings.listen)"), "s3": .string("\(settings.s3Listen)"),
                "version": .string(weirVersion),
            ])
        ReadinessNotice.ready()
        for await signal in signals {
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
