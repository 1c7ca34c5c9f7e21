/// Asks every HTTP listener whether it is ready, the origin also through the edge, as the first viewer will.
struct ReadinessProbe {
    private let urls: [(base: String, path: String)]

    init(_ addresses: Addresses) {
        urls = [
            (addresses.admin.url(), "/readyz"), (addresses.originAdmin.url(), "/readyz"),
            (addresses.edge.url(), "/configuration.json"),
        ]
    }

    /// Returns when all have answered 200.
    func wait() async throws {
        for url in urls {
            try await ServiceConnection.with(base: url.base) { connection in
                while await connection.status(of: url.path) != 200 {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }
    }
}
