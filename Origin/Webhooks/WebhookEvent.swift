public import Catalog
public import Telemetry

/// What an operator wants to know of deliveries; ids and states only.
public enum WebhookEvent: Sendable, Equatable {
    /// A receiver was asked.
    case attempted(webhookId: String, deliveryId: String, state: WebhookDelivery.State, status: Int?)
    /// The catalog did not answer; what was under way is done again.
    case catalogFailed(reason: String)

    /// Writes the event as one line.
    public func write(to logger: Logger) {
        switch self {
        case .attempted(let webhookId, let deliveryId, let state, let status):
            let fields: LogFields = [
                "webhook": .string(webhookId), "delivery": .string(deliveryId), "state": .string(state.rawValue),
                "status": .count(status ?? 0),
            ]
            if state == .dead {
                logger.warning("webhook delivery given up", fields)
            } else {
                logger.info("webhook delivery attempted", fields)
            }
        case .catalogFailed(let reason):
            logger.error("webhook sender cannot reach the catalog", ["error": .string(reason)])
        }
    }
}
