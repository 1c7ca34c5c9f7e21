import Crypto
import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import TLS
import TestKit
import Testing

/// Client and server over TLS.
@Suite struct SecureTests {
    private func upstream(route: @escaping AsyncRoute) throws -> (Upstream, certificate: [UInt8]) {
        let (certificate, key) = try SelfSignedCertificate.make(hosts: ["localhost", "127.0.0.1"])
        let context = try TLSServerContext(certificatePEM: certificate, keyPEM: key)
        return (try Upstream(tls: context, route: route), [UInt8](certificate.utf8))
    }

    private func request(_ upstream: Upstream, trust: TLSClientContext.Trust, _ body: ClientRequest.Body = .none) throws
        -> ClientRequest
    {
        let endpoint = Endpoint(
            host: "127.0.0.1", port: upstream.address.port, tls: try TLSClientContext(trust: trust))
        return ClientRequest(endpoint: endpoint, method: .put, target: "/", body: body)
    }

    @Test func `bodies of many records go both ways over one connection`() async throws {
        let (upstream, certificate) = try upstream { request in
            do {
                let bytes = try await request.body.collect(upTo: 1 << 24)
                return Response(status: request.isTLS ? .ok : .forbidden, body: .bytes(bytes))
            } catch {
                return .text(.badRequest, "\(error)")
            }
        }
        try await withClient(TestClient()) { client in
            var request = try request(upstream, trust: .pem(certificate))
            for size in [0, 1, 1_000, 16_384, 100_000, 3_000_001] {
                let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
                request.body = .bytes(bytes)
                let response = try await client.send(request)
                #expect(response.status == .ok)
                #expect(try await response.body.collect(upTo: 1 << 24) == bytes)
            }
            #expect(upstream.connections == 1)
        }
        await upstream.stop()
    }

    @Test func `a slow reader over TLS gets every byte`() async throws {
        let (upstream, certificate) = try upstream { _ in
            Response(
                status: .ok,
                body: .stream(length: 200 * 70_000) { writer in
                    for index in 0..<200 {
                        try await writer.write([UInt8](repeating: UInt8(truncatingIfNeeded: index), count: 70_000))
                    }
                })
        }
        try await withClient(TestClient()) { client in
            let response = try await client.send(try request(upstream, trust: .pem(certificate)))
            var all: [UInt8] = []
            for try await chunk in response.body {
                all += chunk
                if all.count % 3 == 0 { try await client.loop.sleep(for: .microseconds(200)) }
            }
            #expect(all.count == 200 * 70_000)
            #expect((0..<200).allSatisfy { all[$0 * 70_000] == UInt8(truncatingIfNeeded: $0) })
        }
        await upstream.stop()
    }

    @Test func `a certificate nobody trusts is a TLS error that names the server`() async throws {
        let (upstream, _) = try upstream { _ in .text(.ok, "secret") }
        try await withClient(TestClient()) { client in
            let error = try #require(await failure(of: client, try request(upstream, trust: .system)))
            #expect(error.kind == .tls)
            #expect(error.message.contains("127.0.0.1:\(upstream.address.port)"))
        }
        await upstream.stop()
    }

    @Test func `plain text to a TLS port is not answered`() async throws {
        let (upstream, _) = try upstream { _ in .text(.ok, "secret") }
        let connection = try RawConnection(to: upstream.address)
        connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(!connection.receiveAll().contains("HTTP/1.1 200"))
        await upstream.stop()
    }
}
