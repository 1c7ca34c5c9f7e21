internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import Viewing

extension APIServices {
    /// What may be asked for by `format`.
    private enum Format: String, CaseIterable {
        case json
        case csv
    }

    /// Spans that one answer has at most: more than a month of hours, a day of minutes.
    private static let maximumSpans = 1_500

    /// `GET /videos/{videoId}/analytics`: how a video was watched, span by span, for its owner; as CSV for who prefers that.
    func listAnalytics(_ request: Request, by caller: Caller) async throws -> Response {
        let video = try await editableVideo(request, by: caller)
        let query = try APIQuery(request)
        let grain: StatisticsGrain = try query.choice("granularity") ?? .day
        let end = try query.time("to") ?? now()
        let start = try query.time("from") ?? end - 30 * grain.length
        guard start < end, (end - start) / grain.length <= Self.maximumSpans else {
            throw Problem.unprocessableParameter(
                "from", "must be before to, by at most \(Self.maximumSpans) of the granularity's spans.")
        }
        let range = grain.start(of: start)..<end
        let (spans, slots) = try await catalog.read { reader in
            (
                try reader.statistics(videoId: video.id, grain: grain, in: range, limit: Self.maximumSpans + 2),
                try reader.retention(videoId: video.id)
            )
        }
        let format: Format? = try query.choice("format")
        if format == .csv || (format == nil && prefersCSV(request)) { return Self.csv(spans) }
        let slotSeconds = (video.durationSeconds ?? 0) / Double(WatchTally.slots)
        let whole = slotSeconds * Double(video.views)
        return APIServices.json(
            .ok,
            [
                "granularity": .string(grain.rawValue), "viewers": .integer(Int64(viewing.viewers(of: video.id))),
                "items": .array(spans.map { .object($0.statistics.json(start: $0.start)) }),
                "retention": .array(whole > 0 ? slots.map { .number(Double($0) / 1_000 / whole) } : []),
            ])
    }

    private func prefersCSV(_ request: Request) -> Bool {
        request.headers.joined("accept").map { $0.contains("text/csv") && !$0.contains("application/json") } ?? false
    }

    private static func csv(_ spans: [(start: Int64, statistics: VideoStatistics)]) -> Response {
        let lines = spans.map { span in
            // Times and numbers alone: nothing has to be quoted, and nothing is a formula.
            span.statistics.json(start: span.start).members
                .map { $0.value.string ?? ($0.value.isNull ? "" : "\($0.value)") }.joined(separator: ",")
        }
        let header = VideoStatistics().json(start: 0).keys.joined(separator: ",")
        let text = ([header] + lines).joined(separator: "\r\n") + "\r\n"
        var response = Response(status: .ok, contentType: "text/csv; charset=utf-8", bytes: Array(text.utf8))
        response.headers.set("Cache-Control", "no-store")
        response.headers.set("Content-Disposition", "attachment; filename=\"analytics.csv\"")
        return response
    }
}

extension VideoStatistics {
    fileprivate func json(start: Int64) -> JSONObject {
        let watched = Double(watchedMilliseconds) / 1_000
        let stalled = Double(stalledMilliseconds) / 1_000
        return [
            "start": .string(ISO8601.extended(milliseconds: start)), "views": .integer(views),
            "watchedSeconds": .number(watched), "peakViewers": .integer(peakViewers),
            "startups": .integer(startups),
            "startupSeconds": Self.ratio(Double(startupMilliseconds) / 1_000, to: Double(startups)),
            "stalls": .integer(stalls), "stalledSeconds": .number(stalled),
            "rebufferRatio": Self.ratio(stalled, to: watched + stalled),
            "bytes": .integer(bytes), "hits": .integer(hits), "misses": .integer(misses),
            "hitRatio": Self.ratio(Double(hits), to: Double(hits + misses)),
            "playerRequests": .integer(told), "starvedRequests": .integer(starved), "urgentRequests": .integer(urgent),
            "throughputKilobitsPerSecond": Self.ratio(Double(measuredKilobits), to: Double(measured)),
        ]
    }

    private static func ratio(_ part: Double, to whole: Double) -> JSONValue {
        whole > 0 ? .number(part / whole) : .null
    }
}

extension APIQuery {
    /// A time in ISO 8601, in epoch milliseconds.
    fileprivate func time(_ name: String) throws(Problem) -> Int64? {
        guard let text = text(name) else { return nil }
        guard let seconds = ISO8601.parse(text) else {
            throw .unprocessableParameter(name, "must be a time in UTC such as 2026-11-22T17:00:00Z.")
        }
        return seconds * 1_000
    }
}
