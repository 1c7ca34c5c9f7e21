/// Why something is not done to a webhook.
public struct WebhookRefusal: Error, Sendable, Equatable {
    /// The kinds, by the names that callers get.
    public enum Code: String, Sendable {
        /// There is none, or it is somebody else's.
        case notFound = "webhook_not_found"
        /// The account has as many as it may.
        case tooMany = "too_many_webhooks"
        /// Messages are not sent there; the message goes on after the name of the field.
        case invalidURL = "invalid_url"
        /// It is told nothing.
        case disabled = "webhook_disabled"
        /// There is no such delivery.
        case deliveryNotFound = "delivery_not_found"
        /// The delivery is not over.
        case deliveryPending = "delivery_pending"
    }

    /// The kind.
    public let code: Code
    /// A sentence for whoever asked.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static let isDisabled = WebhookRefusal(.disabled, "The webhook is disabled; enable it first.")
}
