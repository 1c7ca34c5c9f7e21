public import AccessSigning
public import Catalog
public import HTTPServer
internal import HTTPWire
public import Telemetry

/// The call by which edges tell what they have served of videos.
public struct PlaybackReportAPI: Sendable {
    /// 512 rows of less than 400 bytes.
    private static let largestBody = 256 << 10

    private let catalog: any CatalogStore
    private let caller: EdgeCaller
    private let now: @Sendable () -> Int64
    private let logger: Logger

    /// The call over `catalog`; signatures name `region`, `now` gives epoch milliseconds.
    public init(
        catalog: any CatalogStore, keys: AccessKeyRing, region: String, now: @escaping @Sendable () -> Int64,
        logger: Logger
    ) {
        self.catalog = catalog
        caller = EdgeCaller(keys: keys, region: region, now: now)
        self.now = now
        self.logger = logger
    }

    /// Adds `POST /edges/{edgeId}/playback` to the router of the origin's listener.
    public func addRoutes(to router: inout Router) {
        router.add(.post, "/edges/{edgeId}/playback") { [self] in await respond(to: $0) }
    }

    func respond(to request: Request) async -> Response {
        let body: [UInt8]
        do {
            body = try await request.body.collect(upTo: Self.largestBody)
        } catch .tooLarge {
            return EdgeCaller.refusal(.contentTooLarge, "a report has at most \(Self.largestBody) bytes")
        } catch {
            return EdgeCaller.refusal(.badRequest, "the body ended early")
        }
        if let refusal = caller.refusal(of: request, body: body) { return refusal }
        let edgeId = request[parameter: "edgeId"]
        do {
            let report = try PlaybackReport(body)
            try await add(report, of: edgeId)
            return Response(status: .noContent)
        } catch let refused as PlaybackReport.Refused {
            return EdgeCaller.refusal(.badRequest, refused.description)
        } catch {
            logger.error("playback report not kept", ["edge": .string(edgeId), "error": .error(error)])
            return EdgeCaller.refusal(.serviceUnavailable, "the catalog cannot be written now")
        }
    }

    /// All of it or nothing, and once. What is older than minutes are kept is passed over: whether it came before is known no
    /// longer. Videos that are gone, or never were, are as well.
    private func add(_ report: PlaybackReport, of edgeId: String) async throws {
        let now = now()
        let batch = StatisticsBatch(source: "edge:\(edgeId):\(report.run)", number: report.number)
        let oldest = now - (StatisticsGrain.minute.kept ?? 0)
        try await catalog.write { transaction in
            guard try transaction.isNew(batch, at: now) else { return }
            for row in report.rows where row.time > oldest {
                var tally = WatchTally()
                tally.statistics = row.statistics
                try transaction.add(tally, videoId: row.videoId, at: min(row.time, now))
            }
        }
    }
}
