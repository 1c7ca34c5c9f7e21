import Audit
import Bytes
import Catalog
import Daemon
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Telemetry

/// Says in the process's log, which is not in the database, how far the audit log has come: somebody who puts an older
/// database in the place of this one cannot take those lines back.
struct AuditWitness {
    let catalog: any CatalogStore
    let now: @Sendable () -> Int64
    let logger: Logger

    private static let interval = Duration.seconds(3_600)

    /// Notes where the log ended before this start, complains if that is no end that was written, and begins.
    func begin() async throws {
        let (end, report) = try await catalog.read { reader in
            let end = try reader.auditHead().mark
            return (end, try reader.verifyAudit(after: end, limit: 1))
        }
        note(end)
        if let fault = report.fault {
            logger.error("audit log broken; see weir audit verify", ["reason": .string(fault.description)])
        }
        let at = now()
        try await catalog.write { transaction in
            try transaction.record(AuditAct(.originStarted, ["version": .string(weirVersion)]), at: at)
        }
    }

    /// Notes the end once an hour if it has moved, until the task is cancelled.
    func run() async {
        var noted: AuditMark?
        while !Task.isCancelled {
            do {
                let end = try await catalog.read { try $0.auditHead().mark }
                if end != noted { note(end) }
                noted = end
            } catch {
                logger.error("audit log not readable", ["error": .error(error)])
            }
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func note(_ end: AuditMark) {
        logger.info("audit log ends", ["head": .string(end.description)])
    }
}

extension AuditContext {
    /// Answers a request of the public listener, whose entries say where it came from.
    static func serving(
        _ request: Request, behind proxies: TrustedProxies, _ route: (Request) async -> Response
    ) async -> Response {
        let peer = IPAddress(bytes: request.peer.ipBytes)
        let client = peer.map {
            proxies.client(peer: $0, forwardedFor: request.headers.values("x-forwarded-for"))
        }
        return await serving(
            client: request.peer.ip, forwardedFor: client == peer ? nil : client?.description,
            requestId: request.requestID
        ) { await route(request) }
    }
}
