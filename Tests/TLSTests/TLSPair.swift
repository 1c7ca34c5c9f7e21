import Crypto
import Glibc
import TLS
import TestKit

/// A client's and a server's session at the two ends of a socket pair, driven in turn by one thread.
final class TLSPair {
    let server: TLSSession
    let client: TLSSession
    private var descriptors: (server: Int32, client: Int32)

    struct Failure: Error {}

    init(
        server context: TLSServerContext, client clientContext: TLSClientContext, host: String,
        output: TLSOutput = TLSOutput(), sendBuffer: Int32? = nil, resuming: TLSResumption? = nil
    ) throws {
        var pair: [Int32] = [0, 0]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { throw Failure() }
        descriptors = (pair[0], pair[1])
        if var size = sendBuffer {
            setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        server = try context.makeSession(descriptor: pair[0], output: output)
        client = try clientContext.makeSession(descriptor: pair[1], host: host, resuming: resuming)
    }

    /// A pair after its handshake, the client's tickets taken.
    static func connected(output: TLSOutput = TLSOutput(), sendBuffer: Int32? = nil) throws -> TLSPair {
        let certificate = try SelfSignedCertificate.make(hosts: ["edge.test"])
        let context = try TLSServerContext(
            certificatePEM: certificate.certificatePEM, keyPEM: certificate.keyPEM)
        let pair = try TLSPair(
            server: context, client: TLSClientContext(trust: .none), host: "edge.test", output: output,
            sendBuffer: sendBuffer)
        guard pair.handshake() == (.complete, .complete) else { throw Failure() }
        _ = pair.client.readOnce()
        return pair
    }

    deinit {
        closeServer()
        closeClient()
    }

    func closeServer() {
        if descriptors.server >= 0 { close(descriptors.server) }
        descriptors.server = -1
    }

    func closeClient() {
        if descriptors.client >= 0 { close(descriptors.client) }
        descriptors.client = -1
    }

    /// Sends bytes to the server without TLS.
    func sendRaw(_ bytes: [UInt8]) {
        _ = write(descriptors.client, bytes, bytes.count)
    }

    /// What waits in the client's socket, without taking it.
    func peekAtClient(upTo limit: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptors.client, &bytes, limit, Int32(MSG_PEEK))
        return Array(bytes[..<max(0, count)])
    }

    /// Runs both handshakes until neither can go on.
    func handshake() -> (server: TLSHandshake, client: TLSHandshake) {
        var server = TLSHandshake.wantRead
        var client = TLSHandshake.wantWrite
        for _ in 0..<20 {
            if !client.isSettled { client = self.client.handshake() }
            if !server.isSettled { server = self.server.handshake() }
        }
        return (server, client)
    }

    /// Sends `bytes` from one session to the other, reading whenever the socket is full.
    static func send(_ bytes: [UInt8], from sender: TLSSession, to receiver: TLSSession) -> [UInt8] {
        var received: [UInt8] = []
        var sent = 0
        var buffer = [UInt8](repeating: 0, count: 10_000)
        while received.count < bytes.count {
            let written = bytes[sent...].withUnsafeBytes { sender.write($0) }
            if case .bytes(let count) = written { sent += count }
            while case .bytes(let count) = buffer.withUnsafeMutableBytes({ receiver.read(into: $0) }) {
                received += buffer[..<count]
            }
            switch written {
            case .failed, .closed: return received
            case .bytes, .wantRead, .wantWrite: break
            }
        }
        return received
    }
}

extension TLSHandshake {
    var isSettled: Bool {
        switch self {
        case .wantRead, .wantWrite: false
        case .complete, .closed, .failed: true
        }
    }
}

extension TLSSession {
    func readOnce() -> TLSResult {
        var buffer = [UInt8](repeating: 0, count: 100)
        return buffer.withUnsafeMutableBytes { read(into: $0) }
    }

    func writeOnce(_ text: String) -> TLSResult {
        Array(text.utf8).withUnsafeBytes { write($0) }
    }
}

extension TemporaryDirectory {
    func write(_ text: String, to name: String) throws {
        guard let stream = fopen(file(name), "w") else { throw TLSPair.Failure() }
        fputs(text, stream)
        fclose(stream)
    }
}
