import Glibc
import Testing

@testable import Edge

@Suite struct MalformedRequestTests {
    /// Sends bytes as they are and reads until the edge closes.
    private func exchange(_ text: String, port: UInt16) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Unexpected(what: "no socket") }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Unexpected(what: "no connection") }
        var text = text
        text.withUTF8 { _ = send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        var received: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &block, block.count, 0)
            guard count > 0 else { return String(decoding: received, as: UTF8.self) }
            received += block[..<count]
        }
    }

    @Test(arguments: [
        ("GET /api/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na", "400"),
        ("POST /api/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", "400"),
        ("GET /api/a HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", "400"),
        ("GET /api/a HTTP/1.1\nHost: h\n\n", "400"),
        ("GET /api/a HTTP/1.1\r\nHost: h\r\nX : a\r\n\r\n", "400"),
        ("GET /api/a HTTP/1.1\r\nHost: h\r\nX: a\u{0}b\r\n\r\n", "400"),
        ("GET /api/a HTTP/1.1\r\n\r\n", "400"), ("GET /api/a HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", "400"),
        ("GET /api/\(String(repeating: "a", count: 8200)) HTTP/1.1\r\nHost: h\r\n\r\n", "414"),
        ("GET /api/a HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "a", count: 21_000))\r\n\r\n", "431"),
        ("GET /api/a HTTP/2.0\r\nHost: h\r\n\r\n", "505"),
    ])
    func `malformed HTTP is refused, the connection closed, and the origin hears nothing`(
        request: String, status: String
    ) async throws {
        try await withWorld { world in
            let answer = try exchange(request + "GET /api/smuggled HTTP/1.1\r\nHost: h\r\n\r\n", port: world.edgePort)
            #expect(answer.hasPrefix("HTTP/1.1 \(status)"))
            #expect(answer.components(of: "HTTP/1.1 ") == 1)
            #expect(world.origin.total == 0)
        }
    }

    @Test func `a body on a request for stored content is refused`() async throws {
        try await withWorld { world in
            let answer = try exchange(
                "GET /open/a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody",
                port: world.edgePort)
            #expect(answer.hasPrefix("HTTP/1.1 400"))
            #expect(world.origin.total == 0)
        }
    }
}

extension String {
    fileprivate func components(of separator: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
