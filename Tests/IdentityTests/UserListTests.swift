import Catalog
import JSON
import Testing

@testable import Identity

@Suite struct UserListTests {
    @Test(
        arguments: [
            (#"email = "a@x.test""#, .equal(.attribute("email"), "a@x.test")),
            (#""family_name"="O\"Neil\\""#, .equal(.attribute("family_name"), #"O"Neil\"#)),
            (#"  username ^= "Ann"  "#, .prefix(.usernameKey, "ann")),
            (#"sub="1""#, .equal(.id, "1")),
            (#"cognito:user_status = "confirmed""#, .equal(.status, "CONFIRMED")),
            (#"status = "Disabled""#, .equal(.isEnabled, "0")),
            (#"name = """#, .equal(.attribute("name"), "")),
            (#"name = "a=b""#, .equal(.attribute("name"), "a=b")),
        ] as [(String, IdentityUserFilter)])
    func `a filter is a name, a comparison and a quoted value`(text: String, filter: IdentityUserFilter) throws {
        #expect(try UserFilterText.parse(text) == filter)
    }

    @Test(arguments: [
        "", "email", "email = ", "email = x", #"email = "x"#, #"email = "x" y"#, #"email = "a"b""#, #"email = "a\"#,
        #"custom:a = "x""#, #"password_hash = "x""#, #"status = "x""#, #"status ^= "Enabled""#, #"= "x""#,
    ])
    func `any other text is refused with an example or the names`(text: String) {
        let error = #expect(throws: CognitoError.self) { try UserFilterText.parse(text) }
        #expect(error?.code == "InvalidParameterException" && error?.message.contains("'Filter'") == true)
    }

    @Test func `users are listed page by page, found, and described by what was asked for`() async throws {
        let pool = try await Pool()
        for name in ["Bob", "cid@x.test"] { try await pool.addPerson(name) }
        func list(_ more: JSONObject) async -> Answer {
            var input: JSONObject = ["UserPoolId": .string(Pool.id)]
            for (key, value) in more.members { input[key] = value }
            return await pool.signedCall("ListUsers", .object(input))
        }
        func names(_ answer: Answer) -> [String]? {
            answer.body["Users"]?.array?.compactMap { $0["Username"]?.string }
        }
        let first = await list(["Limit": 2])
        #expect(names(first) == [Pool.administrator, "Bob"])
        let second = await list(["Limit": 2, "PaginationToken": first.body["PaginationToken"] ?? .null])
        #expect(names(second) == ["cid@x.test"] && second.body["PaginationToken"] == nil)
        #expect(names(await list(["Limit": 0])) == [Pool.administrator, "Bob", "cid@x.test"])
        let found = await list(["Filter": #"email = "cid@x.test""#, "AttributesToGet": ["email"]])
        #expect(found.body["Users"]?.array?.first?["Attributes"] == [["Name": "email", "Value": "cid@x.test"]])
        #expect(found.body["Users"]?.array?.first?["UserStatus"] == "CONFIRMED")
        #expect(names(await list(["Filter": #"username ^= "B""#])) == ["Bob"])
    }
}
