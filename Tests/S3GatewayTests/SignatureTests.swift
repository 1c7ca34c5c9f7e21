import AccessSigning
import Catalog
import HTTPServer
import HTTPWire
import S3Gateway
import Synchronization
import TestKit
import Testing

@Suite struct SignatureTests {
    @Test func `a presigned upload works once its clock and its bytes are right`() async throws {
        let bench = try Bench()
        let response = await bench.send(try bench.presigned(.put, "/uploads/v/original", body: Array("film".utf8)))
        #expect(response.status == .ok)
        let object = try #require(try await bench.visible("uploads", "v/original"))
        #expect(try await bench.bytes(of: object) == Array("film".utf8))
    }

    @Test func `an expired presigned upload is refused and leaves nothing`() async throws {
        let bench = try Bench()
        let request = try bench.presigned(.put, "/uploads/k", body: [1], expires: 60)
        bench.clock.advance(seconds: 60)
        let response = await bench.send(request)
        #expect((response.status, response.code) == (403, "AccessDenied"))
        #expect(response.text.contains("Request has expired"))
        #expect(try await bench.visible("uploads", "k") == nil)
    }

    @Test func `a presigned URL is good for its method, its key and its header set only`() async throws {
        let bench = try Bench()
        var otherMethod = try bench.presigned(.put, "/uploads/k", body: [1])
        otherMethod.method = .delete
        var otherKey = try bench.presigned(.put, "/uploads/k", body: [1])
        otherKey.path = "/uploads/j"
        var otherQuery = try bench.presigned(.get, "/uploads/k")
        otherQuery.query = (otherQuery.query ?? "") + "&response-content-type=text%2Fhtml"
        for request in [otherMethod, otherKey, otherQuery] {
            let response = await bench.send(request)
            #expect((response.status, response.code) == (403, "SignatureDoesNotMatch"))
        }
        var unsignedHeader = try bench.presigned(.put, "/uploads/k", body: [1])
        unsignedHeader.headers.add("x-amz-meta-owner", "someone-else")
        #expect(await bench.send(unsignedHeader).code == "AccessDenied")
    }

    @Test func `a presigned URL is good for its host, and each of its parameters is there once`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/k", "x")
        var otherHost = try bench.presigned(.get, "/media/k")
        otherHost.headers.set("Host", "uploads.s3.test")
        #expect(await bench.send(otherHost).code == "SignatureDoesNotMatch")
        for parameter in ["Signature", "Date", "Expires", "Credential", "SignedHeaders", "Algorithm"] {
            var doubled = try bench.presigned(.get, "/media/k")
            let query = doubled.query ?? ""
            let own = query.split(separator: "&").first { $0.hasPrefix("X-Amz-\(parameter)=") } ?? ""
            doubled.query = "\(query)&\(own)"
            let response = await bench.send(doubled)
            #expect((response.status, response.code) == (400, "AuthorizationQueryParametersError"), "\(parameter)")
        }
        var longer = try bench.presigned(.get, "/media/k", expires: 604_800)
        #expect(await bench.send(longer).status == .ok)
        longer.query = longer.query?.split(separator: "604800").joined(separator: "604801")
        #expect(await bench.send(longer).code == "AuthorizationQueryParametersError")
    }

    @Test func `a wrong secret, an unknown key, no signature and an old clock are told apart`() async throws {
        let bench = try Bench()
        let wrong = AccessKey(id: "ADMINKEY", secret: "guess", role: .admin)
        let unknown = AccessKey(id: "NOBODY", secret: "guess", role: .admin)
        #expect(await bench.send(try bench.request(.get, "/media/k", key: wrong)).code == "SignatureDoesNotMatch")
        #expect(await bench.send(try bench.request(.get, "/media/k", key: unknown)).code == "InvalidAccessKeyId")
        #expect(await bench.send(bench.unsigned(.get, "/media/k")).code == "AccessDenied")
        let late = try bench.request(.get, "/media/k")
        bench.clock.advance(seconds: 901)
        #expect(await bench.send(late).code == "RequestTimeTooSkewed")
    }

    @Test func `signature version 2 is refused by name`() async throws {
        let bench = try Bench()
        let query = bench.unsigned(.put, "/uploads/k?AWSAccessKeyId=ADMINKEY&Signature=x&Expires=1795000060")
        let header = bench.unsigned(.get, "/uploads/k", [("Authorization", "AWS ADMINKEY:c2ln")])
        for request in [query, header] {
            let response = await bench.send(request)
            #expect((response.status, response.code) == (400, "InvalidRequest"))
            #expect(response.text.contains("Please use AWS4-HMAC-SHA256"))
        }
    }

    @Test func `a key reaches only what it was made for`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/a", "x")
        _ = try await bench.put("/uploads/a", "x")
        func status(_ method: HTTPMethod, _ target: String, _ key: AccessKey) async throws -> HTTPStatus {
            await bench.send(try bench.request(method, target, body: method == .put ? [1] : [], key: key)).status
        }
        #expect(try await status(.get, "/media/a", Bench.edge) == .ok)
        #expect(try await status(.get, "/uploads/a", Bench.edge) == .forbidden)
        #expect(try await status(.put, "/media/a", Bench.edge) == .forbidden)
        #expect(try await status(.delete, "/media/a", Bench.edge) == .forbidden)
        #expect(try await status(.get, "/uploads/a", Bench.worker) == .ok)
        #expect(try await status(.put, "/uploads/a", Bench.worker) == .forbidden)
        #expect(try await status(.put, "/media/a", Bench.worker) == .ok)
    }

    @Test func `a URL that an edge or a worker has signed opens nothing`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/a", "x")
        for key in [Bench.edge, Bench.worker] {
            #expect(await bench.send(try bench.request(.get, "/media/a", key: key)).status == .ok)
            let response = await bench.send(try bench.presigned(.get, "/media/a", key: key))
            #expect((response.status, response.code) == (403, "AccessDenied"))
        }
        #expect(await bench.send(try bench.presigned(.get, "/media/a")).status == .ok)
    }

    @Test func `one key takes another's place without a moment at which the edge is refused`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/a", "x")
        let next = AccessKey(id: "NEXTKEY", secret: "next-secret", role: .edge)
        func answer(_ key: AccessKey) async throws -> (HTTPStatus, String) {
            let response = await bench.send(try bench.request(.get, "/media/a", key: key))
            return (response.status, response.code)
        }
        #expect(try await answer(next) == (403, "InvalidAccessKeyId"))
        bench.keys.replace(with: [Bench.administrator, Bench.edge, next])
        #expect(try await answer(Bench.edge) == (200, ""))
        #expect(try await answer(next) == (200, ""))
        bench.keys.replace(with: [Bench.administrator, next])
        #expect(try await answer(Bench.edge) == (403, "InvalidAccessKeyId"))
        #expect(try await answer(next) == (200, ""))
    }
}
