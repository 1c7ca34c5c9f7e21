import Crypto
import Daemon
import JSON

/// `weir user`: accounts, over the user-pool API.
struct UserCommand {
    static let usage = """
        weir user list    [WHERE] [--filter FILTER]
        weir user create  [WHERE] NAME [--role ROLE] [--group GROUP]… [--no-mail]
        weir user role    [WHERE] NAME ROLE
        weir user disable [WHERE] NAME
        weir user enable  [WHERE] NAME
        weir user reset   [WHERE] NAME
        weir user mfa     [WHERE] NAME [--enrol | --code CODE | --remove]
        weir user delete  [WHERE] NAME

          list shows accounts; FILTER is like 'email = "ann@example.com"' or 'username ^= "an"'. create makes an account and sends its
          temporary password to NAME, an e-mail address; --no-mail shows it instead. role
          gives an account another ROLE, which counts at once: viewer (watches), creator (also uploads) or admin (everything).
          Whoever has none, shown as -, has that of identity.defaultRole. disable ends every sign-in of an account
          and lets nobody in until enable. reset ends them too and shows a temporary password, which must be replaced at the
          next sign-in. mfa says whether an authenticator is asked for; --enrol shows a QR code for one and asks for a code of
          it, which --code gives where nobody is at the keyboard; --remove takes it away from who has lost it.

          WHERE is --ready FILE (default ./weir-data/ready.json), or --origin URL --pool ID --region NAME --access-key ID
          --secret-key-file FILE with an access key of role admin.

        """

    private static let verbs = "list, create, role, disable, enable, reset, mfa or delete"

    let words: [String]

    func run() async throws {
        guard let verb = words.first else {
            throw UsageError("say what to do: \(Self.verbs)")
        }
        let rest = Array(words.dropFirst())
        switch verb {
        case "list": try await list(rest)
        case "create": try await create(rest)
        case "role": try await setRole(rest)
        case "disable": try await change(rest, "AdminDisableUser", "is disabled, and signed out everywhere")
        case "enable": try await change(rest, "AdminEnableUser", "may sign in")
        case "delete": try await change(rest, "AdminDeleteUser", "is deleted")
        case "reset": try await reset(rest)
        case "mfa": try await secondFactor(rest)
        default:
            throw UsageError("unknown user \(verb); say \(Self.verbs)")
        }
    }

    private func list(_ words: [String]) async throws {
        let options = try CommandOptions(words, values: UserPoolAdmin.optionNames.union(["--filter"]))
        if let stray = options.operands.first { throw UsageError("unexpected \(stray)") }
        var input: JSONObject = [:]
        if let filter = options["--filter"] { input["Filter"] = .string(filter) }
        let (users, roles) = try await UserPoolAdmin.with(options) { [input] pool in
            (
                try await pool.all("ListUsers", input, items: "Users", token: "PaginationToken"),
                try await UserRoles(in: pool)
            )
        }
        Terminal.output(UserTable(users, roles).text)
    }

    private func create(_ words: [String]) async throws {
        let (name, options) = try parse(words, values: ["--group", "--role"], flags: ["--no-mail"])
        let role = try options["--role"].map { [try UserRoles.checked($0)] } ?? []
        let groups = role + (options.values["--group"] ?? [])
        let password = SecureRandom.alphanumeric(16)
        var input: JSONObject = ["Username": .string(name), "TemporaryPassword": .string(password)]
        let isShown = options.flags.contains("--no-mail")
        if isShown { input["MessageAction"] = "SUPPRESS" }
        // Whoever creates an account answers for its address.
        if name.contains("@") { input["UserAttributes"] = [["Name": "email_verified", "Value": "true"]] }
        try await UserPoolAdmin.with(options) { [input] pool in
            _ = try await pool.call("AdminCreateUser", input)
            for group in groups {
                _ = try await pool.call(
                    "AdminAddUserToGroup", ["Username": .string(name), "GroupName": .string(group)])
            }
        }
        Terminal.output(
            isShown
                ? "\(name): created, temporary password \(password)\n"
                : "\(name): created, its password is on its way\n")
    }

    func change(_ words: [String], _ operation: String, _ outcome: String) async throws {
        let (name, options) = try parse(words)
        _ = try await UserPoolAdmin.with(options) { try await $0.call(operation, ["Username": .string(name)]) }
        Terminal.output("\(name): \(outcome)\n")
    }

    private func reset(_ words: [String]) async throws {
        let (name, options) = try parse(words)
        let password = SecureRandom.alphanumeric(16)
        _ = try await UserPoolAdmin.with(options) {
            try await $0.call("AdminSetUserPassword", ["Username": .string(name), "Password": .string(password)])
        }
        Terminal.output("\(name): signed out everywhere, temporary password \(password)\n")
    }

    func parse(
        _ words: [String], values: Set<String> = [], flags: Set<String> = [], operands: Int = 1
    ) throws(UsageError) -> (name: String, CommandOptions) {
        let options = try CommandOptions(words, values: UserPoolAdmin.optionNames.union(values), flags: flags)
        guard let name = options.operands.first else {
            throw UsageError("say whose account; weir user list shows them")
        }
        if let stray = options.operands.dropFirst(operands).first { throw UsageError("unexpected \(stray)") }
        return (name, options)
    }
}

/// Accounts as a table for people.
private struct UserTable {
    private let users: [JSONValue]
    private let roles: UserRoles

    init(_ users: [JSONValue], _ roles: UserRoles) {
        self.users = users
        self.roles = roles
    }

    var text: String {
        TextTable(heading: ["NAME", "STATUS", "ENABLED", "ROLE", "E-MAIL", "ID"], rows: users.map(row)).text
    }

    private func row(_ user: JSONValue) -> [String] {
        func attribute(_ name: String) -> String {
            user["Attributes"]?.array?.first { $0["Name"]?.string == name }?["Value"]?.string ?? "-"
        }
        let name = user["Username"]?.string ?? ""
        return [
            name, user["UserStatus"]?.string ?? "", user["Enabled"]?.bool == true ? "yes" : "no", roles[name] ?? "-",
            attribute("email"), attribute("sub"),
        ]
    }
}
