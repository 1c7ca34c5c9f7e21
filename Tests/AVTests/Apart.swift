import EventLoop

private let pool = try? BlockingPool(name: "films", threads: 1, queueLimit: 1000)

/// Runs long synchronous work on a thread of its own, so that tests which wait for each other are not kept waiting.
func apart<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    guard let pool else { return try body() }
    return try await pool.run(body)
}
