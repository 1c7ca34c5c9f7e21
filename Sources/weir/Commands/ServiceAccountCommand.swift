import Bytes
import Daemon
import HTTPWire
import JSON

/// `weir service-account`: machines that call the origin with access keys, over the origin's API.
struct ServiceAccountCommand {
    static let usage = """
        weir service-account list       [WHERE]
        weir service-account create     [WHERE] NAME --role ROLE
        weir service-account new-key    [WHERE] NAME
        weir service-account delete-key [WHERE] NAME KEY
        weir service-account disable    [WHERE] NAME
        weir service-account enable     [WHERE] NAME
        weir service-account delete     [WHERE] NAME

          create makes an account for a machine and shows its access key, the secret this once. new-key gives it a second one, to be
          used instead of the first, which delete-key then ends. disable refuses its keys until enable. ROLE is viewer, creator or
          admin for the control API, edge or worker for those programs.

          WHERE is --ready FILE (default ./weir-data/ready.json), or --origin URL --token-file FILE with an access token of the
          role admin.

        """

    private static let path = "/api/v1/admin/service-accounts"
    private static let verbs = "list, create, new-key, delete-key, disable, enable or delete"

    let words: [String]

    func run() async throws {
        guard let verb = words.first else { throw UsageError("say what to do: \(Self.verbs)") }
        let rest = Array(words.dropFirst())
        switch verb {
        case "list": try await list(options(rest, operands: 0))
        case "create": try await create(options(rest, values: ["--role"]))
        case "new-key": try await newKey(options(rest))
        case "delete-key": try await deleteKey(options(rest, operands: 2))
        case "disable": try await setEnabled(false, options(rest))
        case "enable": try await setEnabled(true, options(rest))
        case "delete": try await delete(options(rest))
        default: throw UsageError("unknown service-account \(verb); say \(Self.verbs)")
        }
    }

    private func options(
        _ words: [String], values: Set<String> = [], operands: Int = 1
    ) throws(UsageError) -> CommandOptions {
        let options = try CommandOptions(words, values: values.union(OriginAdmin.optionNames))
        guard options.operands.count >= operands else {
            throw UsageError("say which\(operands > 1 ? " account and key" : ""); weir service-account list shows them")
        }
        if let stray = options.operands.dropFirst(operands).first { throw UsageError("unexpected \(stray)") }
        return options
    }

    private func list(_ options: CommandOptions) async throws {
        let answer = try await OriginAdmin.with(options) { try await $0.call(.get, Self.path, bearer: $1) }
        Terminal.output(Self.table(answer["items"]?.array ?? []).text)
    }

    private func create(_ options: CommandOptions) async throws {
        guard let role = options["--role"] else { throw UsageError("create needs --role ROLE") }
        let body: JSONObject = ["name": .string(options.operands[0]), "role": .string(role)]
        let made = try await OriginAdmin.with(options) {
            try await $0.call(.post, Self.path, body: .object(body), bearer: $1)
        }
        show(made, of: options)
    }

    private func newKey(_ options: CommandOptions) async throws {
        let made = try await OriginAdmin.with(options) {
            try await $0.call(.post, Self.target(options) + "/keys", body: [:], bearer: $1)
        }
        show(made, of: options)
    }

    private func deleteKey(_ options: CommandOptions) async throws {
        let key = options.operands[1]
        try await OriginAdmin.with(options) {
            _ = try await $0.call(
                .delete, "\(Self.target(options))/keys/\(PercentEncoding.encode(key))", bearer: $1)
        }
        Terminal.output("\(options.operands[0]): \(key) is refused from now on\n")
    }

    private func setEnabled(_ isEnabled: Bool, _ options: CommandOptions) async throws {
        try await OriginAdmin.with(options) {
            _ = try await $0.call(.patch, Self.target(options), body: ["enabled": .bool(isEnabled)], bearer: $1)
        }
        Terminal.output("\(options.operands[0]): its keys are \(isEnabled ? "good again" : "refused until enable")\n")
    }

    private func delete(_ options: CommandOptions) async throws {
        try await OriginAdmin.with(options) { _ = try await $0.call(.delete, Self.target(options), bearer: $1) }
        Terminal.output("\(options.operands[0]): is deleted, and what it uploaded stays\n")
    }

    private func show(_ made: JSONValue, of options: CommandOptions) {
        let (id, secret) = (made["accessKeyId"]?.string ?? "", made["secretAccessKey"]?.string ?? "")
        Terminal.output(
            "\(options.operands[0]): access key \(id), secret \(secret)\nThe secret is shown this once. Sign for the service "
                + "execute-api, or s3 and others where the role may.\n")
    }

    private static func target(_ options: CommandOptions) -> String {
        "\(path)/\(PercentEncoding.encode(options.operands[0]))"
    }

    /// A line for each key, so that it is seen which one is used no longer.
    private static func table(_ accounts: [JSONValue]) -> TextTable {
        let rows = accounts.flatMap { account -> [[String]] in
            func text(_ name: String) -> String { account[name]?.string ?? "" }
            let head = [text("name"), text("role"), account["enabled"]?.bool == true ? "yes" : "no"]
            let keys = account["keys"]?.array ?? []
            guard !keys.isEmpty else { return [head + ["-", "-", "-"]] }
            return keys.map { key in
                head + ["accessKeyId", "createdAt", "lastUsedAt"].map { key[$0]?.string ?? "-" }
            }
        }
        return TextTable(heading: ["NAME", "ROLE", "ENABLED", "KEY", "CREATED", "LAST USED"], rows: rows)
    }
}
