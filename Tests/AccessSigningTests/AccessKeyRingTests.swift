import AccessSigning
import HTTPWire
import Testing

@Suite struct AccessKeyRingTests {
    private let edge = AccessKey(id: "EDGE", secret: "edge-secret", role: .edge, edgeId: "e1")
    private let admin = AccessKey(id: "ADMIN", secret: "admin-secret", role: .admin)
    private let now: Int64 = 1_795_000_000

    private func signed(by key: AccessKey, region: String = "r1") -> SigV4Request {
        let credentials = SigV4Credentials(
            accessKeyId: key.id, secretAccessKey: key.secret, region: region, service: "weir")
        var request = SigV4Request(method: "GET", path: "/a", headers: [(name: "host", value: "origin.test")])
        request.headers += SigV4.sign(
            request, credentials: credentials, payloadHash: SigV4.emptyPayloadHash, epochSeconds: now)
        return request
    }

    private func signer(
        of request: SigV4Request, in ring: AccessKeyRing, regions: [String] = ["r1"]
    ) throws(SigV4Error) -> AccessKeyRing.Signature {
        try ring.signature(
            of: request, payload: .hash(SigV4.emptyPayloadHash), regions: regions, service: "weir",
            nowEpochSeconds: now)
    }

    @Test func `a ring says whose signature a request carries`() throws {
        let ring = AccessKeyRing([admin, edge])
        #expect(try signer(of: signed(by: edge), in: ring).key == edge)
        #expect(try signer(of: signed(by: admin), in: ring).key == admin)
        #expect(try !signer(of: signed(by: admin), in: ring).isPresigned)
        #expect(throws: SigV4Error.unknownAccessKey) { try signer(of: signed(by: edge), in: AccessKeyRing([admin])) }
        let forged = AccessKey(id: "EDGE", secret: "guess", role: .edge)
        #expect(throws: SigV4Error.signatureMismatch) { try signer(of: signed(by: forged), in: ring) }
    }

    @Test func `a signature in the URL is known as one`() throws {
        let credentials = SigV4Credentials(
            accessKeyId: admin.id, secretAccessKey: admin.secret, region: "r1", service: "weir")
        var request = SigV4Request(method: "GET", path: "/a", headers: [(name: "host", value: "origin.test")])
        request.query = SigV4.presign(request, credentials: credentials, epochSeconds: now, expirySeconds: 60)
        let signature = try AccessKeyRing([admin]).signature(
            of: request, payload: .declared, regions: ["r1"], service: "weir", nowEpochSeconds: now)
        #expect(signature.isPresigned && signature.key == admin)
    }

    @Test func `any of several regions will do, and of others the first is named`() throws {
        let ring = AccessKeyRing([admin])
        #expect(try signer(of: signed(by: admin, region: "r2"), in: ring, regions: ["r1", "r2"]).key == admin)
        #expect(throws: SigV4Error.wrongScope(part: "region", given: "r3", expected: "r1")) {
            try signer(of: signed(by: admin, region: "r3"), in: ring, regions: ["r1", "r2"])
        }
    }

    @Test func `keys of one role are good side by side until the old one is taken away`() throws {
        let next = AccessKey(id: "NEXT", secret: "next-secret", role: .edge, edgeId: "e1")
        let ring = AccessKeyRing([admin, edge])
        ring.replace(with: [admin, edge, next])
        #expect(try signer(of: signed(by: edge), in: ring).key == edge)
        #expect(try signer(of: signed(by: next), in: ring).key == next)
        ring.replace(with: [admin, next])
        #expect(throws: SigV4Error.unknownAccessKey) { try signer(of: signed(by: edge), in: ring) }
        #expect(try signer(of: signed(by: next), in: ring).key == next)
    }

    @Test func `the first key of a role is the one that signs`() {
        let second = AccessKey(id: "SECOND", secret: "s", role: .admin)
        let ring = AccessKeyRing([edge, admin, second])
        #expect(ring.credentials(of: .admin, region: "r", service: "s3")?.accessKeyId == "ADMIN")
        ring.replace(with: [edge, second])
        #expect(ring.credentials(of: .admin, region: "r", service: "s3")?.accessKeyId == "SECOND")
        #expect(ring.credentials(of: .worker, region: "r", service: "s3") == nil)
    }
}
