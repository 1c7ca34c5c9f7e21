import Crypto
import TLS
import TestKit
import Testing

struct TLSSessionTests {
    private let certificate: (certificatePEM: String, keyPEM: String)

    init() throws {
        certificate = try SelfSignedCertificate.make(hosts: ["edge.test", "*.wild.test", "127.0.0.1", "::1"])
    }

    private func serverContext(
        protocols: [String] = ["http/1.1"], versions: ClosedRange<TLSVersion> = .tls12 ... .tls13
    ) throws -> TLSServerContext {
        try TLSServerContext(
            certificatePEM: certificate.certificatePEM, keyPEM: certificate.keyPEM, protocols: protocols,
            versions: versions)
    }

    private func clientContext(
        trusting pem: String? = nil, protocols: [String] = ["http/1.1"],
        versions: ClosedRange<TLSVersion> = .tls12 ... .tls13
    ) throws -> TLSClientContext {
        let pem = Array((pem ?? certificate.certificatePEM).utf8)
        return try TLSClientContext(trust: .pem(pem), protocols: protocols, versions: versions)
    }

    private func expectRefusal(_ handshake: TLSHandshake, containing text: String, at line: Int = #line) {
        guard case .failed(let error) = handshake else {
            Issue.record("expected a refusal, got \(handshake)")
            return
        }
        #expect(error.description.contains(text))
    }

    // MARK: Handshakes

    @Test(arguments: [(TLSVersion.tls12, "TLSv1.2"), (.tls13, "TLSv1.3")])
    func `a handshake agrees on version, protocol and name, and bytes pass both ways`(
        version: TLSVersion, name: String
    ) throws {
        let pair = try TLSPair(
            server: serverContext(versions: version...version), client: clientContext(), host: "edge.test")
        let result = pair.handshake()
        #expect(result.server == .complete)
        #expect(result.client == .complete)
        #expect(pair.server.version == name)
        #expect(pair.client.cipher == pair.server.cipher)
        #expect(pair.server.serverName == "edge.test")
        #expect(pair.server.applicationProtocol == "http/1.1")
        #expect(pair.client.applicationProtocol == "http/1.1")
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(TLSPair.send(bytes, from: pair.client, to: pair.server) == bytes)
        #expect(TLSPair.send(bytes, from: pair.server, to: pair.client) == bytes)
    }

    @Test(arguments: ["edge.test", "EDGE.test", "edge.test.", "a.wild.test", "127.0.0.1", "::1", "[::1]"])
    func `a certificate is accepted for each of its names`(host: String) throws {
        let pair = try TLSPair(server: serverContext(), client: clientContext(), host: host)
        #expect(pair.handshake().client == .complete)
    }

    @Test(arguments: ["other.test", "edge.test.evil", "a.b.wild.test", "wild.test", "127.0.0.2", "::2"])
    func `a wrong host is refused by the client`(host: String) throws {
        let pair = try TLSPair(server: serverContext(), client: clientContext(), host: host)
        expectRefusal(pair.handshake().client, containing: "mismatch")
    }

    @Test func `an unknown authority is refused, unless the client trusts anyone`() throws {
        let stranger = try SelfSignedCertificate.make(hosts: ["edge.test"]).certificatePEM
        let refused = try TLSPair(server: serverContext(), client: clientContext(trusting: stranger), host: "edge.test")
        expectRefusal(refused.handshake().client, containing: "certificate verify failed")
        let system = try TLSPair(server: serverContext(), client: TLSClientContext(), host: "edge.test")
        expectRefusal(system.handshake().client, containing: "self-signed certificate")
        let anyone = try TLSPair(server: serverContext(), client: TLSClientContext(trust: .none), host: "no.matter")
        #expect(anyone.handshake().client == .complete)
    }

    @Test func `peers without a common version or protocol part`() throws {
        let versions = try TLSPair(
            server: serverContext(versions: .tls13 ... .tls13), client: clientContext(versions: .tls12 ... .tls12),
            host: "edge.test")
        expectRefusal(versions.handshake().server, containing: "unsupported protocol")
        let protocols = try TLSPair(
            server: serverContext(), client: clientContext(protocols: ["h2"]), host: "edge.test")
        expectRefusal(protocols.handshake().server, containing: "no application protocol")
    }

    @Test func `the server's order of protocols wins, and a client without any is served`() throws {
        let server = try serverContext(protocols: ["h2", "http/1.1"])
        let both = try TLSPair(server: server, client: clientContext(protocols: ["http/1.1", "h2"]), host: "edge.test")
        _ = both.handshake()
        #expect(both.client.applicationProtocol == "h2")
        let silent = try TLSPair(server: server, client: clientContext(protocols: []), host: "edge.test")
        #expect(silent.handshake().server == .complete)
        #expect(silent.server.applicationProtocol == nil)
    }

    @Test func `plain HTTP on a TLS port fails the handshake`() throws {
        let server = try serverContext()
        let pair = try TLSPair(server: server, client: clientContext(), host: "edge.test")
        let request = Array("GET / HTTP/1.1\r\nHost: edge.test\r\n\r\n".utf8)
        pair.sendRaw(request)
        expectRefusal(pair.server.handshake(), containing: "http request")
    }

    // MARK: Ends

    @Test func `a closing alert is told apart from a broken connection`() throws {
        let clean = try TLSPair(server: serverContext(), client: clientContext(), host: "edge.test")
        _ = clean.handshake()
        #expect(clean.server.writeOnce("end") == .bytes(3))
        #expect(clean.server.shutdown() == .bytes(0))
        #expect(clean.client.readOnce() == .bytes(3))
        #expect(clean.client.readOnce() == .closed)
        #expect(clean.client.wasClosedCleanly)

        let broken = try TLSPair(server: serverContext(), client: clientContext(), host: "edge.test")
        _ = broken.handshake()
        broken.closeServer()
        #expect(broken.client.readOnce() == .closed)
        #expect(!broken.client.wasClosedCleanly)
        #expect(broken.client.readOnce() == .closed)
    }

    @Test func `writing to a peer that is gone is a result, not a signal`() throws {
        let pair = try TLSPair(server: serverContext(), client: clientContext(), host: "edge.test")
        _ = pair.handshake()
        pair.closeClient()
        var last = TLSResult.bytes(0)
        for _ in 0..<3 { last = pair.server.writeOnce("anyone there?") }
        #expect(last == .closed)
    }

    @Test func `nothing to read and no room to write are results`() throws {
        let pair = try TLSPair(server: serverContext(), client: clientContext(), host: "edge.test")
        _ = pair.handshake()
        _ = pair.client.readOnce()
        #expect(pair.client.readOnce() == .wantRead)
        let bytes = [UInt8](repeating: 1, count: 1_000_000)
        var result = TLSResult.bytes(0)
        while case .bytes = result { result = bytes.withUnsafeBytes { pair.server.write($0) } }
        #expect(result == .wantWrite)
    }

    @Test func `bytes left inside the session are announced`() throws {
        let pair = try TLSPair(server: serverContext(), client: clientContext(), host: "edge.test")
        _ = pair.handshake()
        #expect(pair.server.writeOnce(String(repeating: "x", count: 150)) == .bytes(150))
        #expect(pair.client.readOnce() == .bytes(100))
        #expect(pair.client.hasBufferedBytes)
        #expect(pair.client.readOnce() == .bytes(50))
        #expect(!pair.client.hasBufferedBytes)
    }

    // MARK: Contexts

    @Test func `contexts are read from files`() throws {
        let directory = TemporaryDirectory()
        try directory.write(certificate.certificatePEM, to: "cert.pem")
        try directory.write(certificate.keyPEM, to: "key.pem")
        let files = try TLSCertificate(chainFile: directory.file("cert.pem"), keyFile: directory.file("key.pem"))
        let server = try TLSServerContext(certificates: [files])
        let client = try TLSClientContext(trust: .file(directory.file("cert.pem")))
        let pair = try TLSPair(server: server, client: client, host: "edge.test")
        #expect(pair.handshake().client == .complete)
    }

    @Test func `a missing file, broken PEM or a key of another certificate is named in the error`() throws {
        let other = try SelfSignedCertificate.make(hosts: ["other.test"])
        let missing = #expect(throws: TLSError.self) {
            try TLSCertificate(chainFile: "/nowhere/cert.pem", keyFile: "/nowhere/key.pem")
        }
        #expect(missing?.description == "cannot read /nowhere/cert.pem: No such file or directory")
        let broken = #expect(throws: TLSError.self) {
            try TLSServerContext(certificatePEM: "rubbish", keyPEM: certificate.keyPEM)
        }
        #expect(broken?.description.contains("read a certificate") == true)
        let noKey = #expect(throws: TLSError.self) {
            try TLSServerContext(certificatePEM: certificate.certificatePEM, keyPEM: certificate.certificatePEM)
        }
        #expect(noKey?.description.contains("read a private key") == true)
        let mismatch = #expect(throws: TLSError.self) {
            try TLSServerContext(certificatePEM: certificate.certificatePEM, keyPEM: other.keyPEM)
        }
        #expect(mismatch?.description.contains("key values mismatch") == true)
    }

    @Test func `a truncated second certificate in a chain is refused`() throws {
        let chain = certificate.certificatePEM + certificate.certificatePEM.dropLast(60)
        #expect(throws: TLSError.self) {
            try TLSServerContext(certificatePEM: chain, keyPEM: certificate.keyPEM)
        }
    }

    @Test func `an empty host name or one with NUL is refused before connecting`() throws {
        let server = try serverContext()
        for host in ["", "edge.test\u{0}.evil"] {
            #expect(throws: TLSError.self) { try TLSPair(server: server, client: clientContext(), host: host) }
        }
    }
}
