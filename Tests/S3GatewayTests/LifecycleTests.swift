import Bytes
import Catalog
import Crypto
import HTTPServer
import HTTPWire
import S3Gateway
import TestKit
import Testing

@Suite struct LifecycleTests {
    @Test func `objects go at the midnight after their days, those that other rules or none are for stay`() async throws
    {
        let bench = try Bench()
        for key in ["tmp/a", "tmp/keep", "other"] { _ = try await bench.put("/media/\(key)", "x") }
        _ = try await bench.put("/media/tmp/b", "x", [("x-amz-tagging", "kind=draft")])
        _ = try await bench.put("/media/drafts/c", "x", [("x-amz-tagging", "kind=draft&a=b")])
        try await set(
            bench,
            rule("<Filter><Prefix>tmp/a</Prefix></Filter>", "<Days>1</Days>")
                + rule("<Filter><Tag><Key>kind</Key><Value>draft</Value></Tag></Filter>", "<Days>2</Days>")
                + rule("<Filter><Prefix>tmp/keep</Prefix></Filter>", "<Days>1</Days>", status: "Disabled"))
        // The clock stands at some time of the day: after one day, it is not yet the midnight after.
        let toMidnight = 86_400 - bench.clock.now / 1_000 % 86_400
        bench.clock.advance(seconds: Int(toMidnight) + 86_400 - 1)
        #expect(try await bench.reclaimer.expireObjects() == 0)
        bench.clock.advance(seconds: 1)
        #expect(try await bench.reclaimer.expireObjects() == 1)
        bench.clock.advance(seconds: 86_400)
        #expect(try await bench.reclaimer.expireObjects() == 2)
        let left = try await bench.catalog.read { try $0.objects(bucket: "media", prefix: "", from: "", limit: 9) }
        #expect(left.map(\.key) == ["other", "tmp/keep"])
        #expect(try await bench.reclaimer.reclaimDiscarded() == 3)
    }

    @Test func `a date is a midnight from which on all that fits goes, in every bucket with a rule`() async throws {
        let bench = try Bench()
        let now = bench.clock.now
        try await bench.catalog.write { transaction in
            for bucket in ["media", "uploads"] {
                for number in 0..<300 {
                    try transaction.put(
                        StoredObject(
                            bucket: bucket, key: "k\(number)", blob: "\(bucket)-\(number)", size: 1, etag: "e",
                            contentType: "video/mp4", createdAt: now))
                }
            }
        }
        let day = bench.clock.now / 86_400_000 + 1
        try await set(bench, rule("<Filter/>", "<Date>\(ISO8601.extended(day * 86_400))</Date>"))
        #expect(try await bench.reclaimer.expireObjects() == 0)
        bench.clock.advance(seconds: 86_400)
        #expect(try await bench.reclaimer.expireObjects() == 300)
        #expect(try await bench.visible("uploads", "k1") != nil)
    }

    @Test func `sizes and several conditions count together`() async throws {
        let bench = try Bench()
        _ = try await bench.put("/media/a1", "xx", [("x-amz-tagging", "a=1")])
        _ = try await bench.put("/media/a2", "xxxx", [("x-amz-tagging", "a=1")])
        _ = try await bench.put("/media/b1", "xx", [("x-amz-tagging", "a=1")])
        try await set(
            bench,
            rule(
                "<Filter><And><Prefix>a</Prefix><Tag><Key>a</Key><Value>1</Value></Tag>"
                    + "<ObjectSizeLessThan>3</ObjectSizeLessThan></And></Filter>", "<Days>1</Days>"))
        let stored = await bench.send(try bench.request(.get, "/media?lifecycle")).text
        #expect(stored.contains("<And><Prefix>a</Prefix>") && stored.contains("<ID>rule-1</ID>"))
        bench.clock.advance(seconds: 3 * 86_400)
        #expect(try await bench.reclaimer.expireObjects() == 1)
        #expect(try await bench.visible("media", "a1") == nil)
    }

    @Test(arguments: [
        "<Expiration><Days>0</Days></Expiration>", "<Expiration><Days>x</Days></Expiration>", "<Expiration/>", "",
        "<Expiration><Date>2026-01-01T01:00:00Z</Date></Expiration>",
        "<Expiration><Date>2026-01-01T00:00:00Z</Date><Days>1</Days></Expiration>",
        "<AbortIncompleteMultipartUpload/>",
    ])
    func `a rule without a clear action is refused`(_ action: String) async throws {
        let bench = try Bench()
        let text = "<Rule><Filter/><Status>Enabled</Status>\(action)</Rule>"
        #expect(try await answer(bench, text).status == .badRequest)
        #expect(await bench.send(try bench.request(.get, "/media?lifecycle")).status == .notFound)
    }

    @Test func `actions that are not done are refused by name, twins and unclear filters too`() async throws {
        let bench = try Bench()
        let transition = "<Rule><Filter/><Status>Enabled</Status><Transition><Days>1</Days></Transition></Rule>"
        #expect(try await answer(bench, transition).text.contains("Transition"))
        let twins = String(repeating: rule("<ID>a</ID><Filter/>", "<Days>1</Days>"), count: 2)
        #expect(try await answer(bench, twins).code == "InvalidArgument")
        for filter in [
            "", "<Filter/><Prefix/>", "<Filter><Prefix/><Tag/></Filter>", "<Filter><Other/></Filter>",
            "<Filter><Tag><Key>a</Key></Tag></Filter>",
        ] {
            #expect(try await answer(bench, rule(filter, "<Days>1</Days>")).status == .badRequest, "\(filter)")
        }
    }

    @Test func `what is said of unfinished uploads is kept`() async throws {
        let bench = try Bench()
        let days =
            "<AbortIncompleteMultipartUpload><DaysAfterInitiation>3</DaysAfterInitiation></AbortIncompleteMultipartUpload>"
        try await set(bench, "<Rule><Prefix>a</Prefix><Status>Enabled</Status>\(days)</Rule>")
        #expect(await bench.send(try bench.request(.get, "/media?lifecycle")).text.contains(days))
    }

    @Test func `a rule ends uploads in parts at the midnight after its days, below its prefix and in its bucket`()
        async throws
    {
        let bench = try Bench()
        let days =
            "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>"
        let late = try await MultipartClient(bench, to: "/media/tmp/late")
        _ = try await late.put(1, [1])
        let finished = try await MultipartClient(bench, to: "/media/tmp/finished")
        _ = try await finished.put(1, [2])
        for target in ["/media/other", "/media/off/a", "/uploads/tmp/b"] {
            _ = try await MultipartClient(bench, to: target)
        }
        try await set(
            bench,
            "<Rule><ID>a</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Enabled</Status>\(days)</Rule>"
                + "<Rule><ID>b</ID><Filter><Prefix>off/</Prefix></Filter><Status>Disabled</Status>\(days)</Rule>")
        let toMidnight = 86_400 - bench.clock.now / 1_000 % 86_400
        bench.clock.advance(seconds: Int(toMidnight) + 86_400 - 1)
        #expect(try await bench.reclaimer.expireUploads() == 0)
        #expect(try await finished.complete([(1, MultipartClient.tag([2]))]).status == .ok)
        bench.clock.advance(seconds: 1)
        let young = try await MultipartClient(bench, to: "/media/tmp/young")
        #expect(try await bench.reclaimer.expireUploads() == 1)
        #expect(try await late.put(2, [1]).code == "NoSuchUpload")
        #expect(try await young.put(1, [3]).status == .ok)
        let left = await bench.send(try bench.request(.get, "/media?uploads"))
        #expect(left.all("Key") == ["off/a", "other", "tmp/young"])
        #expect(try await bench.blobsLeft() == 2)
    }

    private func rule(_ head: String, _ expiration: String, status: String = "Enabled") -> String {
        "<Rule>\(head)<Status>\(status)</Status><Expiration>\(expiration)</Expiration></Rule>"
    }

    private func set(_ bench: Bench, _ rules: String) async throws {
        #expect(try await answer(bench, rules).status == .ok)
    }

    private func answer(_ bench: Bench, _ rules: String) async throws -> Response {
        let body = Array("<LifecycleConfiguration>\(rules)</LifecycleConfiguration>".utf8)
        return await bench.send(
            try bench.request(
                .put, "/media?lifecycle", [("Content-MD5", Base64.encode(Digest.md5(body)))], body: body))
    }
}
