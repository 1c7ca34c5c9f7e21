internal import HTTPClient
public import HTTPWire
public import Outbound

/// What a receiver answered.
public struct WebhookAnswer: Sendable, Equatable {
    /// The status.
    public let status: Int
    /// The first bytes of the body as text; what is none is replaced.
    public let beginning: String

    /// An answer.
    public init(status: Int, beginning: String) {
        self.status = status
        self.beginning = beginning
    }
}

/// Posts a message; tests answer it without a network.
public protocol WebhookPosting: Sendable {
    /// The answer, whatever its status; throws `OutboundFailure`.
    func post(_ body: [UInt8], to url: HTTPURL, headers: Headers, within limit: Duration) async throws -> WebhookAnswer
}

/// Posts over the network, within a rule; redirects are answers like others and are not followed.
public struct WebhookPost: WebhookPosting {
    /// As much of an answer as is kept, in bytes.
    public static let answerBytes = 1_024

    private let client: OutboundClient

    /// Posts by `client`.
    public init(_ client: OutboundClient) {
        self.client = client
    }

    /// The answer, whatever its status.
    public func post(
        _ body: [UInt8], to url: HTTPURL, headers: Headers, within limit: Duration
    ) async throws -> WebhookAnswer {
        try await OutboundClient.within(limit) { [client] in
            let response = try await client.send(
                .post, url, headers: headers, body: body, responseTimeout: limit, idleTimeout: limit)
            var beginning: [UInt8] = []
            do {
                for try await piece in response.body {
                    beginning += piece
                    if beginning.count >= Self.answerBytes { break }
                }
            } catch {
                // The status is what counts, and it is there.
            }
            return WebhookAnswer(
                status: response.status.code,
                beginning: String(decoding: beginning.prefix(Self.answerBytes), as: UTF8.self))
        }
    }
}
