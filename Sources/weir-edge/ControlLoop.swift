import Daemon
import Edge
import EventLoop
import Glibc
import Telemetry

/// What signals do to a running edge: SIGTERM and SIGINT drain and end it, SIGHUP reads the configuration again.
enum ControlLoop {
    /// Says that the edge serves and then never returns: the process ends when a drain is done.
    ///
    /// The main thread sleeps with the signals blocked. It must stay out of Dispatch, whose main thread waits with every
    /// signal unblocked and so would be killed by the first one.
    static func run(_ edge: EdgeServer, logger: Logger) throws -> Never {
        let loop = try EventLoop(name: "edge-control")
        loop.submit {
            do {
                try SignalWatcher.watchOnLoop(loop, [.terminate, .interrupt, .hangUp]) { signal in
                    Task.detached {
                        if signal == .hangUp { await reload(edge, logger) } else { await stop(edge, signal, logger) }
                    }
                }
            } catch {
                Terminal.error("weir-edge: cannot watch signals: \(error)\n")
                exit(1)
            }
        }
        logger.info(
            "serving",
            [
                "http": .string(edge.addresses.http.map(\.description) ?? "none"),
                "https": .string(edge.addresses.https.map(\.description) ?? "none"),
                "admin": .string(edge.addresses.admin.description), "version": .string(weirVersion),
            ])
        ReadinessNotice.ready()
        while true { pause() }
    }

    private static func stop(_ edge: EdgeServer, _ signal: Signal, _ logger: Logger) async {
        logger.info("stopping", ["signal": .string(signal.description)])
        ReadinessNotice.stopping()
        await edge.stop()
        logger.info("stopped")
        logger.flush()
        exit(0)
    }

    private static func reload(_ edge: EdgeServer, _ logger: Logger) async {
        do {
            try await edge.reload()
            logger.info("reloaded")
        } catch {
            logger.error("reload refused, the old configuration stays", ["reasons": .string("\(error)")])
        }
    }
}
