import Daemon
import HTTPWire
import JSON

extension KeysCommand {
    /// `weir keys rewrap`: rounds over everything that is sealed, until one finds nothing more to do.
    ///
    /// The second round finds what an origin that did not know the new key yet has sealed meanwhile.
    func rewrap(_ options: CommandOptions) async throws {
        try await OriginAdmin.with(options) { origin, token in
            while true {
                let round = try await RewrapRound.run { body in
                    try await origin.call(.post, "/api/v1/admin/sealing-keys/rewrap", body: body, bearer: token)
                }
                guard round.unreadable.isEmpty else {
                    throw CommandFailure(
                        "\(round.unreadable.count) of \(round.checked) secrets are sealed under none of the keys: "
                            + round.unreadable.joined(separator: ", "))
                }
                Terminal.output("\(round.rewrapped) of \(round.checked) secrets sealed anew\n")
                guard round.rewrapped > 0 else { break }
            }
        }
        Terminal.output(
            """
            Everything is sealed under the first key. No other is needed by anything that is sealed; entries of the audit log that were
            written under one are verified with it, or left out with weir audit verify --since.

            """)
    }
}

/// What became of everything that is sealed.
private struct RewrapRound {
    private(set) var checked: Int64 = 0
    private(set) var rewrapped: Int64 = 0
    private(set) var unreadable: [String] = []

    /// Asks for one batch after the other, and says how far it has come.
    static func run(_ batch: (JSONValue) async throws -> JSONValue) async throws -> RewrapRound {
        var round = RewrapRound()
        var body: JSONObject = [:]
        while true {
            let answer = try await batch(.object(body))
            round.checked += answer["checked"]?.integer ?? 0
            round.rewrapped += answer["rewrapped"]?.integer ?? 0
            round.unreadable += answer["unreadable"]?.array?.compactMap(\.string) ?? []
            guard let next = answer["next"] else { return round }
            Terminal.error("\(round.checked) looked at, \(round.rewrapped) sealed anew\n")
            body["after"] = next
        }
    }
}
