internal import Catalog
internal import JSON

extension IdentityService {
    func listUsers(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        let filter = try input.optionalText("Filter", limit: 1024).map(UserFilterText.parse) ?? .everybody
        return try await users(input, filter, token: "PaginationToken")
    }

    func listUsersInGroup(_ input: CognitoInput) async throws -> JSONValue {
        let name = try groupName(input)
        let poolId = settings.userPoolId
        guard try await store.read({ try $0.group(poolId: poolId, name: name) }) != nil else {
            throw CognitoError.groupNotFound
        }
        return try await users(input, .members(of: name), token: "NextToken")
    }

    private func users(_ input: CognitoInput, _ filter: IdentityUserFilter, token: String) async throws -> JSONValue {
        let page = try ListPage(input, token: token)
        let wanted = try input.attributeNames("AttributesToGet", privileged: true)
        let poolId = settings.userPoolId
        let found = try await store.read { reader in
            try reader.users(poolId: poolId, filter, after: page.after, limit: page.limit + 1)
        }
        return page.output("Users", found, { .object(Self.description(of: $0, wanted)) }) { $0.usernameKey }
    }

    private static func description(of user: IdentityUser, _ wanted: [String]) -> JSONObject {
        var object = description(of: user, attributesAs: "Attributes")
        guard !wanted.isEmpty, let all = object["Attributes"]?.array else { return object }
        object["Attributes"] = .array(all.filter { $0["Name"]?.string.map(wanted.contains) ?? false })
        return object
    }
}
