import Crypto
import EventLoop
import HTTPClient
import HTTPServer
import TLS
import TestKit
import Testing

/// A stranger on the way can end a TCP connection, but cannot say so in TLS.
@Suite struct TLSTruncationTests {
    /// Answers one request with a body that ends with the connection; true sends TLS's closing alert before.
    private func serve(_ listener: Socket, _ context: TLSServerContext, saysGoodbye: Bool) throws {
        var accepted: Socket?
        while accepted == nil {
            if case .accepted(let socket, _) = listener.accept() { accepted = socket }
        }
        guard let socket = accepted else { return }
        defer { socket.close() }
        let session = try context.makeSession(descriptor: socket.descriptor)
        while session.handshake() != .complete {}
        var request: [UInt8] = []
        try withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            while !request.suffix(4).elementsEqual("\r\n\r\n".utf8) {
                switch session.read(into: buffer) {
                case .bytes(let count): request += buffer[..<count]
                case .wantRead, .wantWrite: continue
                case .closed: return
                case .failed(let error): throw error
                }
            }
        }
        let response = Array("HTTP/1.1 200 OK\r\n\r\nhalf a body".utf8)
        response.withUnsafeBytes { _ = session.write($0) }
        if saysGoodbye {
            _ = session.shutdown()
        }
    }

    private func outcome(saysGoodbye: Bool) async throws -> ClientError? {
        let (certificate, key) = try SelfSignedCertificate.make(hosts: ["127.0.0.1"])
        let context = try TLSServerContext(certificatePEM: certificate, keyPEM: key)
        let listener = try Socket.listen(on: .loopback(port: 0), reusePort: false)
        defer { listener.close() }
        let port = try #require(listener.localAddress).port
        let pool = try BlockingPool(name: "server", threads: 1, queueLimit: 1)
        async let served: Void = pool.run { try serve(listener, context, saysGoodbye: saysGoodbye) }
        let trust = TLSClientContext.Trust.pem([UInt8](certificate.utf8))
        let endpoint = Endpoint(host: "127.0.0.1", port: port, tls: try TLSClientContext(trust: trust))
        let error = try await withClient(TestClient()) {
            await failure(of: $0, ClientRequest(endpoint: endpoint, target: "/"))
        }
        try await served
        return error
    }

    @Test func `a body that ends with TLS's goodbye is complete`() async throws {
        #expect(try await outcome(saysGoodbye: true) == nil)
    }

    @Test func `a body that ends without it is truncated`() async throws {
        #expect(try await outcome(saysGoodbye: false)?.kind == .truncated)
    }
}
