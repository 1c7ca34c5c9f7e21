public import AccessSigning
internal import Bytes
internal import Catalog
public import HTTPServer
internal import HTTPWire
internal import JSON
public import Telemetry

/// The call by which edges follow the control log.
public struct EdgeLogAPI: Sendable {
    /// What edges sign their calls for.
    public static let service = "weir"

    private static let longestWait = 55

    private let log: ControlLog
    private let keys: AccessKeyRing
    private let region: String
    private let now: @Sendable () -> Int64
    private let logger: Logger

    /// The call over `log`; signatures name `region`, `now` gives epoch milliseconds.
    public init(
        log: ControlLog, keys: AccessKeyRing, region: String, now: @escaping @Sendable () -> Int64, logger: Logger
    ) {
        self.log = log
        self.keys = keys
        self.region = region
        self.now = now
        self.logger = logger
    }

    /// Adds `GET /edges/{edgeId}/log` to the router of the origin's listener.
    public func addRoutes(to router: inout Router) {
        router.add(.get, "/edges/{edgeId}/log") { [self] in await respond(to: $0) }
    }

    func respond(to request: Request) async -> Response {
        let edgeId = request[parameter: "edgeId"]
        guard ASCII.isName(edgeId) else {
            return Self.refusal(.badRequest, "an edge's name is 1 to 64 letters, digits, '-', '_' and '.'")
        }
        if let reason = reasonToRefuse(request, of: edgeId) { return Self.refusal(.forbidden, reason) }
        guard let query = Query(request.query ?? ""), let wait = Self.number(query, "wait", default: 0),
            let after = Self.number(query, "after", default: -1)
        else { return Self.refusal(.badRequest, "wait and after are numbers that are not negative") }
        let position = query.first("log").flatMap { logId in
            after < 0 ? nil : ControlLog.Position(logId: logId, sequence: after)
        }
        do {
            if let position, query.contains("leave") {
                try await log.leave(edgeId: edgeId, at: position)
                return Self.json(.ok, [:])
            }
            let answer = try await log.follow(
                edgeId: edgeId, from: position, wait: .seconds(min(wait, Int64(Self.longestWait))),
                lacksKeys: query.contains("keys"))
            return Self.response(answer)
        } catch {
            logger.error(
                "control log not readable", ["edge": .string(edgeId), "error": .error(error)])
            return Self.refusal(.serviceUnavailable, "the catalog cannot be read now")
        }
    }

    private func reasonToRefuse(_ request: Request, of edgeId: String) -> String? {
        let key: AccessKey
        do throws(SigV4Error) {
            let signed = SigV4Request(
                method: request.method, path: request.path, query: request.query, headers: request.headers)
            key = try keys.signature(
                of: signed, payload: .hash(SigV4.emptyPayloadHash), regions: [region], service: Self.service,
                nowEpochSeconds: now() / 1_000
            ).key
        } catch {
            return error.message
        }
        guard key.role == .edge else { return "the access key's role is not edge" }
        guard key.edgeId.map({ $0 == edgeId }) ?? true else { return "the access key is another edge's" }
        return nil
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
            return json(.ok, answer)
        case .lost(let extent, let keys):
            return json(
                .gone,
                ["log": .string(extent.logId), "latest": .integer(extent.latest), "keys": keys.document])
        }
    }

    private static func json(_ status: HTTPStatus, _ object: JSONObject) -> Response {
        var response = Response(status: status, contentType: "application/json", bytes: object.serialized())
        response.headers.set("Cache-Control", "no-store")
        return response
    }

    private static func refusal(_ status: HTTPStatus, _ reason: String) -> Response {
        json(status, ["error": .string(reason)])
    }

    /// nil for what is no number.
    private static func number(_ query: Query, _ name: String, default absent: Int64) -> Int64? {
        guard let text = query.first(name) else { return absent }
        return ASCII.parseDecimal(text).flatMap { Int64(exactly: $0) }
    }
}
