import HTTPServer
import HTTPWire
import S3Gateway
import Testing

@Suite struct BucketTests {
    @Test func `a list folds folders and pages through everything once`() async throws {
        let bench = try Bench()
        let keys = ["a/", "a/1", "a/2", "a/b/3", "a/b/4", "a/c/5", "a/z", "b"]
        for key in keys { _ = try await bench.put("/media/\(key)", "x") }
        for version in ["list-type=2&", ""] {
            var found: [String] = []
            var next = ""
            var pages = 0
            repeat {
                let response = await bench.send(
                    try bench.request(.get, "/media?\(version)prefix=a%2F&delimiter=%2F&max-keys=2\(next)"))
                #expect(response.status == .ok)
                found += response.all("Key") + response.all("CommonPrefixes").map { _ in "folder" }
                let token = response.between("<NextContinuationToken>", "</NextContinuationToken>")
                let marker = response.between("<NextMarker>", "</NextMarker>")
                next = token.isEmpty ? (marker.isEmpty ? "" : "&marker=\(marker)") : "&continuation-token=\(token)"
                pages += 1
            } while !next.isEmpty && pages < 9
            #expect(found.filter { $0 != "folder" } == ["a/", "a/1", "a/2", "a/z"])
            #expect(found.filter { $0 == "folder" }.count == 2)
            #expect(pages == 3)
        }
    }

    @Test func `names are escaped for XML or encoded for URLs`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/a%26%3Cb%20c", "x")
        let plain = await bench.send(try bench.request(.get, "/media?list-type=2"))
        #expect(plain.all("Key") == ["a&amp;&lt;b c"])
        let encoded = await bench.send(try bench.request(.get, "/media?list-type=2&encoding-type=url"))
        #expect(encoded.all("Key") == ["a%26%3Cb%20c"])
    }

    @Test func `a bucket that exists can be made again, headed and located`() async throws {
        let bench = try Bench()
        #expect(await bench.send(try bench.request(.put, "/media")).status == .ok)
        let head = await bench.send(try bench.request(.head, "/media/"))
        #expect(head.headers.first("x-amz-bucket-region") == "eu-central-1")
        #expect(await bench.send(try bench.request(.get, "/media?location")).text.contains(">eu-central-1<"))
        #expect(await bench.send(try bench.request(.head, "/nowhere")).status == .notFound)
    }

    @Test func `a key sees the buckets it may read`() async throws {
        let bench = try Bench()
        #expect(await bench.send(try bench.request(.get, "/", key: Bench.edge)).all("Name") == ["media"])
        #expect(await bench.send(try bench.request(.get, "/")).all("Name") == ["uploads", "media"])
    }

    @Test func `a page may upload from an allowed origin only`() async throws {
        let bench = try Bench(allowedOrigins: ["https://tv.example"])
        func preflight(_ origin: String) async -> Response {
            await bench.send(
                bench.unsigned(
                    .options, "/uploads/k",
                    [
                        ("Origin", origin), ("Access-Control-Request-Method", "PUT"),
                        ("Access-Control-Request-Headers", "content-type"),
                    ]))
        }
        let allowed = await preflight("https://tv.example")
        #expect(allowed.status == .ok)
        #expect(allowed.headers.first("Access-Control-Allow-Origin") == "https://tv.example")
        #expect(allowed.headers.first("Access-Control-Allow-Headers") == "content-type")
        #expect(await preflight("https://evil.example").status == .forbidden)
        let put = try await bench.put("/media/k", "x", [("Origin", "https://tv.example")])
        #expect(put.headers.first("Access-Control-Expose-Headers")?.contains("ETag") == true)
    }
}

extension Response {
    /// The texts of all elements of that name.
    fileprivate func all(_ name: String) -> [String] {
        text.split(separator: "<\(name)>").dropFirst().compactMap { part in
            part.firstRange(of: "</\(name)>").map { String(part[..<$0.lowerBound]) }
        }
    }
}
