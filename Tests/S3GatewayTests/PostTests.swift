import AccessSigning
import Bytes
import Catalog
import HTTPServer
import HTTPWire
import ObjectStore
import TestKit
import Testing

@Suite struct PostTests {
    private let file = "a film"

    @Test func `a form stores its file with what its fields say, and announces it as posted`() async throws {
        let bench = try Bench()
        let response = await bench.send(
            try form(
                bench,
                [
                    ("key", "in/${filename}"), ("Content-Type", "video/mp4"), ("x-amz-meta-title", "Film"),
                    ("success_action_status", "201"),
                    ("tagging", "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"),
                    ("x-ignore-crumb", "with\nline"),
                ], fileName: "C:\\Films\\my film.mp4"))
        #expect(response.status == 201)
        #expect(response.text.contains("<Key>in/my film.mp4</Key>"))
        #expect(response.headers.first("Location") == "http://s3.test/uploads/in/my%20film.mp4")
        let object = try #require(try await bench.visible("uploads", "in/my film.mp4"))
        #expect(try await bench.bytes(of: object) == Array(file.utf8))
        #expect(object.contentType == "video/mp4" && object.metadata == ["title": "Film"])
        #expect(response.headers.first("ETag") == "\"\(object.etag)\"")
        #expect(try await bench.catalog.read { try $0.tags(ofObjectWithBlob: object.blob) } == ["a": "b"])
        let messages = try await bench.catalog.read {
            try $0.visibleMessages(in: .objectEvents, group: "", now: .max, limit: 9)
        }
        let events = try messages.map { try ObjectEvent(document: $0.body) }
        #expect(events.map(\.name) == ["ObjectCreated:Post"] && events.map(\.principalId) == ["ADMINKEY"])
    }

    @Test func `the answer is what the form asks for`() async throws {
        let bench = try Bench()
        #expect(await bench.send(try form(bench, [("key", "k")])).status == .noContent)
        #expect(await bench.send(try form(bench, [("key", "k"), ("success_action_status", "200")])).status == .ok)
        let next = ("success_action_redirect", "https://tv.example/done?x=1")
        let response = await bench.send(try form(bench, [("key", "k"), next]))
        #expect(response.status == 303)
        #expect(
            response.headers.first("Location")?.hasPrefix("https://tv.example/done?x=1&bucket=uploads&key=k&etag=%22")
                == true)
        let script = ("success_action_redirect", "javascript:alert(1)")
        #expect(await bench.send(try form(bench, [("key", "k"), script])).status == .noContent)
    }

    @Test func `a file of another size than allowed is refused and leaves nothing`() async throws {
        for (range, code) in [("[7, 9]", "EntityTooSmall"), ("[0, 5]", "EntityTooLarge"), ("[6, 6]", "")] {
            let bench = try Bench()
            let length = "[\"content-length-range\", \(range.dropFirst().dropLast())]"
            let response = await bench.send(try form(bench, [("key", "k")], conditions: [length]))
            #expect(response.code == code)
            let blobs = try await bench.blobs.names(writtenBefore: .max, after: "", limit: 9)
            #expect(blobs.isEmpty == !code.isEmpty)
        }
    }

    @Test func `what the policy does not allow is refused and leaves nothing`() async throws {
        let bench = try Bench()
        let key = ("key", "in/k")
        let worker = AccessKey(id: "WORKERKEY", secret: "worker-secret", role: .worker)
        let forger = AccessKey(id: "ADMINKEY", secret: "guess", role: .admin)
        let prefix = ["[\"starts-with\", \"$key\", \"in/\"]"]
        let refused: [(Request, String)] = [
            (try form(bench, [("key", "out/k")], conditions: prefix, without: ["key"]), "AccessDenied"),
            (try form(bench, [key, ("x-amz-meta-a", "b")], without: ["x-amz-meta-a"]), "AccessDenied"),
            (try form(bench, [key], expiresIn: 0), "AccessDenied"),
            (try form(bench, [key], policyBucket: "media"), "AccessDenied"),
            (try form(bench, [key], signer: worker), "AccessDenied"),
            (try form(bench, [key], signer: forger), "SignatureDoesNotMatch"),
            (try form(bench, [key], region: "us-east-1"), "AuthorizationHeaderMalformed"),
            (try form(bench, [("key", "in/../k")]), "InvalidURI"),
            (try form(bench, [("key", String(repeating: "k", count: 1_025))]), "KeyTooLongError"),
            (try form(bench, []), "InvalidArgument"),
            (try form(bench, [key, ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")]), "BadDigest"),
            (try unsigned(bench, [key]), "AccessDenied"),
            (
                try unsigned(bench, [key, ("AWSAccessKeyId", "A"), ("Signature", "s"), ("policy", "e30=")]),
                "InvalidRequest"
            ),
        ]
        for (request, code) in refused { #expect(await bench.send(request).code == code) }
        #expect(
            try await bench.catalog.read { try $0.objects(bucket: "uploads", prefix: "", from: "", limit: 9) }.isEmpty)
        #expect(try await bench.blobs.names(writtenBefore: .max, after: "", limit: 9).isEmpty)
    }

    @Test func `a form that ends within its file leaves nothing`() async throws {
        let bench = try Bench()
        let whole = try form(bench, [("key", "k")])
        let bytes = try await whole.body.collect(upTo: 65_536)
        var cut = whole
        cut.body = RequestBody(Array(bytes.dropLast(6)))
        #expect(await bench.send(cut).code == "MalformedPOSTRequest")
        #expect(try await bench.visible("uploads", "k") == nil)
        #expect(try await bench.blobs.names(writtenBefore: .max, after: "", limit: 9).isEmpty)
    }

    /// A form as boto3 makes it: the policy has an exact condition for every field but those `without` one, and the given ones.
    private func form(
        _ bench: Bench, _ fields: [(String, String)], conditions: [String] = [], without: Set<String> = [],
        fileName: String = "f.mp4", expiresIn: Int64 = 60, policyBucket: String = "uploads",
        signer: AccessKey = Bench.administrator, region: String = "eu-central-1"
    ) throws -> Request {
        let now = bench.clock.now / 1_000
        let scope = SigV4Scope(day: ISO8601.basicDate(now), region: region, service: "s3")
        let signing = [
            ("x-amz-algorithm", "AWS4-HMAC-SHA256"), ("x-amz-credential", "\(signer.id)/\(scope)"),
            ("x-amz-date", ISO8601.basic(now)),
        ]
        var all = conditions + ["{\"bucket\": \"\(policyBucket)\"}"]
        for (name, value) in fields + signing where !without.contains(name) {
            all.append(
                value.contains("${filename}") || value.contains("\n") || value.contains("<")
                    ? "[\"starts-with\", \"$\(name)\", \"\(value.prefix { $0 != "$" && $0 != "\n" })\"]"
                    : "{\"\(name)\": \"\(value)\"}")
        }
        let policy =
            "{\"expiration\": \"\(ISO8601.extended(now + expiresIn))\", \"conditions\": [\(all.joined(separator: ","))]}"
        let encoded = Base64.encode(Array(policy.utf8))
        let signature = SigV4.signature(of: encoded, scope: scope, secretAccessKey: signer.secret)
        return try unsigned(
            bench, fields + signing + [("policy", encoded), ("x-amz-signature", signature)], fileName: fileName)
    }

    private func unsigned(
        _ bench: Bench, _ fields: [(String, String)], fileName: String = "f.mp4"
    ) throws -> Request {
        var body = ""
        for (name, value) in fields {
            body += "--b0\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        body +=
            "--b0\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(fileName)\"\r\n\r\n\(file)\r\n--b0--\r\n"
        return bench.unsigned(
            .post, "/uploads", [("Content-Type", "multipart/form-data; boundary=b0")], body: Array(body.utf8))
    }
}
