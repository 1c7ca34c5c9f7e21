internal import Audit
internal import Catalog
internal import Crypto
internal import JSON
internal import Telemetry

/// What administrators do with whole pools.
extension IdentityService {
    /// As many as there may be; each is read once a minute, for its keys.
    private static let mostPools = 100
    /// How much of a deleted pool is removed at a time, so that nothing else waits long.
    private static let removedAtOnce = 200

    /// Makes a pool with a key of its own that signs at once.
    func createUserPool(_ input: CognitoInput) async throws -> JSONValue {
        var options = IdentityPool.Options(name: try input.poolName("PoolName"))
        // As in Cognito, unlike the first pool, for which the origin's configuration counts.
        options.secondFactor = .off
        try options.apply(input)
        let now = clock()
        let pool = IdentityPool(
            id: "\(settings.region)_\(SecureRandom.alphanumeric(9))", options: options, createdAt: now)
        let sealer = try SecretSealer(newPool: pool.id, keys: settings.sealingKeys)
        let key = try await passwords.run {
            try IdentitySigningKey(generatedFor: pool.id, sealer: sealer, createdAt: now, signsFrom: now)
        }
        try await commit { (transaction) -> Result<Void, CognitoError> in
            guard try transaction.pools(after: "", limit: Self.mostPools).count < Self.mostPools else {
                return .failure(
                    CognitoError(
                        "LimitExceededException", "There are \(Self.mostPools) user pools, the most there may be."))
            }
            guard try transaction.insert(pool) else { return .failure(.internalError) }
            try transaction.insert(sealedPoolSecret: sealer.sealedPoolSecret(), poolId: pool.id)
            try transaction.publish(key)
            try transaction.record(AuditAct(.poolCreated, of: .pool(pool.id)), at: now)
            return .success(())
        }
        logger.info("user pool created", ["pool": .string(pool.id)])
        return ["UserPool": description(of: pool)]
    }

    func describeUserPool(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        return ["UserPool": description(of: try await store.read { try self.pool(in: $0) })]
    }

    /// Changes what is said; unlike in Cognito, what is left out stays, or a second factor would go with a new name.
    func updateUserPool(_ input: CognitoInput) async throws -> JSONValue {
        try await changePool(input) { options in
            if try input.optionalText("PoolName") != nil { options.name = try input.poolName("PoolName") }
            try options.apply(input)
        }
        return [:]
    }

    func getUserPoolMfaConfig(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        return secondFactorDescription(of: try await store.read { try self.pool(in: $0) })
    }

    func setUserPoolMfaConfig(_ input: CognitoInput) async throws -> JSONValue {
        let pool = try await changePool(input) { options in
            try input.refuseAll(but: ["UserPoolId", "MfaConfiguration", "SoftwareTokenMfaConfiguration"])
            try options.applySecondFactor(input)
            let isEnabled = try input.section("SoftwareTokenMfaConfiguration")?.optionalFlag("Enabled")
            guard isEnabled != false || self.secondFactor(of: options) == .off else {
                throw CognitoError.invalidParameter(
                    "MfaConfiguration must be OFF where SoftwareTokenMfaConfiguration, the only second factor, is not enabled"
                )
            }
        }
        return secondFactorDescription(of: pool)
    }

    func listUserPools(_ input: CognitoInput) async throws -> JSONValue {
        guard try input.optionalInteger("MaxResults", in: 1...60) != nil else {
            throw CognitoError.invalidParameter("Missing required parameter MaxResults")
        }
        let page = try ListPage(input, limit: "MaxResults", token: "NextToken")
        let found = try await store.read { try $0.pools(after: page.after, limit: page.limit + 1) }
        return page.output("UserPools", found) { pool in
            [
                "Id": .string(pool.id), "Name": .string(pool.options.name), "LambdaConfig": [:],
                "CreationDate": .number(Double(pool.createdAt) / 1000),
                "LastModifiedDate": .number(Double(pool.updatedAt) / 1000),
            ]
        } key: {
            $0.id
        }
    }

    /// Makes a pool unknown at once, and removes what belongs to it besides.
    func deleteUserPool(_ input: CognitoInput) async throws -> JSONValue {
        try checkPool(input)
        let now = clock()
        let id = settings.userPoolId
        try await commit { (transaction) -> Result<Void, CognitoError> in
            var pool = try self.pool(in: transaction)
            guard !pool.options.isProtected else {
                return .failure(
                    .invalidParameter("The user pool cannot be deleted while its deletion protection is active"))
            }
            pool.isDeleted = true
            pool.updatedAt = now
            try transaction.save(pool)
            try transaction.record(AuditAct(.poolDeleted, of: .pool(id)), at: now)
            return .success(())
        }
        logger.info("user pool deleted", ["pool": .string(id)])
        Task {
            do {
                try await removeDeletedPools()
            } catch {
                logger.error("a deleted user pool is not yet removed, trying again", ["error": .error(error)])
            }
        }
        return [:]
    }

    /// Removes what is left of deleted pools, a part at a time.
    func removeDeletedPools() async throws {
        for id in try await store.read({ try $0.deletedPools() }) {
            while try await !store.write({ try $0.removeDeletedPool(id: id, limit: Self.removedAtOnce) }) {}
        }
    }

    @discardableResult
    private func changePool(
        _ input: CognitoInput, _ change: @escaping @Sendable (inout IdentityPool.Options) throws -> Void
    ) async throws -> IdentityPool {
        try checkPool(input)
        let now = clock()
        return try await store.write { transaction in
            var pool = try self.pool(in: transaction)
            try change(&pool.options)
            guard pool.options.isProtected || !self.isOwn else {
                throw CognitoError.invalidParameter("The deletion protection of this installation's own pool stays")
            }
            pool.updatedAt = now
            try transaction.save(pool)
            try transaction.record(AuditAct(.poolChanged, of: .pool(pool.id)), at: now)
            return pool
        }
    }

    private func secondFactorDescription(of pool: IdentityPool) -> JSONValue {
        let secondFactor = secondFactor(of: pool.options)
        return [
            "MfaConfiguration": .string(secondFactor.rawValue),
            "SoftwareTokenMfaConfiguration": ["Enabled": .bool(secondFactor != .off)],
        ]
    }

    private func description(of pool: IdentityPool) -> JSONValue {
        let options = pool.options
        return [
            "Id": .string(pool.id), "Name": .string(options.name), "LambdaConfig": [:],
            "CreationDate": .number(Double(pool.createdAt) / 1000),
            "LastModifiedDate": .number(Double(pool.updatedAt) / 1000),
            "DeletionProtection": options.isProtected ? "ACTIVE" : "INACTIVE",
            "MfaConfiguration": .string(secondFactor(of: options).rawValue),
            "AutoVerifiedAttributes": ["email"],
            "UsernameConfiguration": ["CaseSensitive": false],
            "AdminCreateUserConfig": ["AllowAdminCreateUserOnly": .bool(options.isSignUpClosed)],
            "Policies": [
                "PasswordPolicy": [
                    "MinimumLength": .integer(Int64(minimumPasswordLength(of: options))),
                    "RequireUppercase": false, "RequireLowercase": false, "RequireNumbers": false,
                    "RequireSymbols": false,
                    "TemporaryPasswordValidityDays": .integer(
                        temporaryPasswordMilliseconds(of: options) / 86_400_000),
                ]
            ],
        ]
    }
}
