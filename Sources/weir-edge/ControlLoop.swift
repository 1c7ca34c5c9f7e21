import Daemon
import Edge
import EventLoop
import Glibc
import Telemetry

/// What signals do to a running edge: SIGTERM and SIGINT drain and end it, SIGHUP reads the configuration again, SIGUSR2 leaves
/// its place to a new process.
enum ControlLoop {
    /// Never returns: the process ends when a drain is done.
    ///
    /// The main thread sleeps with the signals blocked. It must stay out of Dispatch, whose main thread waits with every
    /// signal unblocked and so would be killed by the first one.
    static func run(_ edge: EdgeServer, readyLimit: Duration, logger: Logger) throws -> Never {
        let loop = try EventLoop(name: "edge-control")
        let upgrade = Upgrade(loop: loop, limit: readyLimit, logger: logger, steps: steps(of: edge, logger: logger))
        edge.onUpgrade { () async throws(UpgradeRefused) in
            do throws(Upgrade.Failure) {
                return try await upgrade.perform()
            } catch {
                throw UpgradeRefused(error.description, isUnderWay: error.isRefusal)
            }
        }
        loop.submit {
            do {
                try SignalWatcher.watchOnLoop(loop, [.terminate, .interrupt, .hangUp, .user2]) { signal in
                    received(signal, edge, upgrade, logger)
                }
                Supervised.watchSupervisorOnLoop(loop)
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
                "pid": .integer(Int64(getpid())),
            ])
        while true { pause() }
    }

    private static func received(_ signal: Signal, _ edge: EdgeServer, _ upgrade: Upgrade, _ logger: Logger) {
        switch signal {
        case .hangUp:
            Task.detached { await reload(edge, logger) }
        case .user2:
            // What comes of it is in the log.
            Task.detached { _ = try? await upgrade.perform() }
        default:
            logger.info("stopping", ["signal": .string(signal.description)])
            upgrade.stop()
        }
    }

    private static func steps(of edge: EdgeServer, logger: Logger) -> Upgrade.Steps {
        Upgrade.Steps(
            sockets: {
                try await edge.socketsForSuccessor().map { NamedDescriptor(name: $0.name, descriptor: $0.descriptor) }
            },
            release: { await edge.releaseForSuccessor() },
            resume: { await edge.resume(wasReleased: $0) },
            handOver: { listeners in
                if await edge.leave(takenOver: listeners) { end(logger) }
            },
            stop: {
                if await edge.stop() { end(logger) }
            },
            count: { edge.countUpgrade($0.rawValue) })
    }

    private static func end(_ logger: Logger) -> Never {
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
