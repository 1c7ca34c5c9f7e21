import Audit
import Bytes
import Catalog
import JSON
import Testing

@testable import Identity

@Suite struct AuditingTests {
    /// A pool with what its log has said since it was last asked.
    private final class Trail {
        let pool: Pool
        private var last: Int64 = 0

        init(_ change: (inout IdentitySettings) -> Void = { _ in }) async throws {
            pool = try await Pool(change)
        }

        func entries() async throws -> [JSONValue] {
            let lines = try await pool.catalog.read { [last] in try $0.auditLines(after: last, limit: 1_000) }
            last = lines.last?.sequence ?? last
            return lines.map(\.document)
        }

        /// `action outcome actor subject`, with the names of people in the place of their ids.
        func said() async throws -> [String] {
            var said: [String] = []
            for entry in try await entries() {
                let members = ["action", "outcome", "actor", "subject"].compactMap { entry[$0]?.string }
                var parts: [String] = []
                for member in members { parts.append(try await named(member)) }
                said.append(parts.joined(separator: " "))
            }
            return said
        }

        private func named(_ member: String) async throws -> String {
            guard member.hasPrefix("user:") else { return member }
            let id = String(member.dropFirst("user:".count))
            return try await pool.store.read { try $0.user(id: id) }?.username ?? member
        }
    }

    private let admin = Pool.administrator

    @Test func `the first start is told of once`() async throws {
        let trail = try await Trail()
        #expect(
            try await trail.said() == [
                "client_created success system client:client1", "group_created success system group:viewer",
                "group_created success system group:creator", "group_created success system group:admin",
                "user_created success system \(admin)", "group_added success system \(admin)",
            ])
    }

    @Test func `each sign-in, right or wrong, leaves one entry, and attempts while locked leave none`() async throws {
        let trail = try await Trail()
        _ = try await trail.said()
        let pool = trail.pool
        _ = await pool.signIn()
        let right = try await trail.entries()
        #expect(right.count == 1)
        #expect(right[0]["action"] == "sign_in" && right[0]["outcome"] == "success")
        #expect(right[0]["client"] == "127.0.0.1" && right[0]["requestId"] == "r1")
        #expect(right[0]["at"] == .integer(pool.clock.milliseconds))
        #expect(right[0]["details"]?["client"] == .string(Pool.clientId))
        let family = try #require(right[0]["details"]?["signIn"]?.string)
        #expect(try await pool.store.read { try $0.tokenFamily(id: family) } != nil)

        for _ in 0..<5 { _ = await pool.signIn(admin, "wrong password") }
        let wrong = try await trail.entries()
        #expect(wrong.map { $0["outcome"]?.string } == Array(repeating: "wrong_password", count: 5))
        #expect(wrong.allSatisfy { $0["actor"] == "anonymous" && $0["subject"] == right[0]["subject"] })
        #expect(wrong.map { $0["details"]?["failures"]?.integer } == [1, 2, 3, 4, 5])
        #expect(wrong.map { $0["details"]?["lockedMilliseconds"]?.integer } == [nil, nil, nil, nil, 1000])
        for password in ["wrong password", Pool.password] { _ = await pool.signIn(admin, password) }
        #expect(try await trail.said() == [])
    }

    @Test func `a name that nobody has is in the log only as something opaque, the same each time`() async throws {
        let trail = try await Trail()
        _ = try await trail.said()
        for _ in 0..<2 { _ = await trail.pool.signIn("my-Secret-Password", "x y z w 1234") }
        _ = await trail.pool.signIn("another", "x y z w 1234")
        let entries = try await trail.entries()
        let subjects = entries.compactMap { $0["subject"]?.string }
        #expect(subjects.count == 3 && subjects.allSatisfy { $0.hasPrefix("name:") })
        #expect(subjects[0] == subjects[1] && subjects[1] != subjects[2])
        #expect(entries.allSatisfy { !"\($0)".lowercased().contains("secret") })
    }

    @Test func `guesses sent in parallel leave an entry for each that was counted`() async throws {
        let trail = try await Trail()
        _ = try await trail.said()
        let pool = trail.pool
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<30 { group.addTask { _ = await pool.signIn(Pool.administrator, "wrong password") } }
        }
        let subject = pool.service.sealer.subject("password", Pool.administrator)
        let attempts = try await pool.store.read { try $0.attempts(subject: subject) }
        #expect(try await trail.entries().count == attempts.failures)
        #expect(try await pool.catalog.read { try $0.verifyAudit(after: .beginning, limit: 1_000) }.fault == nil)
    }

    @Test func `a sign-up is told of from its account to its confirmation`() async throws {
        let trail = try await Trail()
        _ = try await trail.said()
        let pool = trail.pool
        func signUp() async {
            _ = await pool.call(
                "SignUp", ["ClientId": .string(Pool.clientId), "Username": "ann", "Password": .string(Pool.password)])
        }
        func confirm(_ code: String) async {
            _ = await pool.call(
                "ConfirmSignUp",
                ["ClientId": .string(Pool.clientId), "Username": "ann", "ConfirmationCode": .string(code)])
        }
        await signUp()
        #expect(try await trail.said() == ["sign_up success ann ann"])
        _ = try await pool.outbox.next()
        await signUp()
        #expect(try await trail.said() == ["sign_up name_taken anonymous ann"])
        let code = try await pool.outbox.next(after: 1).code
        _ = await pool.signIn("ann")
        #expect(try await trail.said() == ["sign_in wrong_password anonymous ann"])
        await confirm("wrong")
        #expect(try await trail.said() == ["confirm_sign_up wrong_code anonymous ann"])
        await confirm(code)
        #expect(try await trail.said() == ["confirm_sign_up success ann ann"])
    }

    @Test func `wrong confirmation codes fill no log`() async throws {
        let trail = try await Trail()
        let pool = trail.pool
        _ = await pool.call(
            "SignUp", ["ClientId": .string(Pool.clientId), "Username": "ann", "Password": .string(Pool.password)])
        _ = try await trail.said()
        for _ in 0..<8 {
            _ = await pool.call(
                "ConfirmSignUp",
                ["ClientId": .string(Pool.clientId), "Username": "ann", "ConfirmationCode": "wrong"])
        }
        #expect(try await trail.said().count == 5)
    }

    @Test func `a second factor is told of when it is enrolled, asked for, got wrong, used twice and put away`()
        async throws
    {
        let trail = try await Trail()
        _ = try await trail.said()
        let pool = trail.pool
        let secret = try await pool.enrol()
        #expect(
            try await trail.said() == [
                "sign_in success \(admin) \(admin)", "authenticator_enrolled success \(admin) \(admin)",
                "second_factor_changed success \(admin) \(admin)",
            ])
        let session = await pool.signIn().session
        #expect(try await trail.said() == ["sign_in challenge \(admin) \(admin)"])
        _ = await pool.answerCode(pool.wrongCode(secret), session: session)
        #expect(try await trail.said() == ["second_factor wrong_code anonymous \(admin)"])
        let code = pool.code(secret)
        let token = await pool.answerCode(code, session: session).accessToken
        #expect(try await trail.said() == ["sign_in success \(admin) \(admin)"])
        _ = await pool.answerCode(code, session: await pool.signIn().session)
        #expect(
            try await trail.said() == [
                "sign_in challenge \(admin) \(admin)", "second_factor replayed anonymous \(admin)",
            ])
        _ = await pool.call(
            "SetUserMFAPreference",
            ["AccessToken": .string(token), "SoftwareTokenMfaSettings": ["Enabled": false]])
        let put = try await trail.entries()
        #expect(put.count == 1 && put[0]["details"] == ["softwareToken": false])
    }

    @Test func `a session answered under another name is told of`() async throws {
        let trail = try await Trail()
        let pool = trail.pool
        _ = try await pool.enrol()
        try await pool.addPerson("ann")
        let session = await pool.signIn().session
        _ = try await trail.said()
        _ = await pool.answerCode("000000", session: session, username: "ann")
        #expect(try await trail.said() == ["sign_in wrong_session anonymous \(admin)"])
    }

    @Test func `an enrolment demanded at sign-in is the act of the person who gave the password`() async throws {
        let trail = try await Trail { $0.secondFactor = .required }
        let pool = trail.pool
        _ = try await trail.said()
        let first = await pool.signIn()
        let associated = await pool.call("AssociateSoftwareToken", ["Session": .string(first.session)])
        let secret = try #require(associated.body["SecretCode"]?.string.flatMap { Base32.decode($0) })
        let verified = await pool.call(
            "VerifySoftwareToken", ["Session": .string(associated.session), "UserCode": .string(pool.code(secret))])
        _ = await pool.respond("MFA_SETUP", session: verified.session)
        #expect(
            try await trail.said() == [
                "sign_in challenge \(admin) \(admin)", "authenticator_enrolled success \(admin) \(admin)",
                "sign_in success \(admin) \(admin)",
            ])
    }

    @Test func `signing out everywhere and revoking a token leave one entry each`() async throws {
        let trail = try await Trail()
        let pool = trail.pool
        let signedIn = await pool.signIn()
        let family = try #require(try claims(signedIn.accessToken)["origin_jti"]?.string)
        let refreshToken = try #require(signedIn.tokens?["RefreshToken"])
        _ = try await trail.said()
        for _ in 0..<2 {
            _ = await pool.call("RevokeToken", ["Token": refreshToken, "ClientId": .string(Pool.clientId)])
        }
        #expect(try await trail.said() == ["token_revoked success \(admin) sign-in:\(family)"])
        let token = await pool.signIn().accessToken
        _ = try await trail.said()
        for _ in 0..<2 { _ = await pool.call("GlobalSignOut", ["AccessToken": .string(token)]) }
        #expect(try await trail.said() == ["signed_out_everywhere success \(admin) \(admin)"])
    }

    @Test func `what administrators do names their access key`() async throws {
        let trail = try await Trail()
        let pool = trail.pool
        _ = try await trail.said()
        func administer(_ operation: String, _ more: JSONObject = [:]) async {
            var input: JSONObject = ["UserPoolId": .string(Pool.id), "Username": "new"]
            for (name, value) in more.members { input[name] = value }
            _ = await pool.signedCall(operation, .object(input))
        }
        for _ in 0..<2 {
            await administer("AdminCreateUser", ["TemporaryPassword": "temporary one", "MessageAction": "SUPPRESS"])
        }
        #expect(try await trail.said() == ["user_created success access-key:AKIATEST new"])
        let session = await pool.signIn("new", "temporary one").session
        _ = await pool.respond(
            "NEW_PASSWORD_REQUIRED", session: session, username: "new", ["NEW_PASSWORD": "a better password"])
        #expect(
            try await trail.said() == [
                "sign_in challenge new new", "password_set success new new", "sign_in success new new",
            ])
        await administer("AdminSetUserPassword", ["Password": "another password", "Permanent": true])
        let set = try await trail.entries()
        #expect(set.count == 1 && set[0]["action"] == "password_set" && set[0]["actor"] == "access-key:AKIATEST")
        #expect(set[0]["details"] == ["permanent": true])
        await administer("AdminGetUser")
        await administer("AdminConfirmSignUp")
        #expect(try await trail.said() == [])
        _ = await pool.call(
            "SignUp", ["ClientId": .string(Pool.clientId), "Username": "ann", "Password": .string(Pool.password)])
        _ = try await trail.said()
        await administer("AdminConfirmSignUp", ["Username": "ann"])
        #expect(try await trail.said() == ["confirm_sign_up success access-key:AKIATEST ann"])
    }

    @Test func `each act of an administrator is told of once, and reading not at all`() async throws {
        let trail = try await Trail()
        let pool = trail.pool
        try await pool.addPerson("ann")
        _ = try await trail.said()
        let attributes: JSONValue = [["Name": "name", "Value": "Ann Secret"]]
        let acts: [(String, JSONObject, String)] = [
            ("AdminDisableUser", [:], "user_disabled"), ("AdminEnableUser", [:], "user_enabled"),
            ("AdminUserGlobalSignOut", [:], "signed_out_everywhere"),
            ("AdminUpdateUserAttributes", ["UserAttributes": attributes], "attributes_changed"),
            ("AdminDeleteUserAttributes", ["UserAttributeNames": ["name"]], "attributes_changed"),
            ("AdminSetUserMFAPreference", ["SoftwareTokenMfaSettings": ["Enabled": false]], "second_factor_changed"),
            ("AdminDeleteSoftwareToken", [:], "authenticator_removed"),
            ("CreateGroup", ["GroupName": "g"], "group_created"), ("CreateGroup", ["GroupName": "g"], ""),
            ("UpdateGroup", ["GroupName": "g", "Precedence": 3], "group_changed"),
            ("AdminAddUserToGroup", ["GroupName": "g"], "group_added"),
            ("AdminAddUserToGroup", ["GroupName": "none"], ""),
            ("AdminRemoveUserFromGroup", ["GroupName": "g"], "group_removed"),
            ("AdminListGroupsForUser", [:], ""), ("GetGroup", ["GroupName": "g"], ""), ("ListGroups", [:], ""),
            ("ListUsers", [:], ""), ("ListUsersInGroup", ["GroupName": "g"], ""), ("AdminGetUser", [:], ""),
            ("DeleteGroup", ["GroupName": "g"], "group_deleted"), ("AdminDeleteUser", [:], "user_deleted"),
            ("AdminDeleteUser", [:], ""),
        ]
        for (operation, more, action) in acts {
            var input: JSONObject = ["UserPoolId": .string(Pool.id), "Username": "ann"]
            for (name, value) in more.members { input[name] = value }
            _ = await pool.signedCall(operation, .object(input))
            let entries = try await trail.entries()
            #expect(entries.map { $0["action"]?.string ?? "" } == (action.isEmpty ? [] : [action]), "\(operation)")
            #expect(entries.allSatisfy { $0["actor"] == "access-key:AKIATEST" && $0["outcome"] == "success" })
            #expect(entries.allSatisfy { !"\($0)".contains("Secret") })
        }
    }

    @Test func `clients, keys of tokens and a refresh token that comes twice are told of`() async throws {
        let trail = try await Trail()
        let pool = trail.pool
        _ = try await trail.said()
        let client = try await pool.makeClient([
            "RefreshTokenRotation": ["Feature": "ENABLED", "RetryGracePeriodSeconds": 0]
        ])
        #expect(try await trail.said() == ["client_created success access-key:AKIATEST client:\(client.id)"])
        let first = try #require(await pool.signIn(client).refreshToken)
        let family = try #require(try await trail.entries().last?["details"]?["signIn"]?.string)
        _ = await pool.renew(client, first)
        #expect(try await trail.said() == [])
        for _ in 0..<2 { _ = await pool.renew(client, first) }
        #expect(try await trail.said() == ["refresh_token_reused ended anonymous sign-in:\(family)"])
        for operation in ["UpdateUserPoolClient", "DeleteUserPoolClient", "DeleteUserPoolClient"] {
            _ = await pool.onClients(operation, ["ClientId": .string(client.id)])
        }
        #expect(
            try await trail.said() == [
                "client_changed success access-key:AKIATEST client:\(client.id)",
                "client_deleted success access-key:AKIATEST client:\(client.id)",
            ])
        let keeper = try pool.service.keyKeeper()
        let next = try await keeper.rotate(isUrgent: false).keyId
        _ = try await keeper.rotate(isUrgent: false)
        #expect(try await trail.said() == ["token_key_created success system token-key:\(next)"])
        let urgent = try await keeper.rotate(isUrgent: true).keyId
        #expect(
            try await trail.said() == [
                "token_key_removed success system token-key:\(next)",
                "token_key_removed success system token-key:key1",
                "token_key_created success system token-key:\(urgent)",
            ])
    }

    @Test func `what people do to their own accounts is told of once`() async throws {
        let trail = try await Trail()
        let pool = trail.pool
        try await pool.addPerson("ann@x.test")
        let token = JSONValue.string(await pool.signIn("ann@x.test").accessToken)
        _ = try await trail.said()
        func expect(_ operation: String, _ input: JSONObject, _ said: String...) async throws {
            _ = await pool.call(operation, .object(input))
            #expect(try await trail.said() == said, "\(operation)")
        }
        let ann = "ann@x.test"
        let email: JSONValue = [["Name": "email", "Value": "new@x.test"]]
        try await expect(
            "UpdateUserAttributes", ["AccessToken": token, "UserAttributes": email],
            "attributes_changed success \(ann) \(ann)")
        let code = pool.outbox.messages.last?.code ?? ""
        var verification: JSONObject = ["AccessToken": token, "AttributeName": "email", "Code": "wrong"]
        try await expect("VerifyUserAttribute", verification, "email_verified wrong_code \(ann) \(ann)")
        verification["Code"] = .string(code)
        try await expect("VerifyUserAttribute", verification, "email_verified success \(ann) \(ann)")
        try await expect(
            "DeleteUserAttributes", ["AccessToken": token, "UserAttributeNames": ["name"]],
            "attributes_changed success \(ann) \(ann)")
        var change: JSONObject = [
            "AccessToken": token, "PreviousPassword": "wrong one", "ProposedPassword": "another one",
        ]
        try await expect("ChangePassword", change, "sign_in wrong_password \(ann) \(ann)")
        change["PreviousPassword"] = .string(Pool.password)
        try await expect("ChangePassword", change, "password_set success \(ann) \(ann)")
        _ = await pool.call("DeleteUser", ["AccessToken": token])
        let deleted = try await trail.entries()
        #expect(deleted.count == 1 && deleted[0]["action"] == "user_deleted")
        #expect(deleted[0]["actor"] == deleted[0]["subject"])
    }

    @Test func `no password, code, token or typed name is in the log`() async throws {
        let trail = try await Trail()
        let pool = trail.pool
        try await pool.addPerson("ann@x.test")
        let secret = try await pool.enrol("ann@x.test")
        let session = await pool.signIn("ann@x.test").session
        let code = pool.code(secret)
        let tokens = try #require(await pool.answerCode(code, session: session, username: "ann@x.test").tokens)
        _ = await pool.signIn("ann@x.test", "not the password")
        let log = try await trail.entries().map { "\($0)" }.joined(separator: "\n")
        let tokenTexts = ["AccessToken", "IdToken", "RefreshToken"].compactMap { tokens[$0]?.string }
        for secret in [Pool.password, "not the password", "ann@x.test", session, Base32.encode(secret)] + tokenTexts {
            #expect(!secret.isEmpty && !log.contains(secret))
        }
        // Six digits may stand in a hash by chance; as a value they do not.
        for code in pool.outbox.messages.map(\.code) + [code] { #expect(!log.contains("\"\(code)\"")) }
    }
}
