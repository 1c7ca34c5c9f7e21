import AccessSigning
import Bytes
import Crypto
import Testing

/// The signatures AWS publishes with its SDKs, made with a key we do not have.
@Suite struct PublishedVectorTests {
    // 1024 bits, hence the lowered minimum.
    private static let publicKey = """
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC9V3AbaAks3cqqpghX4dF3i4rgrZROm11G7HAG5ewFCEs20DSs4DtRcEQQzHXX2MjkP9pwz8y4\
        YACthCr/nRIuP2BHS4NnGzmsY34Up+snMDPgudNi7PwrcRyAnKrOHELOwU5RX5N9oMuzqpC0207bSBjFmrAQEBy4WyWbLQ6drwIDAQAB
        """
    private static let signature = """
        LiC~LakvNvZtR~AsTcirQ0CAsy-YIZmpHmI9uImK4xJmrhVdJULhWmRt3bXO7qqw2gJDECZN-xC~bKWEKcJ9Vgs1IgpRdMkY6XGDKZ1XHBdNbd~0v5\
        UiRf4zXwVMRqoynkQPQcihkze7RkDBsOoYHh9jDdtO1iDm0QZ1Qp~cxro_
        """

    @Test func `a canned SHA-256 signature of AWS's own is accepted, as cookie and as URL`() throws {
        let der = try #require(Base64.decode(Self.publicKey))
        let verifier = SignedAccessVerifier(keys: ["K1TESTKEY": try PublicKey(der: der, minimumRSABits: 1024)])
        var viewer = Viewer(host: "d111111abcdef8.cloudfront.net", path: "/image.jpg", now: 1_767_290_399)
        viewer.cookieFields = [
            "CloudFront-Expires=1767290400; CloudFront-Signature=\(Self.signature); "
                + "CloudFront-Key-Pair-Id=K1TESTKEY; CloudFront-Hash-Algorithm=SHA256"
        ]
        #expect(viewer.check(verifier).isAllowed)
        viewer.cookieFields = []
        viewer.query =
            "Expires=1767290400&Signature=\(Self.signature)&Key-Pair-Id=K1TESTKEY&Hash-Algorithm=SHA256"
        #expect(viewer.check(verifier).isAllowed)
        viewer.now += 1
        #expect(viewer.check(verifier) == denied(.accessDenied, .expired))
        viewer.path = "/image2.jpg"
        #expect(viewer.check(verifier) == denied(.accessDenied, .signature))
    }

    @Test func `the canned message is the published one`() {
        let text = CloudFrontPolicy.cannedText(
            url: "https://d111111abcdef8.cloudfront.net/image.jpg", expires: 1_767_290_400)
        #expect(text.utf8.count == 136)
        let digest = Hex.encode(Digest.sha256(Array(text.utf8)))
        #expect(digest.hasPrefix("2c04eeea") && digest.hasSuffix("8423b0"))
    }

    @Test func `the custom policy cookie is the published one`() throws {
        let key = try PrivateKey.generateP256()
        let policy = CloudFrontPolicy(resource: "https://cdn.example.com/v/42/*", expires: 1_893_456_000)
        #expect(policy.customText.utf8.count == 119)
        let cookies = try CloudFrontSigner(key: key, keyPairId: "K").cookies(policy)
        #expect(cookies.map(\.name) == ["CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"])
        #expect(
            cookies[0].value
                == "eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNlIjoiaHR0cHM6Ly9jZG4uZXhhbXBsZS5jb20vdi80Mi8qIiwiQ29uZGl0aW9uIjp7Ik"
                + "RhdGVMZXNzVGhhbiI6eyJBV1M6RXBvY2hUaW1lIjoxODkzNDU2MDAwfX19XX0_")
    }

    @Test func `the bodies of denials are CloudFront's, MissingKey's with exactly 146 bytes`() {
        let missing = AccessDenial(.missingKey, .keyMissing)
        #expect(missing.status == 403)
        #expect(missing.body.utf8CodeUnitCount == 146)
        #expect(
            missing.body.description
                == #"<?xml version="1.0" encoding="UTF-8"?><Error><Code>MissingKey</Code>"#
                + "<Message>Missing Key-Pair-Id query parameter or cookie value</Message></Error>")
        #expect(
            AccessDenial(.accessDenied, .expired).body.description
                == #"<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code>"#
                + "<Message>Access denied</Message></Error>")
        #expect(AccessDenial(.invalidKey, .keyUnknown).body.description.contains("<Message>Unknown Key</Message>"))
        #expect(
            AccessDenial(.malformedPolicy, .policy).body.description.contains("<Message>Malformed Policy</Message>"))
    }

    @Test func `signing parameters leave a query without disturbing its other bytes`() {
        func stripped(_ query: String) -> String {
            var output = GrowableBuffer()
            Array(query.utf8).withUnsafeBytes { SignedQuery.strip($0, into: &output) }
            return String(decoding: output.readable, as: UTF8.self)
        }
        #expect(stripped("a=1&&b=%20&Policy=x&Signature=y&Key-Pair-Id=z") == "a=1&&b=%20")
        #expect(stripped("Expires=1&a=1&Hash-Algorithm=SHA256") == "a=1")
        #expect(stripped("Signature") == "")
        #expect(stripped("policy=1&Signatures=2") == "policy=1&Signatures=2")
        #expect(stripped("") == "")
    }
}
