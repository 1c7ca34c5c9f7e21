import Bytes
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

    @Test func `a list says what it was asked for, and whose objects are when it should`() async throws {
        let bench = try Bench()
        for key in ["a b", "c"] { _ = try await bench.put("/media/\(PercentEncoding.encode(key))", "x") }
        func list(_ query: String) async throws -> Response {
            await bench.send(try bench.request(.get, "/media?\(query)"))
        }
        #expect(try await list("").text.contains("<Owner>"))
        #expect(try await !list("list-type=2").text.contains("<Owner>"))
        #expect(try await list("list-type=2&fetch-owner=true").text.contains("<Owner>"))
        let later = try await list("list-type=2&start-after=a%20b&encoding-type=url")
        #expect(later.all("Key") == ["c"] && later.all("StartAfter") == ["a%20b"] && later.all("KeyCount") == ["1"])
        let page = try await list("marker=a%20b&max-keys=1")
        #expect(page.all("Key") == ["c"] && page.all("Marker") == ["a b"] && page.all("MaxKeys") == ["1"])
        let none = try await list("max-keys=0")
        #expect(none.all("Key").isEmpty && none.all("IsTruncated") == ["false"])
        #expect(try await list("max-keys=100000").all("MaxKeys") == ["1000"])
        for wrong in [
            "list-type=3", "max-keys=-1", "max-keys=x", "encoding-type=xml", "list-type=2&continuation-token=%25",
        ] {
            #expect(try await list(wrong).code == "InvalidArgument", "\(wrong)")
        }
    }

    @Test func `common prefixes count among a page's entries`() async throws {
        let bench = try Bench()
        for key in ["a/1", "a/2", "b", "c/1", "d"] { _ = try await bench.put("/media/\(key)", "x") }
        let page = await bench.send(try bench.request(.get, "/media?list-type=2&delimiter=%2F&max-keys=3"))
        #expect(page.all("KeyCount") == ["3"] && page.all("IsTruncated") == ["true"])
        #expect(page.all("CommonPrefixes") == ["<Prefix>a/</Prefix>", "<Prefix>c/</Prefix>"])
        #expect(page.all("Key") == ["b"])
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

    @Test func `who does not know the region may ask for it, and for nothing else`() async throws {
        let bench = try Bench()
        func answer(_ target: String) async throws -> Response {
            await bench.send(try bench.request(.get, target, region: "us-east-1"))
        }
        #expect(try await answer("/media?location=").text.contains(">eu-central-1<"))
        #expect(try await answer("/media").code == "AuthorizationHeaderMalformed")
        #expect(try await answer("/media/k?location").status == .notImplemented)
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
