import Crypto
import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import TLS
import TestKit
import Testing

/// Connections after the first skip the certificate, but only where the first one has seen it.
@Suite struct SessionReuseTests {
    private let upstream: Upstream
    private let authority: [UInt8]

    init() throws {
        let (certificate, key) = try SelfSignedCertificate.make(hosts: ["localhost", "127.0.0.1", "edge.test"])
        let context = try TLSServerContext(certificatePEM: certificate, keyPEM: key)
        upstream = try Upstream(tls: context) { _ in .text(.ok, "fine") }
        authority = [UInt8](certificate.utf8)
    }

    /// A client that makes a connection for every request.
    private func client(_ change: (inout HTTPClientConfiguration) -> Void = { _ in }) throws -> TestClient {
        try TestClient {
            $0.maxRequestsPerConnection = 1
            change(&$0)
        }
    }

    private func request(_ context: TLSClientContext, as name: String? = nil) -> ClientRequest {
        var endpoint = Endpoint(host: "127.0.0.1", port: upstream.address.port, tls: context)
        endpoint.serverName = name
        return ClientRequest(endpoint: endpoint, target: "/")
    }

    private func trusting() throws -> TLSClientContext { try TLSClientContext(trust: .pem(authority)) }

    private func handshakes(_ kind: String, of client: TestClient) -> Int {
        client.metric(#"weir_http_client_tls_handshakes_total{kind="\#(kind)"}"#)
    }

    /// Sends the requests one after the other and returns how many handshakes were full and how many resumed.
    private func handshakes(of client: TestClient, _ requests: [ClientRequest]) async throws -> (
        full: Int, resumed: Int
    ) {
        let counts = try await withClient(client) { sender in
            for request in requests { try await expectText("fine", of: sender, request) }
            return (handshakes("full", of: client), handshakes("resumed", of: client))
        }
        await upstream.stop()
        return counts
    }

    @Test func `every connection after the first resumes its session`() async throws {
        let context = try trusting()
        let counts = try await handshakes(of: client(), [request(context), request(context), request(context)])
        #expect(counts == (1, 2))
    }

    @Test func `a session does not stand for another name`() async throws {
        let context = try trusting()
        let requests = [request(context), request(context, as: "localhost"), request(context, as: "edge.test")]
        let counts = try await handshakes(of: client(), requests)
        #expect(counts == (3, 0))
    }

    @Test func `a session does not stand for other trust`() async throws {
        let (strict, lax) = (try trusting(), try TLSClientContext(trust: .none))
        let counts = try await handshakes(of: client(), [request(lax), request(strict), request(lax), request(strict)])
        #expect(counts == (2, 2))
    }

    @Test func `a session made without verification opens nothing that asks for it`() async throws {
        let client = try client()
        try await withClient(client) { sender in
            try await expectText("fine", of: sender, request(try TLSClientContext(trust: .none)))
            let error = await failure(of: sender, request(try TLSClientContext(trust: .system)))
            #expect(error?.kind == .tls)
        }
        await upstream.stop()
    }

    @Test func `a certificate is looked at again after a while, however often its session was resumed`() async throws {
        let request = request(try trusting())
        let client = try client { $0.maxTLSSessionAge = .milliseconds(300) }
        try await withClient(client) { sender in
            var sent = 0
            while handshakes("full", of: client) < 2, sent < 10_000 {
                try await expectText("fine", of: sender, request)
                sent += 1
            }
            #expect(handshakes("full", of: client) == 2 && handshakes("resumed", of: client) == sent - 2)
            #expect(sent > 2)
        }
        await upstream.stop()
    }

    @Test func `at the limit the oldest session gives way`() async throws {
        let context = try trusting()
        let (one, two) = (request(context), request(context, as: "localhost"))
        let counts = try await handshakes(of: client { $0.maxTLSSessions = 1 }, [one, two, two, one])
        #expect(counts == (3, 1))
    }
}
