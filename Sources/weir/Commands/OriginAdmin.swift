/// A connection to the origin as an administrator, from the options of a command.
enum OriginAdmin {
    /// Options that name it, all with a value.
    static let optionNames: Set<String> = ["--ready", "--origin", "--token-file"]

    /// - Throws: `UsageError` for half an address, or what `body` throws.
    static func with<Result>(
        _ options: CommandOptions, _ body: (ServiceConnection, _ token: String) async throws -> Result
    ) async throws -> Result {
        if let base = options["--origin"] {
            guard let file = options["--token-file"] else { throw UsageError("--origin needs --token-file FILE") }
            let token = try SecretFile.read(file)
            return try await ServiceConnection.with(base: base) { try await body($0, token) }
        }
        let ready = try ReadyFile(options["--ready"] ?? "./weir-data/ready.json")
        return try await ServiceConnection.with(base: try ready["origin"]) { origin in
            try await body(origin, try await origin.signIn(ready))
        }
    }
}
