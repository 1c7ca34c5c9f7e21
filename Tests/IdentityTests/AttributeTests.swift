import JSON
import Testing

@testable import Identity

@Suite struct AttributeTests {
    private func attributes(_ pool: Pool, _ token: String) async -> [String: String] {
        let user = await pool.call("GetUser", ["AccessToken": .string(token)])
        let list = user.body["UserAttributes"]?.array ?? []
        return Dictionary(list.map { ($0["Name"]?.string ?? "", $0["Value"]?.string ?? "") }) { $1 }
    }

    private func update(_ pool: Pool, _ token: String, _ name: String, _ value: String) async -> Answer {
        await pool.call(
            "UpdateUserAttributes",
            ["AccessToken": .string(token), "UserAttributes": [["Name": .string(name), "Value": .string(value)]]])
    }

    private func verify(_ pool: Pool, _ token: String, _ code: String) async -> Answer {
        await pool.call(
            "VerifyUserAttribute",
            ["AccessToken": .string(token), "AttributeName": "email", "Code": .string(code)])
    }

    @Test func `an address that changes is proven by a code to it`() async throws {
        let pool = try await Pool()
        let token = await pool.signIn().accessToken
        let answer = await update(pool, token, "email", "new@x.test")
        #expect(answer.body["CodeDeliveryDetailsList"]?.array?.first?["Destination"] == "n***@x***")
        #expect(await attributes(pool, token)["email_verified"] == "false")
        let first = try #require(pool.outbox.messages.last)
        #expect(first.purpose == .attributeVerification && first.destination == "new@x.test")
        let again = await pool.call(
            "GetUserAttributeVerificationCode", ["AccessToken": .string(token), "AttributeName": "email"])
        #expect(again.body["CodeDeliveryDetails"]?["AttributeName"] == "email")
        let second = try #require(pool.outbox.messages.last)
        if first.code != second.code {
            #expect(await verify(pool, token, first.code).error == "CodeMismatchException")
        }
        #expect(await verify(pool, token, second.code) == Answer(status: 200, body: [:]))
        #expect(await attributes(pool, token)["email_verified"] == "true")
        #expect(await verify(pool, token, second.code).error == "CodeMismatchException")
    }

    @Test func `a code proves the address it was sent to and no other`() async throws {
        let pool = try await Pool()
        let token = await pool.signIn().accessToken
        _ = await update(pool, token, "email", "mine@x.test")
        let code = try #require(pool.outbox.messages.last).code
        let set = await pool.signedCall(
            "AdminUpdateUserAttributes",
            [
                "UserPoolId": .string(Pool.id), "Username": .string(Pool.administrator),
                "UserAttributes": [["Name": "email", "Value": "not-mine@x.test"]],
            ])
        #expect(set.error == nil)
        #expect(await verify(pool, token, code).error == "CodeMismatchException")
        #expect(await attributes(pool, token)["email_verified"] == "false")
    }

    @Test func `other attributes come and go, and the service's own are not written`() async throws {
        let pool = try await Pool()
        let token = await pool.signIn().accessToken
        #expect(await update(pool, token, "name", "Ann").body == ["CodeDeliveryDetailsList": []])
        #expect(await update(pool, token, "email", Pool.administrator).body == ["CodeDeliveryDetailsList": []])
        #expect(await update(pool, token, "email_verified", "true").error == "NotAuthorizedException")
        #expect(await attributes(pool, token)["name"] == "Ann")
        func delete(_ name: String) async -> Answer {
            await pool.call(
                "DeleteUserAttributes", ["AccessToken": .string(token), "UserAttributeNames": [.string(name)]])
        }
        #expect(await delete("sub").error == "NotAuthorizedException")
        #expect(await delete("name") == Answer(status: 200, body: [:]))
        #expect(await delete("email").status == 200)
        #expect(await Set(attributes(pool, token).keys) == ["sub"])
        #expect(pool.outbox.messages.isEmpty)
        let none = await pool.call(
            "GetUserAttributeVerificationCode", ["AccessToken": .string(token), "AttributeName": "email"])
        #expect(none.error == "InvalidParameterException")
        let telephone = await pool.call(
            "VerifyUserAttribute",
            ["AccessToken": .string(token), "AttributeName": "phone_number", "Code": "123456"])
        #expect(telephone.error == "InvalidParameterException")
    }

    @Test func `an account deletes itself, and its tokens end`() async throws {
        let pool = try await Pool()
        try await pool.addPerson("ann@x.test")
        let token = await pool.signIn("ann@x.test").accessToken
        #expect(await pool.call("DeleteUser", ["AccessToken": .string(token)]) == Answer(status: 200, body: [:]))
        #expect(await pool.call("DeleteUser", ["AccessToken": .string(token)]).error == "NotAuthorizedException")
        #expect(await pool.signIn("ann@x.test").error == "NotAuthorizedException")
        try await pool.addPerson("ann@x.test")
    }
}
