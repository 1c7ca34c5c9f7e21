import EventLoop
import HTTPClient
import HTTPWire
import JSON
import TLS
import Telemetry

/// Makes the edges forget the media of deleted videos: a cached segment is fresh for a year, and who holds playback cookies
/// would go on watching.
///
/// An edge that cannot be reached is asked again for about an hour; what is open when the process ends is lost, and said.
struct EdgePurger: Sendable {
    /// One edge's admin listener.
    struct Edge: Sendable {
        /// Its base URL.
        let url: String
        /// Its bearer token.
        let token: String
    }

    private let edges: [Edge]
    private let client: HTTPClient
    private let logger: Logger

    private static let attempts = 10

    init(edges: [Edge], client: HTTPClient, logger: Logger) {
        self.edges = edges
        self.client = client
        self.logger = logger
    }

    /// Returns when every edge has forgotten the video, or has failed once and is asked again later.
    func forget(videoId: String) async {
        await withTaskGroup { group in
            for edge in edges { group.addTask { await forget(videoId, edge) } }
        }
    }

    private func forget(_ videoId: String, _ edge: Edge) async {
        guard let reason = await refusal(videoId, edge) else { return }
        report("an edge still holds a deleted video", videoId, edge, reason)
        Task {
            var reason = reason
            for attempt in 1..<Self.attempts {
                try await Task.sleep(for: .seconds(1 << attempt))
                guard let refusal = await refusal(videoId, edge) else {
                    return logger.info("an edge has forgotten a deleted video", ["edge": .string(edge.url)])
                }
                reason = refusal
            }
            report("an edge keeps a deleted video", videoId, edge, reason)
        }
    }

    private func report(_ message: StaticString, _ videoId: String, _ edge: Edge, _ reason: String) {
        logger.error(
            message,
            [
                "edge": .string(edge.url), "video": .string(videoId), "reason": .string(reason),
                "way_out": .string("weir purge --admin \(edge.url) --token TOKEN --tag video:\(videoId)"),
            ])
    }

    /// Why the edge may still hold the video; nil once it does not.
    private func refusal(_ videoId: String, _ edge: Edge) async -> String? {
        guard let url = HTTPURL(edge.url) else { return "its URL is none" }
        let order: JSONObject = ["tags": [.string("video:\(videoId)")]]
        do {
            let tls = url.usesTLS ? try TLSClientContext(trust: .system) : nil
            var request = ClientRequest(
                endpoint: Endpoint(host: url.host, port: url.port, tls: tls), method: .post, target: "/purge",
                headers: ["Authorization": "Bearer \(edge.token)", "Content-Type": "application/json"],
                body: .bytes(order.serialized()))
            request.connectTimeout = .seconds(2)
            request.responseTimeout = .seconds(5)
            let answer = try await client.send(request)
            _ = try await answer.body.collect(upTo: 65_536)
            return answer.status == .ok ? nil : "it answers \(answer.status.code)"
        } catch {
            return "\(error)"
        }
    }
}
