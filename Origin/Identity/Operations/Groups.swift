internal import Audit
internal import Catalog
internal import JSON

extension IdentityService {
    func createGroup(_ input: CognitoInput) async throws -> JSONValue {
        let group = IdentityGroup(
            poolId: settings.userPoolId, name: try groupName(input),
            description: try input.optionalText("Description", limit: 8192),
            precedence: try input.optionalInteger("Precedence", in: 0...Int64(Int32.max)), createdAt: clock())
        try await commit { (transaction) -> Result<Void, CognitoError> in
            guard try transaction.insert(group) else {
                return .failure(CognitoError("GroupExistsException", "A group with the name already exists."))
            }
            try transaction.record(AuditAct(.groupCreated, of: .group(group.name)), at: group.createdAt)
            return .success(())
        }
        return ["Group": Self.description(of: group)]
    }

    func getGroup(_ input: CognitoInput) async throws -> JSONValue {
        let name = try groupName(input)
        let poolId = settings.userPoolId
        guard let group = try await store.read({ try $0.group(poolId: poolId, name: name) }) else {
            throw CognitoError.groupNotFound
        }
        return ["Group": Self.description(of: group)]
    }

    /// Changes what is said of the group; what is left out stays.
    func updateGroup(_ input: CognitoInput) async throws -> JSONValue {
        let description = try input.optionalText("Description", limit: 8192)
        let precedence = try input.optionalInteger("Precedence", in: 0...Int64(Int32.max))
        let now = clock()
        let updated = try await change(input, .groupChanged, at: now) { group, transaction in
            var group = group
            group.description = description ?? group.description
            group.precedence = precedence ?? group.precedence
            group.updatedAt = now
            try transaction.save(group)
            return group
        }
        return ["Group": Self.description(of: updated)]
    }

    func deleteGroup(_ input: CognitoInput) async throws -> JSONValue {
        _ = try await change(input, .groupDeleted, at: clock()) { group, transaction in
            try transaction.deleteGroup(poolId: group.poolId, name: group.name)
        }
        return [:]
    }

    func listGroups(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        return try await groups(input, of: nil)
    }

    func adminListGroupsForUser(_ input: CognitoInput) async throws -> JSONValue {
        try await groups(input, of: administered(input).id)
    }

    func adminAddUserToGroup(_ input: CognitoInput) async throws -> JSONValue {
        try await changeMembership(input, .groupAdded) { try $2.addMember($0.id, to: $1) }
    }

    func adminRemoveUserFromGroup(_ input: CognitoInput) async throws -> JSONValue {
        try await changeMembership(input, .groupRemoved) { try $2.removeMember($0.id, from: $1) }
    }

    private func changeMembership(
        _ input: CognitoInput, _ action: AuditAct.Action,
        _ change: @escaping @Sendable (IdentityUser, IdentityGroup, any IdentityTransaction) throws -> Void
    ) async throws -> JSONValue {
        let name = try groupName(input)
        try await administer(input, action, ["group": .string(name)]) {
            (user, _, transaction) -> Result<Void, CognitoError> in
            guard let group = try transaction.group(poolId: user.poolId, name: name) else {
                return .failure(.groupNotFound)
            }
            return .success(try change(user, group, transaction))
        }
        return [:]
    }

    private func groups(_ input: CognitoInput, of userId: String?) async throws -> JSONValue {
        let page = try ListPage(input, token: "NextToken")
        let poolId = settings.userPoolId
        let found = try await store.read { reader in
            try reader.groups(poolId: poolId, of: userId, after: page.after, limit: page.limit + 1)
        }
        return page.output("Groups", found, Self.description(of:)) { $0.name }
    }

    private func change<R: Sendable>(
        _ input: CognitoInput, _ action: AuditAct.Action, at now: Int64,
        _ body: @escaping @Sendable (IdentityGroup, any IdentityTransaction) throws -> R
    ) async throws -> R {
        let name = try groupName(input)
        let poolId = settings.userPoolId
        return try await commit { transaction in
            guard let group = try transaction.group(poolId: poolId, name: name) else {
                return .failure(.groupNotFound)
            }
            try transaction.record(AuditAct(action, of: .group(group.name)), at: now)
            return .success(try body(group, transaction))
        }
    }

    /// The name of the group that an operation of this pool is about.
    func groupName(_ input: CognitoInput) throws -> String {
        try checkPool(input)
        let name = try input.text("GroupName", limit: 512)
        guard name.unicodeScalars.count <= 128,
            name.unicodeScalars.allSatisfy({ !$0.properties.isWhitespace && $0.properties.generalCategory != .control })
        else {
            throw CognitoError.invalidParameter(
                "Value at 'GroupName' must have at most 128 characters and no white space")
        }
        return name
    }

    private static func description(of group: IdentityGroup) -> JSONValue {
        var object: JSONObject = [
            "GroupName": .string(group.name), "UserPoolId": .string(group.poolId),
            "CreationDate": .number(Double(group.createdAt) / 1000),
            "LastModifiedDate": .number(Double(group.updatedAt) / 1000),
        ]
        if let description = group.description { object["Description"] = .string(description) }
        if let precedence = group.precedence { object["Precedence"] = .integer(precedence) }
        return .object(object)
    }
}
