internal import Bytes
internal import Catalog
internal import JSON

extension IdentityPool.Options {
    /// Takes over what `CreateUserPool` and `UpdateUserPool` have in common; what is left out stays. Refuses by name what would
    /// not be done.
    mutating func apply(_ input: CognitoInput) throws(CognitoError) {
        try input.refuseAll(but: [
            "PoolName", "UserPoolId", "Policies", "DeletionProtection", "MfaConfiguration", "AdminCreateUserConfig",
            "AutoVerifiedAttributes", "UsernameConfiguration",
        ])
        try applySecondFactor(input)
        if let choice = try input.choice("DeletionProtection", of: ["ACTIVE", "INACTIVE"]) {
            isProtected = choice == "ACTIVE"
        }
        if let section = try input.section("AdminCreateUserConfig") {
            try section.refuseAll(but: ["AllowAdminCreateUserOnly"], of: "AdminCreateUserConfig")
            isSignUpClosed = try section.optionalFlag("AllowAdminCreateUserOnly") ?? isSignUpClosed
        }
        guard try input.texts("AutoVerifiedAttributes", limit: 2) ?? ["email"] == ["email"] else {
            throw .invalidParameter("AutoVerifiedAttributes other than email are not supported")
        }
        guard try input.section("UsernameConfiguration")?.flag("CaseSensitive") ?? false == false else {
            throw .invalidParameter("UsernameConfiguration.CaseSensitive is not supported")
        }
        if let policies = try input.section("Policies") { try apply(policies: policies) }
    }

    mutating func applySecondFactor(_ input: CognitoInput) throws(CognitoError) {
        let known = IdentityPool.SecondFactor.allCases.map(\.rawValue)
        secondFactor =
            try input.choice("MfaConfiguration", of: known).flatMap { IdentityPool.SecondFactor(rawValue: $0) }
            ?? secondFactor
    }

    /// There are no rules of composition, for they make passwords weaker.
    private mutating func apply(policies: CognitoInput) throws(CognitoError) {
        try policies.refuseAll(but: ["PasswordPolicy"], of: "Policies")
        guard let policy = try policies.section("PasswordPolicy") else { return }
        for name in ["RequireUppercase", "RequireLowercase", "RequireNumbers", "RequireSymbols"] {
            guard try !policy.flag(name) else {
                throw .invalidParameter("Policies.PasswordPolicy.\(name) is not supported: length counts")
            }
        }
        guard try policy.optionalInteger("PasswordHistorySize", in: 0...24) ?? 0 == 0 else {
            throw .invalidParameter("Policies.PasswordPolicy.PasswordHistorySize is not supported")
        }
        minimumPasswordLength =
            try policy.optionalInteger("MinimumLength", in: 8...99).map { Int($0) } ?? minimumPasswordLength
        temporaryPasswordDays =
            try policy.optionalInteger("TemporaryPasswordValidityDays", in: 1...365).map { Int($0) }
            ?? temporaryPasswordDays
    }
}

extension CognitoInput {
    /// A name for people: 1 to 128 letters, digits, white space and some signs.
    func poolName(_ field: String) throws(CognitoError) -> String {
        let name = try text(field, limit: 128)
        guard name.utf8.allSatisfy({ ASCII.isLetter($0) || ASCII.isDigit($0) || "_ \t\r\n+=,.@-".utf8.contains($0) })
        else {
            throw .invalidParameter(
                "Value at '\(field)' must be letters, digits, underscores, white space and any of + = , . @ -")
        }
        return name
    }
}
