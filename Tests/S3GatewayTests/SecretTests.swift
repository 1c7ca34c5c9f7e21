import HTTPServer
import HTTPWire
import Testing

@Suite struct SecretTests {
    @Test(arguments: [HTTPMethod.get, .head])
    func `an edge is given a secret, to be kept by nobody`(method: HTTPMethod) async throws {
        let bench = try Bench(secret: { bucket, key in bucket == "media" && key == "a/key" ? [1, 2, 3] : nil })
        let response = await bench.send(try bench.request(method, "/media/a/key", key: Bench.edge))
        #expect(response.status == .ok)
        #expect(response.headers.first("Cache-Control") == "private, no-store")
        #expect(response.headers.first("Content-Type") == "application/octet-stream")
        #expect(response.text == "\u{1}\u{2}\u{3}")
        #expect(await bench.send(try bench.request(method, "/media/a/other", key: Bench.edge)).status == .notFound)
    }

    @Test func `nobody else is given one`() async throws {
        let bench = try Bench(secret: { _, key in key == "a/key" ? [1, 2, 3] : nil })
        let requests = [
            try bench.request(.get, "/media/a/key", key: Bench.worker),
            try bench.request(.get, "/media/a/key", key: Bench.administrator),
            try bench.presigned(.get, "/media/a/key"), try bench.presigned(.get, "/media/a/key", key: Bench.edge),
            try bench.request(.get, "/uploads/a/key", key: Bench.edge), bench.unsigned(.get, "/media/a/key"),
        ]
        for request in requests {
            let response = await bench.send(request)
            #expect(response.status.code == 403, "\(request.target)")
            #expect(!response.text.contains("\u{1}\u{2}\u{3}"))
        }
    }
}
