import EventLoop
import Glibc
import TestKit
import Testing

/// A connected pair over the loopback interface, made without a loop.
final class Connection {
    let listener: Socket
    let client: Socket
    let server: Socket
    let peer: SocketAddress

    init(listening text: String = "127.0.0.1:0") async throws {
        listener = try Socket.listen(on: try #require(SocketAddress(text)))
        let (client, progress) = try Socket.connect(to: try #require(listener.localAddress))
        self.client = client
        var accepted: (Socket, SocketAddress)?
        _ = await eventually { [listener] in
            if case .accepted(let socket, let peer) = listener.accept() { accepted = (socket, peer) }
            return accepted != nil
        }
        (server, peer) = try #require(accepted)
        #expect(progress == .connected || client.pendingError() == 0)
    }

    func close() {
        listener.close()
        client.close()
        server.close()
    }
}

extension Socket {
    func readOnce(_ limit: Int = 100) -> IOResult {
        var buffer = [UInt8](repeating: 0, count: limit)
        return buffer.withUnsafeMutableBytes { read(into: $0) }
    }

    func readText(_ limit: Int = 100) async -> String {
        var buffer = [UInt8](repeating: 0, count: limit)
        var result = IOResult.wouldBlock
        _ = await eventually {
            result = buffer.withUnsafeMutableBytes { read(into: $0) }
            return result != .wouldBlock
        }
        guard case .bytes(let count) = result else { return "\(result)" }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    func writeText(_ text: String) -> IOResult {
        Array(text.utf8).withUnsafeBytes { write($0) }
    }
}

struct SocketTests {
    @Test(arguments: ["127.0.0.1:0", "[::1]:0"])
    func `a connection carries bytes and knows its addresses`(address: String) async throws {
        let connection = try await Connection(listening: address)
        defer { connection.close() }
        #expect(connection.peer == connection.client.localAddress)
        #expect(connection.client.peerAddress == connection.listener.localAddress)
        #expect(connection.server.readOnce() == .wouldBlock)
        #expect(connection.client.writeText("hello") == .bytes(5))
        #expect(await connection.server.readText() == "hello")
    }

    @Test func `several pieces arrive in order from one write`() async throws {
        let connection = try await Connection()
        defer { connection.close() }
        let head = Array("head ".utf8)
        let body = Array("body ".utf8)
        let pair = head.withUnsafeBytes { first in body.withUnsafeBytes { connection.client.write(first, $0) } }
        #expect(pair == .bytes(10))
        #expect(await connection.server.readText() == "head body ")
        let vector = head.withUnsafeBytes { first in
            body.withUnsafeBytes { second in
                let empty = UnsafeRawBufferPointer(start: nil, count: 0)
                return [first, empty, second, first].withUnsafeBufferPointer { connection.client.write(gathering: $0) }
            }
        }
        #expect(vector == .bytes(15))
        #expect(await connection.server.readText() == "head body head ")
    }

    @Test func `a full socket would block and takes more once it is read`() async throws {
        let connection = try await Connection()
        defer { connection.close() }
        let bytes = [UInt8](repeating: 7, count: 1 << 20)
        var written = 0
        while case .bytes(let count) = bytes.withUnsafeBytes({ connection.client.write($0) }) { written += count }
        #expect(bytes.withUnsafeBytes { connection.client.write($0) } == .wouldBlock)
        var received = 0
        while received < written, await eventually({ connection.server.hasBytes }) {
            if case .bytes(let count) = connection.server.readOnce(1 << 20) { received += count }
        }
        #expect(received == written)
        #expect(await eventually { connection.client.writeText("x") == .bytes(1) })
    }

    @Test func `ends of streams and broken peers are results, not signals`() async throws {
        let connection = try await Connection()
        defer { connection.listener.close() }
        connection.client.shutdownWrite()
        #expect(await connection.server.readText() == "closed")
        #expect(connection.server.writeText("still open") == .bytes(10))
        #expect(await connection.client.readText() == "still open")
        connection.client.closeWithReset()
        #expect(await eventually { connection.server.writeText("x") == .closed })
        #expect(connection.server.writeText("x") == .closed)
        connection.server.close()
    }

    @Test func `a refused connect is told by the pending error or at once`() async throws {
        let probe = try Socket.listen(on: .loopback(port: 0), reusePort: false)
        let address = try #require(probe.localAddress)
        probe.close()
        do {
            let (socket, _) = try Socket.connect(to: address)
            defer { socket.close() }
            #expect(await eventually { socket.pendingError() == ECONNREFUSED })
        } catch {
            #expect(error.code == ECONNREFUSED)
            #expect(error.description == "connect to \(address): Connection refused")
        }
    }

    @Test func `a port is shared when both ask for it, and refused by name when one does not`() throws {
        let first = try Socket.listen(on: .loopback(port: 0))
        defer { first.close() }
        let address = try #require(first.localAddress)
        let second = try Socket.listen(on: address)
        second.close()
        let error = #expect(throws: SystemError.self) { try Socket.listen(on: address, reusePort: false) }
        #expect(error?.description == "bind \(address): Address already in use")
    }
}

extension Socket {
    var hasBytes: Bool {
        var one: UInt8 = 0
        return recv(descriptor, &one, 1, Int32(MSG_PEEK)) == 1
    }
}
