extension OutboundClient {
    /// Runs `body`, and cancels it after `limit`; then, and when an answer breaks off, there is none.
    public static func within<R: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let result = first else {
                throw OutboundFailure(.noAnswer, "it took more than \(limit)")
            }
            return result
        }
    }
}
