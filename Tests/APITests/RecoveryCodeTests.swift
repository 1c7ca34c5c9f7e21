import HTTPServer
import HTTPWire
import JSON
import Testing

@testable import API

@Suite struct RecoveryCodeTests {
    private static let path = "/me/recovery-codes"

    @Test func `everybody learns how many of their own are left`() async throws {
        let bench = try await Bench()
        #expect(await bench.call(.get, Self.path, as: "token-anna").json == ["remaining": 7])
        #expect(await bench.call(.get, Self.path, as: "token-bert").json == ["remaining": 0])
        #expect(await bench.call(.get, Self.path).code == "unauthenticated")
    }

    @Test func `new ones are made for whoever knows the password`() async throws {
        let bench = try await Bench()
        let made = await bench.call(.post, Self.path, as: "token-anna", ["password": "annas password"])
        #expect(made.status == .created && made.json == ["codes": ["abcd-efgh-jkmn"]])
        #expect(made.headers.first("Cache-Control") == "no-store")
    }

    @Test(arguments: [
        ("anna", "a guess", HTTPStatus.forbidden, "wrong_password"),
        ("anna", "a guess!", .tooManyRequests, "too_many_attempts"),
        ("bert", "berts password", .conflict, "no_authenticator"), ("anna", "", .badRequest, "invalid_request"),
    ])
    func `others are refused`(_ name: String, _ password: String, _ status: HTTPStatus, _ code: String) async throws {
        let bench = try await Bench()
        let answer = await bench.call(.post, Self.path, as: "token-\(name)", ["password": .string(password)])
        #expect(answer.status == status && answer.code == code)
    }

    @Test func `a token is needed as well`() async throws {
        let bench = try await Bench()
        #expect(await bench.call(.post, Self.path, as: nil, ["password": "annas password"]).code == "unauthenticated")
    }
}
