import HTTPClient
import Synchronization
import Transport

/// Collects how requests started on the loop end: nil for success.
final class Outcomes: Sendable {
    private let outcomes = Mutex<[ClientError?]>([])

    var all: [ClientError?] { outcomes.withLock { $0 } }

    func makeReceiver() -> any ResponseReceiver { Receiver(self) }

    private func append(_ outcome: ClientError?) { outcomes.withLock { $0.append(outcome) } }

    private final class Receiver: ResponseReceiver {
        private let outcomes: Outcomes

        init(_ outcomes: Outcomes) { self.outcomes = outcomes }

        func headOnLoop(_ head: ClientResponseHead) {}
        func bodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow { .more }
        func endOnLoop() { outcomes.append(nil) }
        func failedOnLoop(_ error: ClientError) { outcomes.append(error) }
    }
}
