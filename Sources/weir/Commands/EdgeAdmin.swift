/// Where an edge's admin listener is and what it wants to hear, from the options of a command.
struct EdgeAdmin {
    /// Options that name it, all with a value.
    static let optionNames: Set<String> = ["--ready", "--admin", "--token", "--token-file"]

    let base: String
    let token: String

    /// - Throws: `UsageError` for half an address, or what reading a file throws.
    init(_ options: CommandOptions) throws {
        if let admin = options["--admin"] {
            base = admin
            if let token = options["--token"] {
                self.token = token
                return
            }
            guard let file = options["--token-file"] else { throw UsageError("--admin needs --token-file FILE") }
            token = try SecretFile.read(file)
            return
        }
        let ready = try ReadyFile(options["--ready"] ?? "./weir-data/ready.json")
        base = try ready["admin"]
        token = try ready["edgeToken"]
    }
}
