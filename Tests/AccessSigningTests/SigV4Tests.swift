import AccessSigning
import Testing

@Suite struct SigV4Tests {
    // The worked examples of Amazon's "Signature calculations for the Authorization header" and "… using query
    // parameters" pages for S3.
    private let credentials = SigV4Credentials(
        accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        region: "us-east-1")
    private let signedAt: Int64 = 1_369_353_600

    private func verify(
        _ request: SigV4Request, payload: SigV4Authorization.Payload = .declared, region: String = "us-east-1",
        service: String = "s3", now: Int64? = nil
    ) throws(SigV4Error) {
        try SigV4Authorization.parse(request).verify(
            request, secretAccessKey: credentials.secretAccessKey, region: region, service: service, payload: payload,
            nowEpochSeconds: now ?? signedAt)
    }

    private func field(_ headers: [SigV4Request.Header], _ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }

    @Test func `signing gives Amazon's published signature for a ranged GET`() {
        let request = SigV4Request(
            method: "GET", path: "/test.txt",
            headers: [("Host", "examplebucket.s3.amazonaws.com"), ("Range", "bytes=0-9")])
        let added = SigV4.sign(
            request, credentials: credentials, payloadHash: SigV4.emptyPayloadHash, epochSeconds: signedAt)
        #expect(field(added, "x-amz-date") == "20130524T000000Z")
        #expect(
            field(added, "authorization")
                == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
                + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    }

    @Test func `signing gives Amazon's published signature for a PUT with a dollar in its key`() {
        let request = SigV4Request(
            method: "PUT", path: "/test%24file.text",
            headers: [
                ("Host", "examplebucket.s3.amazonaws.com"), ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ])
        let hash = SigV4.payloadHash(Array("Welcome to Amazon S3.".utf8))
        let added = SigV4.sign(request, credentials: credentials, payloadHash: hash, epochSeconds: signedAt)
        #expect(
            field(added, "authorization")?.hasSuffix(
                "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd") == true)
    }

    @Test func `presigning gives Amazon's published query`() throws {
        let request = SigV4Request(
            method: "GET", path: "/test.txt", headers: [("host", "examplebucket.s3.amazonaws.com")])
        let query = SigV4.presign(request, credentials: credentials, epochSeconds: signedAt, expirySeconds: 86400)
        #expect(
            query
                == "X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
        var presigned = request
        presigned.query = query
        try verify(presigned)
        #expect(try SigV4Authorization.parse(presigned).payloadHash(presigned, .declared) == "UNSIGNED-PAYLOAD")
    }

    private func signedRequest(
        method: String = "GET", path: String = "/bucket/key", query: String? = nil, extra: [SigV4Request.Header] = [],
        at epochSeconds: Int64? = nil
    ) -> SigV4Request {
        var request = SigV4Request(
            method: method, path: path, query: query, headers: [("Host", "127.0.0.1:9001")] + extra)
        request.headers += SigV4.sign(
            request, credentials: credentials, payloadHash: SigV4.emptyPayloadHash,
            epochSeconds: epochSeconds ?? signedAt)
        return request
    }

    @Test(arguments: [
        ("/", nil), ("/bucket/a%20b/%C3%A9.mp4", "list-type=2&prefix=a%2Fb&delimiter=%2F"),
        ("/bucket", "uploads"), ("/bucket/a+b~c_d-e", "partNumber=2&uploadId=a%3D%3D&a=2&a=1&B=0"),
    ])
    func `what was signed verifies, and any change to it does not`(_ target: (String, String?)) throws {
        let request = signedRequest(
            path: target.0, query: target.1, extra: [("Range", "bytes=0-1"), ("x-amz-meta-note", "  two   spaces ")])
        try verify(request)
        var changed = request
        changed.method = "DELETE"
        #expect(throws: SigV4Error.signatureMismatch) { try verify(changed) }
        changed = request
        changed.path += "x"
        #expect(throws: SigV4Error.signatureMismatch) { try verify(changed) }
        changed = request
        changed.query = (changed.query.map { $0 + "&" } ?? "") + "added=1"
        #expect(throws: SigV4Error.signatureMismatch) { try verify(changed) }
        changed = request
        changed.headers[0].value = "elsewhere"
        #expect(throws: SigV4Error.signatureMismatch) { try verify(changed) }
        changed = request
        changed.headers.removeAll { $0.name == "Range" }
        #expect(throws: SigV4Error.signatureMismatch) { try verify(changed) }
    }

    @Test func `the clock may be fifteen minutes off and not a second more`() throws {
        let request = signedRequest()
        for offset in [-900, 0, 900] as [Int64] { try verify(request, now: signedAt + offset) }
        for offset in [-901, 901] as [Int64] {
            #expect(throws: SigV4Error.requestTimeTooSkewed) { try verify(request, now: signedAt + offset) }
        }
    }

    @Test func `a presigned URL lives exactly as long as it says, and at most a week`() throws {
        var request = SigV4Request(method: "PUT", path: "/uploads/a.mp4", headers: [("host", "s3.localhost")])
        let bare = request
        request.query = SigV4.presign(bare, credentials: credentials, epochSeconds: signedAt, expirySeconds: 60)
        try verify(request, now: signedAt + 59)
        #expect(throws: SigV4Error.expired) { try verify(request, now: signedAt + 60) }
        #expect(throws: SigV4Error.requestTimeTooSkewed) { try verify(request, now: signedAt - 901) }
        request.query = SigV4.presign(bare, credentials: credentials, epochSeconds: signedAt, expirySeconds: 10_000_000)
        #expect(request.query?.contains("X-Amz-Expires=604800&") == true)
        request.query = request.query.map { $0.replacing("Expires=604800", with: "Expires=604801") }
        #expect { try verify(request) } throws: { ($0 as? SigV4Error)?.code == "AuthorizationQueryParametersError" }
    }

    @Test func `a presigned URL is bound to method, key, added parameters and signed headers`() throws {
        let bare = SigV4Request(
            method: "PUT", path: "/uploads/a.mp4", headers: [("host", "s3.localhost"), ("content-type", "video/mp4")])
        var request = bare
        request.query = SigV4.presign(bare, credentials: credentials, epochSeconds: signedAt, expirySeconds: 60)
        try verify(request)
        var changed = request
        changed.method = "GET"
        #expect(throws: SigV4Error.signatureMismatch) { try verify(changed) }
        changed = request
        changed.query? += "&response-content-type=text/html"
        #expect(throws: SigV4Error.signatureMismatch) { try verify(changed) }
        changed = request
        changed.headers[1].value = "text/html"
        #expect(throws: SigV4Error.signatureMismatch) { try verify(changed) }
        changed = request
        changed.headers.append(("X-Amz-Acl", "public-read"))
        #expect(throws: SigV4Error.unsignedHeader("x-amz-acl")) { try verify(changed) }
        changed = request
        changed.query? += "&X-Amz-Expires=604800"
        #expect { try verify(changed) } throws: { ($0 as? SigV4Error)?.code == "AuthorizationQueryParametersError" }
        changed = request
        changed.headers.append(("Authorization", "AWS4-HMAC-SHA256 Credential=x"))
        #expect(throws: SigV4Error.ambiguous) { try verify(changed) }
    }

    @Test func `a signature for another region or service names the expected one`() {
        let request = signedRequest()
        #expect(throws: SigV4Error.wrongScope(part: "region", given: "us-east-1", expected: "eu-central-1")) {
            try verify(request, region: "eu-central-1")
        }
        #expect(throws: SigV4Error.wrongScope(part: "service", given: "s3", expected: "cognito-idp")) {
            try verify(request, service: "cognito-idp")
        }
    }

    @Test func `unsigned, old and unreadable requests are told apart`() {
        func code(_ headers: [SigV4Request.Header], query: String? = nil) -> String? {
            let request = SigV4Request(method: "GET", path: "/", query: query, headers: [("host", "h")] + headers)
            do throws(SigV4Error) {
                try verify(request)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code([]) == "AccessDenied")
        #expect(code([("Authorization", "AWS AKIA:sig")]) == "InvalidRequest")
        #expect(code([], query: "AWSAccessKeyId=a&Signature=b&Expires=1") == "InvalidRequest")
        #expect(code([("Authorization", "AWS4-HMAC-SHA256 nonsense")]) == "AuthorizationHeaderMalformed")
        #expect(code([("Authorization", "AWS4-HMAC-SHA256 ")]) == "AuthorizationHeaderMalformed")
        #expect(code([], query: "X-Amz-Signature=1") == "AuthorizationQueryParametersError")
        let header = "AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=0"
        #expect(code([("Authorization", header)]) == "MissingSecurityHeader")
        #expect(
            code([("Authorization", header), ("x-amz-date", "20130230T000000Z")]) == "AuthorizationHeaderMalformed")
        #expect(code([("Authorization", header), ("x-amz-date", "20130524T000000Z")]) == "AccessDenied")
    }

    /// Keys are looked up as strings, and Swift calls a Kelvin sign equal to a K.
    @Test func `a credential beyond ASCII is no credential`() throws {
        let lookalike = "A\u{212A}IAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"
        let header = SigV4Request(
            method: "GET", path: "/a",
            headers: [
                ("Host", "h"), ("x-amz-date", "20130524T000000Z"),
                ("Authorization", "AWS4-HMAC-SHA256 Credential=\(lookalike), SignedHeaders=host, Signature=00"),
            ])
        #expect(throws: SigV4Error.malformedHeader("the Credential is not KEY/DATE/REGION/SERVICE/aws4_request")) {
            try SigV4Authorization.parse(header)
        }
        let query = SigV4Request(
            method: "GET", path: "/a",
            query:
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20130524T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=00&X-Amz-Credential=A%E2%84%AAIA%2F20130524%2Fus-east-1%2Fs3%2Faws4_request",
            headers: [("Host", "h")])
        #expect(throws: SigV4Error.malformedQuery("X-Amz-Credential is not KEY/DATE/REGION/SERVICE/aws4_request")) {
            try SigV4Authorization.parse(query)
        }
    }

    @Test func `a service that declares no payload hash is checked with the hash of the body`() throws {
        let credentials = SigV4Credentials(
            accessKeyId: "AKIA", secretAccessKey: "secret", region: "eu-central-1", service: "cognito-idp")
        let hash = SigV4.payloadHash(Array("{}".utf8))
        var request = SigV4Request(
            method: "POST", path: "/", headers: [("host", "h"), ("x-amz-target", "T.AdminGetUser")])
        request.headers += SigV4.sign(request, credentials: credentials, payloadHash: hash, epochSeconds: signedAt)
        #expect(!request.headers.contains { $0.name == "x-amz-content-sha256" })
        let authorization = try SigV4Authorization.parse(request)
        #expect(authorization.accessKeyId == "AKIA")
        func check(_ payload: SigV4Authorization.Payload, secret: String = "secret") throws(SigV4Error) {
            try authorization.verify(
                request, secretAccessKey: secret, region: "eu-central-1", service: "cognito-idp", payload: payload,
                nowEpochSeconds: signedAt)
        }
        try check(.hash(hash))
        #expect(throws: SigV4Error.signatureMismatch) { try check(.hash(SigV4.payloadHash(Array("{} ".utf8)))) }
        #expect(throws: SigV4Error.signatureMismatch) { try check(.hash(hash), secret: "guess") }
    }

    @Test(arguments: [0, 951_782_400, 951_868_799, 1_709_164_800, 4_102_444_799, 1_369_353_600] as [Int64])
    func `the timestamp of a signature is the second it was made in`(_ second: Int64) throws {
        let request = signedRequest(at: second)
        #expect(try SigV4Authorization.parse(request).signedAt == second)
    }
}
