public import AccessSigning
internal import Bytes
internal import Catalog
public import HTTPServer
internal import HTTPWire
internal import JSON
public import Telemetry

/// The call by which edges follow the control log.
public struct EdgeLogAPI: Sendable {
    private static let longestWait = 55

    private let log: ControlLog
    private let caller: EdgeCaller
    private let logger: Logger

    /// The call over `log`; signatures name `region`, `now` gives epoch milliseconds.
    public init(
        log: ControlLog, keys: AccessKeyRing, region: String, now: @escaping @Sendable () -> Int64, logger: Logger
    ) {
        self.log = log
        caller = EdgeCaller(keys: keys, region: region, now: now)
        self.logger = logger
    }

    /// Adds `GET /edges/{edgeId}/log` to the router of the origin's listener.
    public func addRoutes(to router: inout Router) {
        router.add(.get, "/edges/{edgeId}/log") { [self] in await respond(to: $0) }
    }

    func respond(to request: Request) async -> Response {
        if let refusal = caller.refusal(of: request) { return refusal }
        let edgeId = request[parameter: "edgeId"]
        guard let query = Query(request.query ?? ""), let wait = Self.number(query, "wait", default: 0),
            let after = Self.number(query, "after", default: -1)
        else { return EdgeCaller.refusal(.badRequest, "wait and after are numbers that are not negative") }
        let position = query.first("log").flatMap { logId in
            after < 0 ? nil : ControlLog.Position(logId: logId, sequence: after)
        }
        do {
            if let position, query.contains("leave") {
                try await log.leave(edgeId: edgeId, at: position)
                return EdgeCaller.json(.ok, [:])
            }
            let answer = try await log.follow(
                edgeId: edgeId, from: position, wait: .seconds(min(wait, Int64(Self.longestWait))),
                lacksKeys: query.contains("keys"))
            return Self.response(answer)
        } catch {
            logger.error(
                "control log not readable", ["edge": .string(edgeId), "error": .error(error)])
            return EdgeCaller.refusal(.serviceUnavailable, "the catalog cannot be read now")
        }
    }

    private static func response(_ answer: ControlLog.Answer) -> Response {
        switch answer {
        case .entries(let entries, let extent, let keys):
            let list = entries.map { entry -> JSONValue in
                ["sequence": .integer(entry.sequence), "order": (try? JSONValue.parse(entry.body)) ?? .null]
            }
            var answer: JSONObject = [
                "log": .string(extent.logId), "latest": .integer(extent.latest), "entries": .array(list),
            ]
            if let keys { answer["keys"] = keys.document }
            return EdgeCaller.json(.ok, answer)
        case .lost(let extent, let keys):
            return EdgeCaller.json(
                .gone,
                ["log": .string(extent.logId), "latest": .integer(extent.latest), "keys": keys.document])
        }
    }

    /// nil for what is no number.
    private static func number(_ query: Query, _ name: String, default absent: Int64) -> Int64? {
        guard let text = query.first(name) else { return absent }
        return ASCII.parseDecimal(text).flatMap { Int64(exactly: $0) }
    }
}
