import Bytes
import Daemon
import HTTPWire
import JSON

/// `weir keys`: the life of the keys that sign access to media, over the origin's API.
struct KeysCommand {
    static let usage = """
        weir keys list   [WHERE] [--group ID] [--all]
        weir keys create [WHERE] [--algorithm A] [--group ID] [--public-key FILE]
        weir keys rotate [WHERE] [--algorithm A | --to KEY] [--within SECONDS]
        weir keys retire [WHERE] KEY [--now] [--within SECONDS]
        weir keys rewrap [WHERE]

          list shows the keys that edges trust, with --all the retired ones too. create makes a key that edges trust and that
          signs nothing yet; --public-key FILE has them trust the key of somebody else. rotate makes a key (or takes KEY), waits until every
          connected edge trusts it and lets it sign; the one before retires by itself when its last grants have lapsed, so no
          player notices. retire ends the trust in a key; --now for a leaked one, whose cookies and URLs are then refused.
          rewrap seals every secret of the database under the first of identity.sealingKey, while everything is served, and says
          when the others are needed no more.

          WHERE is --ready FILE (default ./weir-data/ready.json), or --origin URL --token-file FILE with an access token of the
          group admin. A is RSA-2048 (the default), RSA-3072, RSA-4096 or ECDSA-P256. SECONDS is how long edges are waited for (60).

        """

    private static let path = "/api/v1/admin/keys"

    let words: [String]

    func run() async throws {
        guard let verb = words.first else { throw UsageError("say what to do: list, create, rotate, retire or rewrap") }
        let rest = Array(words.dropFirst())
        switch verb {
        case "list": try await list(options(rest, values: ["--group"], flags: ["--all"]))
        case "create": try await create(options(rest, values: ["--algorithm", "--group", "--public-key"]))
        case "rotate": try await rotate(options(rest, values: ["--algorithm", "--to", "--within"]))
        case "retire": try await retire(options(rest, values: ["--within"], flags: ["--now"], operands: 1))
        case "rewrap": try await rewrap(options(rest, values: []))
        default: throw UsageError("unknown keys \(verb); known are list, create, rotate, retire and rewrap")
        }
    }

    private func options(
        _ words: [String], values: Set<String>, flags: Set<String> = [], operands: Int = 0
    ) throws(UsageError) -> CommandOptions {
        let options = try CommandOptions(
            words, values: values.union(OriginAdmin.optionNames), flags: flags)
        guard options.operands.count >= operands else { throw UsageError("say which key; weir keys list shows them") }
        if let stray = options.operands.dropFirst(operands).first { throw UsageError("unexpected \(stray)") }
        return options
    }

    private func list(_ options: CommandOptions) async throws {
        try await OriginAdmin.with(options) { origin, token in
            var target = Self.path + "?limit=100"
            if let group = options["--group"] { target += "&groupId=\(PercentEncoding.encode(group))" }
            var keys: [JSONValue] = []
            var next: String? = ""
            while let start = next {
                let page = try await origin.call(
                    .get, start.isEmpty ? target : "\(target)&startKey=\(start)", bearer: token)
                keys += page["items"]?.array ?? []
                next = page["lastEvaluatedKey"]?.string
            }
            let shown = options.flags.contains("--all") ? keys : keys.filter { $0["state"]?.string != "retired" }
            Terminal.output(KeyTable(shown).text)
        }
    }

    private func create(_ options: CommandOptions) async throws {
        var body: JSONObject = [:]
        if let group = options["--group"] { body["groupId"] = .string(group) }
        if let file = options["--public-key"] {
            body["publicKey"] = .string(String(decoding: try File.read(file), as: UTF8.self))
        }
        if let algorithm = algorithm(options) { body["algorithm"] = algorithm }
        try await OriginAdmin.with(options) { [body] origin, token in
            let key = try await origin.call(.post, Self.path, body: .object(body), bearer: token)
            Terminal.output(KeyTable([key]).text)
        }
    }

    private func rotate(_ options: CommandOptions) async throws {
        var body: JSONObject = [:]
        if let algorithm = algorithm(options) { body["algorithm"] = algorithm }
        if let key = options["--to"] { body["keyPairId"] = .string(key) }
        try await OriginAdmin.with(options) { [body] origin, token in
            let begun = try await origin.call(.post, Self.path + "/rotate", body: .object(body), bearer: token)
            let id = begun["keyPairId"]?.string ?? ""
            Terminal.output("\(id): made, \(Self.edges(begun))\n")
            let key = try await follow(id, origin, token, options) { $0["state"]?.string == "signing" }
            guard key["state"]?.string == "signing" else {
                throw CommandFailure(
                    "\(id) does not sign yet, \(Self.edges(key)). The origin goes on and lets it sign when they trust it; "
                        + "`weir keys retire \(id)` gives the rotation up")
            }
            Terminal.output("\(id): signs\n")
            let page = try await origin.call(.get, Self.path + "?limit=100", bearer: token)
            for old in page["items"]?.array ?? [] where old["state"]?.string == "verifying" {
                Terminal.output(
                    "\(old["keyPairId"]?.string ?? ""): verifies until \(old["verifiesUntil"]?.string ?? ""), then retires\n"
                )
            }
        }
    }

    private func retire(_ options: CommandOptions) async throws {
        let id = options.operands[0]
        try await OriginAdmin.with(options) { origin, token in
            let target = "\(Self.path)/\(PercentEncoding.encode(id))/retire"
            let key = try await origin.call(
                .post, target, body: ["now": .bool(options.flags.contains("--now"))], bearer: token)
            guard key["state"]?.string == "retired" else {
                Terminal.output(
                    "\(id): verifies until \(key["verifiesUntil"]?.string ?? ""), when its last grants have lapsed, then "
                        + "retires; --now does not wait\n")
                return
            }
            let known = try await follow(id, origin, token, options) { $0.waitingFor.isEmpty }
            guard known.waitingFor.isEmpty else {
                throw CommandFailure("\(id) is retired, and \(Self.edges(known)): they still trust it")
            }
            Terminal.output("\(id): retired, refused by every connected edge\n")
        }
    }

    /// Asks for the key until it is so, or the time is over, and says each change of what is waited for once.
    private func follow(
        _ id: String, _ origin: ServiceConnection, _ token: String, _ options: CommandOptions,
        until isDone: (JSONValue) -> Bool
    ) async throws -> JSONValue {
        let text = options["--within"] ?? "60"
        guard let seconds = Int(text), (0...86_400).contains(seconds) else {
            throw UsageError("--within \(text): expected 0 to 86400 seconds")
        }
        let deadline = ContinuousClock.now + .seconds(seconds)
        var said = ""
        while true {
            let key = try await origin.call(.get, "\(Self.path)/\(PercentEncoding.encode(id))", bearer: token)
            if isDone(key) || ContinuousClock.now >= deadline { return key }
            let line = Self.edges(key)
            if line != said { Terminal.output("\(id): \(line)\n") }
            said = line
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private static func edges(_ key: JSONValue) -> String {
        let connected = key["edges"]?["connected"]?.integer ?? 0
        let waiting = key.waitingFor
        if connected == 0 { return "no edge is connected" }
        let known = "\(connected - Int64(waiting.count)) of \(connected) connected edges know it"
        return waiting.isEmpty ? known : "\(known), waiting for \(waiting.joined(separator: ", "))"
    }

    private func algorithm(_ options: CommandOptions) -> JSONValue? {
        options["--algorithm"].map { .string($0.uppercased()) }
    }
}

extension JSONValue {
    /// Connected edges that have not learnt the key's state.
    fileprivate var waitingFor: [String] { self["edges"]?["waitingFor"]?.array?.compactMap(\.string) ?? [] }
}
