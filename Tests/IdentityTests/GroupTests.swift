import JSON
import Testing

@testable import Identity

@Suite struct GroupTests {
    private func call(_ pool: Pool, _ operation: String, _ more: JSONObject = [:]) async -> Answer {
        var input: JSONObject = ["UserPoolId": .string(Pool.id)]
        for (key, value) in more.members { input[key] = value }
        return await pool.signedCall(operation, .object(input))
    }

    private func member(_ group: String) -> JSONObject {
        ["Username": .string(Pool.administrator), "GroupName": .string(group)]
    }

    @Test func `tokens carry the groups of their person`() async throws {
        let pool = try await Pool()
        let made = await call(pool, "CreateGroup", ["GroupName": "crew", "Description": "d", "Precedence": 0])
        #expect(made.body["Group"]?["GroupName"] == "crew" && made.body["Group"]?["Precedence"] == 0)
        #expect(await call(pool, "CreateGroup", ["GroupName": "crew"]).error == "GroupExistsException")
        #expect(await call(pool, "AdminAddUserToGroup", member("crew")) == Answer(status: 200, body: [:]))
        #expect(try claims(await pool.signIn().accessToken)["cognito:groups"] == ["crew", "admin"])
        #expect(await call(pool, "AdminRemoveUserFromGroup", member("crew")).status == 200)
        #expect(try claims(await pool.signIn().accessToken)["cognito:groups"] == ["admin"])
        #expect(await call(pool, "AdminAddUserToGroup", member("none")).error == "ResourceNotFoundException")
    }

    @Test func `a group is changed, listed page by page, and deleted`() async throws {
        let pool = try await Pool()
        for name in ["b", "c"] { _ = await call(pool, "CreateGroup", ["GroupName": .string(name)]) }
        let updated = await call(pool, "UpdateGroup", ["GroupName": "b", "Description": "new"])
        #expect(updated.body["Group"]?["Description"] == "new")
        #expect(await call(pool, "GetGroup", ["GroupName": "b"]).body == updated.body)
        let first = await call(pool, "ListGroups", ["Limit": 2])
        #expect(first.body["Groups"]?.array?.compactMap { $0["GroupName"]?.string } == ["admin", "b"])
        let second = await call(pool, "ListGroups", ["Limit": 2, "NextToken": first.body["NextToken"] ?? .null])
        #expect(second.body["Groups"]?.array?.compactMap { $0["GroupName"]?.string } == ["c", "creator"])
        let third = await call(pool, "ListGroups", ["NextToken": second.body["NextToken"] ?? .null])
        #expect(third.body["Groups"]?.array?.compactMap { $0["GroupName"]?.string } == ["viewer"])
        #expect(third.body["NextToken"] == nil)
        _ = await call(pool, "AdminAddUserToGroup", member("b"))
        let mine = await call(pool, "AdminListGroupsForUser", ["Username": .string(Pool.administrator)])
        #expect(mine.body["Groups"]?.array?.compactMap { $0["GroupName"]?.string } == ["admin", "b"])
        let members = await call(pool, "ListUsersInGroup", ["GroupName": "b"])
        #expect(members.body["Users"]?.array?.compactMap { $0["Username"]?.string } == [Pool.administrator])
        #expect(await call(pool, "DeleteGroup", ["GroupName": "b"]).status == 200)
        for operation in ["GetGroup", "UpdateGroup", "DeleteGroup", "ListUsersInGroup"] {
            #expect(await call(pool, operation, ["GroupName": "b"]).error == "ResourceNotFoundException")
        }
    }

    @Test func `names and numbers out of range are refused by field`() async throws {
        let pool = try await Pool()
        for (input, field) in [
            (["GroupName": "a b"], "GroupName"),
            (["GroupName": .string(String(repeating: "x", count: 129))], "GroupName"),
            (["GroupName": "x", "Precedence": -1], "Precedence"),
            (["GroupName": "x", "Precedence": "1"], "Precedence"),
        ] as [(JSONObject, String)] {
            let refused = await call(pool, "CreateGroup", input)
            #expect(refused.error == "InvalidParameterException")
            #expect(refused.body["message"]?.string?.contains("'\(field)'") == true)
        }
        #expect(await call(pool, "ListGroups", ["Limit": 61]).error == "InvalidParameterException")
        #expect(await call(pool, "ListGroups", ["NextToken": "%"]).error == "InvalidParameterException")
    }
}
