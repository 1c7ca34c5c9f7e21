import Daemon
import JSON

/// The roles of a pool's accounts, which are groups.
struct UserRoles {
    /// Strongest first.
    static let names = ["admin", "creator", "viewer"]

    private var roles: [String: String] = [:]

    /// Asks who is in the groups.
    init(in pool: UserPoolAdmin) async throws {
        for role in Self.names.reversed() {
            let members = try await pool.all(
                "ListUsersInGroup", ["GroupName": .string(role)], items: "Users", token: "NextToken")
            for name in members.compactMap({ $0["Username"]?.string }) { roles[name] = role }
        }
    }

    /// The strongest role of the account of this name; nil for whoever is in none of the groups.
    subscript(name: String) -> String? { roles[name] }

    /// The name of a role as it was typed.
    static func checked(_ role: String?) throws(UsageError) -> String {
        guard let role, names.contains(role) else { throw UsageError("a role is viewer, creator or admin") }
        return role
    }
}

extension UserCommand {
    /// `weir user role`: the new role first, so that nobody is without one in between.
    func setRole(_ words: [String]) async throws {
        let (name, options) = try parse(words, operands: 2)
        let role = try UserRoles.checked(options.operands.dropFirst().first)
        try await UserPoolAdmin.with(options) { pool in
            func change(_ operation: String, _ group: String) async throws {
                _ = try await pool.call(operation, ["Username": .string(name), "GroupName": .string(group)])
            }
            let groups = try await pool.all(
                "AdminListGroupsForUser", ["Username": .string(name)], items: "Groups", token: "NextToken")
            let held = groups.compactMap { $0["GroupName"]?.string }.filter(UserRoles.names.contains)
            if !held.contains(role) { try await change("AdminAddUserToGroup", role) }
            for other in held where other != role { try await change("AdminRemoveUserFromGroup", other) }
        }
        Terminal.output("\(name): has the role \(role)\n")
    }
}
