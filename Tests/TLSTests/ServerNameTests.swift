import Crypto
import TLS
import Testing

/// Which certificate a server presents, by the name its client asks for.
struct ServerNameTests {
    private let server: TLSServerContext
    private let certificates: [String]

    init() throws {
        let hosts = [["default.test"], ["edge.test", "*.wild.test"], ["exact.wild.test", "edge.test"]]
        let made = try hosts.map { try SelfSignedCertificate.make(hosts: $0) }
        certificates = made.map(\.certificatePEM)
        server = try TLSServerContext(
            certificates: made.enumerated().map { index, pair in
                TLSCertificate(
                    chain: .init(Array(pair.certificatePEM.utf8), named: "cert\(index).pem"),
                    key: .init(Array(pair.keyPEM.utf8), named: "key\(index).pem"))
            })
    }

    /// Which of the certificates a client that trusts only that one gets along with.
    private func presented(for host: String) throws -> [Int] {
        try certificates.indices.filter { index in
            let client = try TLSClientContext(trust: .pem(Array(certificates[index].utf8)))
            let result = try TLSPair(server: server, client: client, host: host).handshake().client
            if case .failed(let error) = result {
                // The right certificate with other names is told apart from a foreign one.
                return error.description.contains("mismatch")
            }
            return result == .complete
        }
    }

    @Test(arguments: [
        ("default.test", 0), ("edge.test", 1), ("EDGE.test", 1), ("edge.test.", 1), ("a.wild.test", 1),
        ("exact.wild.test", 2), ("a.b.wild.test", 0), ("wild.test", 0), ("unknown.test", 0),
    ])
    func `an exact name comes before a wildcard, the first certificate before later ones and all others`(
        host: String, index: Int
    ) throws {
        #expect(try presented(for: host) == [index])
    }

    @Test func `a client without a server name gets the default certificate`() throws {
        #expect(try presented(for: "127.0.0.1") == [0])
    }

    @Test func `names and ends of certificates are told`() {
        #expect(server.certificates.map(\.names)[1] == ["edge.test", "*.wild.test"])
        #expect(server.certificates.map(\.source) == ["cert0.pem", "cert1.pem", "cert2.pem"])
        #expect(server.certificates.allSatisfy { $0.expiresAt > 1_700_000_000 && $0.responseExpiresAt == nil })
    }

    @Test func `rubbish is not stapled`() throws {
        let pair = try SelfSignedCertificate.make(hosts: ["edge.test"])
        let chain = Array((pair.certificatePEM + pair.certificatePEM).utf8)
        let certificate = TLSCertificate(
            chain: .init(chain, named: "chain.pem"), key: .init(Array(pair.keyPEM.utf8), named: "key.pem"),
            ocspResponse: .init([1, 2, 3], named: "edge.ocsp"))
        let error = #expect(throws: TLSError.self) { try TLSServerContext(certificates: [certificate]) }
        #expect(error?.description == "cannot staple edge.ocsp: it is not an OCSP response in DER")
        var lonely = certificate
        lonely.chain.bytes = Array(pair.certificatePEM.utf8)
        let missing = #expect(throws: TLSError.self) { try TLSServerContext(certificates: [lonely]) }
        #expect(missing?.description.contains("lacks the issuer's certificate") == true)
    }
}
