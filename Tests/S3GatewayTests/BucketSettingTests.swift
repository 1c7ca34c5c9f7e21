import Bytes
import Catalog
import Crypto
import HTTPServer
import HTTPWire
import S3Gateway
import Testing

@Suite struct BucketSettingTests {
    private let cors = """
        <CORSConfiguration><CORSRule><ID>pages</ID><AllowedOrigin>https://*.example</AllowedOrigin>\
        <AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader>\
        <AllowedHeader>content-type</AllowedHeader><ExposeHeader>x-own</ExposeHeader>\
        <MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>
        """

    @Test func `rules for pages are kept, given back and removed`() async throws {
        let bench = try Bench()
        #expect(await bench.send(try bench.request(.get, "/media?cors")).code == "NoSuchCORSConfiguration")
        #expect(await bench.send(try set(bench, "cors", cors)).status == .ok)
        let stored = await bench.send(try bench.request(.get, "/media?cors"))
        #expect(stored.text.contains("<AllowedHeader>x-amz-*</AllowedHeader>"))
        #expect(await bench.send(try set(bench, "cors", stored.text)).status == .ok)
        #expect(await bench.send(try bench.request(.get, "/media?cors")).text == stored.text)
        #expect(await bench.send(try bench.request(.delete, "/media?cors")).status == .noContent)
        #expect(await bench.send(try bench.request(.get, "/media?cors")).status == .notFound)
    }

    @Test func `a bucket's rules decide in place of the installation's`() async throws {
        let bench = try Bench(allowedOrigins: ["https://tv.example"])
        _ = await bench.send(try set(bench, "cors", cors))
        func preflight(_ origin: String, _ method: String, _ headers: String) async -> Response {
            await bench.send(
                bench.unsigned(
                    .options, "/media/k",
                    [
                        ("Origin", origin), ("Access-Control-Request-Method", method),
                        ("Access-Control-Request-Headers", headers),
                    ]))
        }
        let allowed = await preflight("https://a.example", "PUT", "Content-Type, x-amz-meta-a")
        #expect(allowed.status == .ok)
        #expect(allowed.headers.first("Access-Control-Allow-Origin") == "https://a.example")
        #expect(allowed.headers.first("Access-Control-Allow-Methods") == "PUT, GET")
        #expect(allowed.headers.first("Access-Control-Max-Age") == "60")
        #expect(
            allowed.headers.first("Vary")
                == "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
        #expect(await preflight("http://a.example", "PUT", "x-amz-a").status == .forbidden)
        #expect(await preflight("https://a.example.evil", "PUT", "x-amz-a").status == .forbidden)
        #expect(await preflight("https://a.example", "DELETE", "x-amz-a").status == .forbidden)
        #expect(await preflight("https://a.example", "PUT", "x-other").status == .forbidden)
        let put = try await bench.put("/media/k", "x", [("Origin", "https://a.example")])
        let exposed = put.headers.first("Access-Control-Expose-Headers") ?? ""
        #expect(exposed.contains("ETag") && exposed.hasSuffix("x-own"))
        #expect(put.headers.first("Vary") == "Origin")
        let stranger = try await bench.put("/media/k", "x", [("Origin", "https://evil.test")])
        #expect(stranger.headers.first("Access-Control-Allow-Origin") == nil)
        let other = try await bench.put("/uploads/k", "x", [("Origin", "https://tv.example")])
        #expect(other.headers.first("Access-Control-Allow-Origin") == "https://tv.example")
    }

    @Test(arguments: [
        "<CORSConfiguration></CORSConfiguration>", "<Other/>", "<CORSConfiguration",
        "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>",
        "<CORSConfiguration><CORSRule><AllowedOrigin>*.*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>"
            + "</CORSConfiguration>",
        "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod></CORSRule>"
            + "</CORSConfiguration>",
    ])
    func `rules that say nothing or too much are refused`(_ text: String) async throws {
        let bench = try Bench()
        #expect(await bench.send(try set(bench, "cors", text)).status == .badRequest)
        #expect(await bench.send(try bench.request(.get, "/media?cors")).status == .notFound)
    }

    @Test func `a bucket can be made, filled, emptied and removed, by an administrator`() async throws {
        let bench = try Bench()
        let worker = try bench.request(.put, "/films", key: Bench.worker)
        #expect(await bench.send(worker).code == "AccessDenied")
        #expect(await bench.send(try bench.request(.put, "/films/k", body: [1])).code == "NoSuchBucket")
        #expect(await bench.send(try bench.request(.put, "/films")).status == .ok)
        #expect(await bench.send(try bench.request(.put, "/films")).status == .ok)
        #expect(await bench.send(try bench.request(.head, "/films")).status == .ok)
        #expect(await bench.send(try bench.request(.get, "/")).all("Name") == ["uploads", "media", "films"])
        #expect(await bench.send(try bench.request(.get, "/", key: Bench.worker)).all("Name") == ["uploads", "media"])
        #expect(try await bench.put("/films/k", "x").status == .ok)
        #expect(await bench.send(try bench.request(.delete, "/films")).code == "BucketNotEmpty")
        #expect(await bench.send(try bench.request(.delete, "/films/k")).status == .noContent)
        #expect(await bench.send(try set(bench, "cors", cors, bucket: "films")).status == .ok)
        #expect(await bench.send(try bench.request(.delete, "/films")).status == .noContent)
        #expect(await bench.send(try bench.request(.head, "/films")).status == .notFound)
        _ = await bench.send(try bench.request(.put, "/films"))
        #expect(await bench.send(try bench.request(.get, "/films?cors")).code == "NoSuchCORSConfiguration")
        #expect(await bench.send(try bench.request(.delete, "/media")).code == "AccessDenied")
    }

    @Test func `a bucket's name and region are S3's and the installation's`() async throws {
        let bench = try Bench()
        for name in ["a..b", "-ab", "ab-", "10.0.0.1"] {
            #expect(await bench.send(try bench.request(.put, "/\(name)")).code == "InvalidBucketName", "\(name)")
        }
        func make(_ region: String) async throws -> Response {
            let body =
                "<CreateBucketConfiguration><LocationConstraint>\(region)</LocationConstraint></CreateBucketConfiguration>"
            return await bench.send(try bench.request(.put, "/films", body: Array(body.utf8)))
        }
        #expect(try await make("us-west-2").code == "IllegalLocationConstraintException")
        #expect(try await make("eu-central-1").status == .ok)
    }

    @Test func `what was never set is answered as S3 does, and setting it is refused by name`() async throws {
        let bench = try Bench()
        for (name, answer) in [
            ("versioning", "<VersioningConfiguration xmlns="), ("acl", "<Permission>FULL_CONTROL</Permission>"),
            ("policy", "NoSuchBucketPolicy"), ("tagging", "NoSuchTagSet"), ("website", "NoSuchWebsiteConfiguration"),
            ("encryption", "ServerSideEncryptionConfigurationNotFoundError"),
            ("lifecycle", "NoSuchLifecycleConfiguration"),
            ("requestPayment", "<Payer>BucketOwner</Payer>"), ("replication", "ReplicationConfigurationNotFoundError"),
        ] {
            let get = await bench.send(try bench.request(.get, "/media?\(name)"))
            #expect(get.text.contains(answer), "\(name)")
            if name != "lifecycle" {
                let put = await bench.send(try bench.request(.put, "/media?\(name)", body: [1]))
                #expect(put.status == .notImplemented && put.text.contains(name), "\(name)")
            }
        }
    }

    func set(_ bench: Bench, _ name: String, _ text: String, bucket: String = "media") throws -> Request {
        let body = Array(text.utf8)
        return try bench.request(
            .put, "/\(bucket)?\(name)", [("Content-MD5", Base64.encode(Digest.md5(body)))], body: body)
    }
}
