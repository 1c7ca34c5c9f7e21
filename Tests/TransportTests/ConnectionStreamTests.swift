import Crypto
import EventLoop
import Glibc
import TLS
import Testing
import Transport

struct ConnectionStreamTests {
    private struct Failure: Error {}

    private func makePair() throws -> (Socket, Socket) {
        var pair: [Int32] = [0, 0]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { throw Failure() }
        return (Socket(descriptor: pair[0]), Socket(descriptor: pair[1]))
    }

    private func makeSecurePair() throws -> (server: ConnectionStream, client: ConnectionStream) {
        let certificate = try SelfSignedCertificate.make(hosts: ["edge.test"])
        let (near, far) = try makePair()
        let serverContext = try TLSServerContext(
            certificatePEM: certificate.certificatePEM, keyPEM: certificate.keyPEM)
        let server = try serverContext.makeSession(descriptor: near.descriptor)
        let client = try TLSClientContext(trust: .none).makeSession(descriptor: far.descriptor, host: "edge.test")
        for _ in 0..<10 {
            _ = client.handshake()
            _ = server.handshake()
        }
        return (ConnectionStream(socket: near, tls: server), ConnectionStream(socket: far, tls: client))
    }

    private func read(_ stream: ConnectionStream, upTo size: Int = 100) -> (ConnectionStream.Result, [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: size)
        let result = buffer.withUnsafeMutableBytes { stream.read(into: $0) }
        if case .bytes(let count) = result { return (result, Array(buffer[..<count])) }
        return (result, [])
    }

    @Test func `two pieces arrive as one`() throws {
        let (near, far) = try makePair()
        let sender = ConnectionStream(socket: near, tls: nil)
        let receiver = ConnectionStream(socket: far, tls: nil)
        let result = Array("head".utf8).withUnsafeBytes { head in
            Array(" body".utf8).withUnsafeBytes { sender.write(head, $0) }
        }
        #expect(result == .bytes(9))
        #expect(read(receiver).1 == Array("head body".utf8))
        #expect(read(receiver).0 == .blocked)
        sender.shutdownWrite()
        #expect(read(receiver).0 == .ended)
        sender.close(reset: false)
        receiver.close(reset: false)
    }

    @Test func `the rest of a record is announced until it has been read`() throws {
        let (server, client) = try makeSecurePair()
        _ = Array("abcdef".utf8).withUnsafeBytes { client.write($0) }
        #expect(!server.hasBufferedInput)
        #expect(read(server, upTo: 4).1 == Array("abcd".utf8))
        #expect(server.hasBufferedInput)
        #expect(read(server, upTo: 4).1 == Array("ef".utf8))
        #expect(read(server).0 == .blocked)
        #expect(!server.hasBufferedInput)
        client.close(reset: false)
        #expect(read(server).0 == .ended)
        server.close(reset: false)
    }

    @Test func `a TLS stream cut without its alert is broken, not ended`() throws {
        let (server, client) = try makeSecurePair()
        server.socket.close()
        #expect(read(client).0 == .broken)
        client.close(reset: false)
    }
}
