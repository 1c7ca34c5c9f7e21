import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Testing

@Suite struct BearerTokenTests {
    private func request(_ fields: [String]) -> Request {
        var headers = Headers()
        for field in fields { headers.add("Authorization", field) }
        return Request(method: .get, target: "/metrics", headers: headers, peer: .loopback(port: 1))
    }

    @Test(
        arguments: [
            ([], .absent), (["Bearer abc"], .presented("abc")), (["bearer  abc"], .presented("abc")),
            (["Bearer a b"], .presented("a b")), (["Bearer"], .malformed), (["Bearer "], .malformed),
            (["Basic abc"], .malformed), (["abc"], .malformed), ([""], .malformed), (["Bearerabc"], .malformed),
            (["Bearer abc", "Bearer abc"], .malformed),
        ] as [([String], BearerToken)])
    func `a field is a token, or it is not`(fields: [String], token: BearerToken) {
        #expect(request(fields).bearerToken == token)
    }

    @Test func `who has the token gets the route, the others 401 and why`() async throws {
        let route = SharedToken("sixteen and more!").guarding("the edge") { _ in .text(.ok, "in") }
        #expect(await route(request(["Bearer sixteen and more!"])).status == .ok)
        for fields in [
            [], ["Bearer sixteen and more"], ["Bearer sixteen and more!!"], ["Basic sixteen and more!"],
            ["Bearer Sixteen and more!"], ["Bearer sixteen and more!", "Bearer other"],
        ] {
            let response = await route(request(fields))
            #expect(response.status == .unauthorized, "\(fields)")
            #expect(response.headers.first("WWW-Authenticate") == "Bearer")
            guard case .bytes(let bytes) = response.body else {
                Issue.record("no body")
                continue
            }
            #expect(try JSONValue.parse(bytes) == ["error": "the edge's bearer token is missing or wrong"])
            #expect(bytes.last == UInt8(ascii: "\n"))
        }
    }
}
