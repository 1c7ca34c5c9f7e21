import Bytes
import Configuration
import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import SegmentStore
import TLS
import Telemetry

/// What the edge says in its process log; requests have `RequestLog`. Queries, cookies and signatures never get here: a signed URL in a log is a key left
/// in the door.
struct EdgeLog: Sendable {
    let logger: Logger

    /// Why signed access refused a request; the client is only told the code.
    func denied(_ exchange: Exchange, reason: String) {
        logger.debug(
            "access denied",
            [
                "request_id": .string(exchange.requestID.description),
                "path": .string(exchange.head.path.string(in: exchange.headBytes)), "reason": .string(reason),
            ])
    }

    func originFailed(_ origin: String, path: [UInt8], error: ClientError) {
        logger.warning(
            "origin request failed",
            [
                "origin": .string(origin), "path": .string(Self.withoutQuery(path)),
                "kind": .string(error.kind.description), "reason": .string(error.message),
            ])
    }

    func failedOver(from failed: OriginTarget, to next: OriginTarget, path: [UInt8], reason: String) {
        logger.info(
            "origin fails over",
            [
                "origin": .string(failed.id), "next": .string(next.id), "path": .string(Self.withoutQuery(path)),
                "reason": .string(reason),
            ])
    }

    /// A server of an origin was taken out or came back.
    func originServer(_ server: ServerHealth, _ change: HealthMachine.Change) {
        let (origin, name) = (LogValue.string(server.origin), LogValue.string(server.server))
        switch change {
        case .ejected(let nanoseconds):
            logger.warning(
                "origin server ejected",
                ["origin": origin, "server": name, "seconds": .number(Double(nanoseconds) / 1e9)])
        case .readmitted: logger.info("origin server readmitted", ["origin": origin, "server": name])
        case .down: logger.warning("origin server down", ["origin": origin, "server": name])
        case .up: logger.info("origin server up", ["origin": origin, "server": name])
        }
    }

    func certificateExpires(_ facts: TLSCertificateFacts, now: Int64) {
        logger.warning(
            facts.expiresAt > now ? "certificate expires soon" : "certificate has expired",
            [
                "certificate": .string(facts.source), "names": .string(facts.names.joined(separator: " ")),
                "days": .integer((facts.expiresAt - now) / 86_400),
            ])
    }

    func stapleExpired(_ facts: TLSCertificateFacts) {
        logger.warning("OCSP response has expired and is not sent", ["certificate": .string(facts.source)])
    }

    func certificatesAdopted(_ context: TLSServerContext) {
        let sources = context.certificates.map(\.source).joined(separator: " ")
        logger.info("certificates replaced", ["certificates": .string(sources)])
    }

    func certificatesRefused(_ reason: String) {
        logger.error("certificates not replaced, the old ones stay", ["reasons": .string(reason)])
    }

    func notStored(key: [UInt8], outcome: StoreOutcome) {
        logger.info(
            "object not stored", ["path": .string(Self.withoutQuery(key)), "outcome": .string("\(outcome)")])
    }

    /// Valid, and most likely not meant.
    func doubtful(_ warning: ConfigurationProblem) {
        logger.warning(
            "configuration", ["path": .string(warning.path), "warning": .string(warning.message)])
    }

    func needsRestart(_ key: String) {
        logger.warning("setting needs a restart, the old one stays", ["key": .string(key)])
    }

    /// A change at the origin was seen, and the old response may still be served until it expires.
    func notInvalidated(_ keys: [[UInt8]], reason: String) {
        for key in keys {
            logger.error(
                "stored response not invalidated", ["path": .string(Self.withoutQuery(key)), "reason": .string(reason)])
        }
    }

    /// The identity is served instead.
    func notCompressed(key: [UInt8], reason: String) {
        logger.debug(
            "object not compressed", ["path": .string(Self.withoutQuery(key)), "reason": .string(reason)])
    }

    func purged(_ request: PurgeRequest, _ receipt: PurgeReceipt) {
        logger.info(
            "purged",
            [
                "generation": .integer(Int64(clamping: receipt.sequence.rawValue)),
                "urls": .integer(Int64(request.urls.count)), "prefixes": .integer(Int64(request.prefixes.count)),
                "tags": .integer(Int64(request.tags.count)), "all": .bool(request.all), "soft": .bool(request.soft),
                "us": .integer(Int64(receipt.elapsedMicroseconds)),
            ])
    }

    func controlLogInterrupted(_ reason: String) {
        logger.warning(
            "control log not followed for now",
            ["reason": .string(reason), "meanwhile": "served as before; purges of other edges come when it answers"])
    }

    /// Other edges serve the distribution, or an `Id` here is not the one that the origin knows.
    func orderForOthers(_ sequence: Int64, distribution: String) {
        logger.info(
            "order of the control log is for a distribution of other edges",
            ["sequence": .integer(sequence), "distribution": .string(distribution)])
    }

    /// Nothing that an order might have meant may be served any more.
    func orderNotUnderstood(_ sequence: Int64, reason: String) {
        logger.error(
            "order of the control log not understood, so everything is purged",
            ["sequence": .integer(sequence), "reason": .string(reason)])
    }

    func keysLearnt(_ keys: LearntKeys) {
        logger.info(
            "the origin's keys are in force",
            ["sequence": .integer(keys.position.sequence), "keys": .string(keys.summary)])
        for id in keys.unusable {
            logger.error("a key of the origin is of no kind this version knows, not trusted", ["key": .string(id)])
        }
    }

    /// Signatures for the origin's groups are refused, or verified with the configured keys, until the origin answers.
    func keysNotRestored(_ reason: String) {
        logger.error("stored keys of the origin not readable", ["reason": .string(reason)])
    }

    /// An origin that is older, or has another idea of what may be true.
    func playbackRefused(status: Int, requests: Int) {
        logger.warning(
            "the origin refuses a report of what was served of videos, which is dropped",
            ["status": .integer(Int64(status)), "requests": .integer(Int64(requests))])
    }

    func cacheDropped(_ reason: String) {
        logger.warning("cache dropped", ["reason": .string(reason)])
    }

    /// What the store could not do is the operator's business: a cache that stores nothing still answers, only slower.
    func store(_ event: StoreEvent) {
        switch event {
        case .purgeReclaimed(let status):
            // What was asked may be thousands of paths.
            logger.info(
                "purge reclaimed",
                [
                    "generation": .integer(Int64(clamping: status.sequence.rawValue)),
                    "objects": .integer(Int64(status.objects)), "bytes": .integer(Int64(status.bytes)),
                ])
        case .opened, .reconciled, .spaceRecovered, .reopened:
            logger.info("segment store", ["event": .string("\(event)")])
        case .shardsKept, .wiped, .checksumFailure, .writeFailed, .spaceLow, .reopening:
            logger.warning("segment store", ["event": .string("\(event)")])
        }
    }

    private static func withoutQuery(_ target: [UInt8]) -> String {
        String(decoding: target.prefix { $0 != UInt8(ascii: "?") && $0 != 0 }, as: UTF8.self)
    }
}
