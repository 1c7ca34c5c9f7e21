import Catalog
import JSON
import Testing

@testable import Identity

@Suite struct RoleTests {
    @Test func `the strongest group counts, and whoever has none has the role of the installation`() {
        #expect(Role(groups: ["viewer", "admin", "creator"], otherwise: .viewer) == .admin)
        #expect(Role(groups: ["crew", "viewer"], otherwise: .creator) == .viewer)
        #expect(Role(groups: ["crew", "Admin", "ADMIN "], otherwise: .viewer) == .viewer)
        #expect(Role(groups: [], otherwise: .creator) == .creator)
        #expect(Role.viewer < .creator && .creator < .admin)
    }

    @Test func `the groups of the roles are there from the start`() async throws {
        let pool = try await Pool()
        let groups = try await pool.store.read { try $0.groups(poolId: Pool.id, of: nil, after: "", limit: 9) }
        #expect(groups.map(\.name) == ["admin", "creator", "viewer"])
    }

    @Test func `a change of groups counts for tokens that are out`() async throws {
        let pool = try await Pool { $0.defaultRole = .viewer }
        let token = await pool.signIn().accessToken
        func role() async throws -> Role {
            let verifier = pool.service.tokenVerifier
            return verifier.role(of: try await verifier.verify(token))
        }
        func change(_ operation: String, _ group: String) async {
            let input: JSONValue = [
                "UserPoolId": .string(Pool.id), "Username": .string(Pool.administrator), "GroupName": .string(group),
            ]
            #expect(await pool.signedCall(operation, input).status == 200)
        }
        #expect(try await role() == .admin)
        await change("AdminRemoveUserFromGroup", "admin")
        #expect(try await role() == .viewer)
        await change("AdminAddUserToGroup", "creator")
        #expect(try await role() == .creator)
    }
}
